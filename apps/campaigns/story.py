"""The story of a client or an application: decisions, moves of tasks, orders, calls and results in
order of time."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.campaigns.models import (
    Call,
    CallOrder,
    Campaign,
    CampaignTask,
    Communication,
    Decision,
    TaskTransition,
)
from apps.campaigns.types import DecisionVerdict, Step, StoryEntry
from common.clock import parse_moment

MOST_OF_A_KIND = 500  # the newest; nobody reads more, and no client of a real campaign has as many
NAMED_RULES = (Step.FILTER, Step.FORMAT_CONTROL)  # where the rule says more than the step


def story_of(*, source_key: str = "", phone: str = "") -> list[StoryEntry]:
    """What was decided and done about one application (``source_key``) or one phone, oldest first.
    One of the two arguments is given. Of a phone without the filters that were passed: they are
    many, and each application tells of its own. The newest ``MOST_OF_A_KIND`` of each kind.
    """
    about = Q(source_key=source_key) if source_key else Q(phone=phone)
    decisions = Decision.objects.filter(about)
    if phone:
        decisions = decisions.exclude(step=Step.FILTER, verdict=DecisionVerdict.PASSED)
    tasks = CampaignTask.objects.filter(about)
    names = dict(Campaign.objects.values_list("pk", "name"))
    entries = [
        *_decisions(decisions, names),
        *_creations(tasks),
        *_moves(tasks),
        *_orders(tasks),
        *_calls(tasks),
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _decisions(decisions: QuerySet[Decision], names: dict[int, str]) -> Iterable[StoryEntry]:
    for row in _newest(decisions):
        yield StoryEntry(
            at=row.wtime,
            what=row.get_step_display(),
            rule=row.rule if row.step in NAMED_RULES else "",
            verdict=row.get_verdict_display(),
            reason=row.reason,
            campaign=names.get(row.campaign_id or 0, ""),
            source_key=row.source_key,
            link=_page("decision", row.pk),
        )


def _creations(tasks: QuerySet[CampaignTask]) -> Iterable[StoryEntry]:
    for task in _newest(tasks.select_related("campaign")):
        yield StoryEntry(
            at=task.wtime,
            what=_("task No. %(number)d was made") % {"number": task.pk},
            verdict="",
            reason="",
            campaign=task.campaign.name,
            source_key=task.source_key,
            link=_page("campaigntask", task.pk),
        )


def _moves(tasks: QuerySet[CampaignTask]) -> Iterable[StoryEntry]:
    moves = TaskTransition.objects.filter(task__in=tasks)
    for row in _newest(moves.select_related("task__campaign", "operator")):
        yield StoryEntry(
            at=row.wtime,
            what=_("task No. %(number)d") % {"number": row.task_id},
            verdict=" → ".join(
                str(state)
                for state in (row.get_from_state_display(), row.get_to_state_display())
                if state
            ),
            reason=_(row.why),
            campaign=row.task.campaign.name,
            operator=row.operator.get_full_name() if row.operator else "",
            source_key=row.task.source_key,
            link=_page("campaigntask", row.task_id),
        )


def _orders(tasks: QuerySet[CampaignTask]) -> Iterable[StoryEntry]:
    orders = CallOrder.objects.filter(task__in=tasks)
    for order in _newest(orders.select_related("task", "campaign")):
        yield StoryEntry(
            at=order.handed_over_at,
            what=_("call order No. %(number)d") % {"number": order.pk},
            verdict=str(order.get_ending_display() or order.get_state_display()),
            reason="",
            campaign=order.campaign.name,
            source_key=order.task.source_key,
            link=_page("campaigntask", order.task_id),
        )


def _calls(tasks: QuerySet[CampaignTask]) -> Iterable[StoryEntry]:
    calls = Call.objects.filter(order__task__in=tasks)
    related = ("order__campaign", "order__task", "communication__operator")
    rows = calls.select_related(*related).prefetch_related("communication__versions__corrected_by")
    for call in _newest(rows):
        about: dict[str, Any] = {
            "campaign": call.order.campaign.name,
            "source_key": call.order.task.source_key,
            "link": _page("communication", call.communication_id) if call.communication else "",
        }
        yield StoryEntry(
            at=call.dialled_at or call.connected_at or call.wtime,
            what=_("call"),
            verdict=str(call.get_system_disposition_display() or _("goes on")),
            reason="",
            **about,
        )
        if call.communication and call.communication.fixed_at:
            yield from _results(call.communication, about)


def _results(talk: Communication, about: dict[str, Any]) -> Iterable[StoryEntry]:
    """The result as it was first saved, and as each correction left it."""
    saved_at, why = talk.fixed_at, ""
    by = talk.operator.get_full_name()
    what = _("result of the conversation")
    for row in sorted(talk.versions.all(), key=lambda row: row.version):
        if saved_at is not None:
            yield _result(row.result_details, at=saved_at, what=what, why=why, operator=by, **about)
        saved_at, by, why = row.corrected_at, row.corrected_by.get_full_name(), row.why
        what = _("result of the conversation, corrected")
    if saved_at is not None:
        yield _result(talk.result_details, at=saved_at, what=what, why=why, operator=by, **about)


def _result(details: dict[str, str], *, why: str, **about: Any) -> StoryEntry:
    callback_at = details.get("callback_at")
    return StoryEntry(
        verdict=details.get("result", ""),
        reason="; ".join(filter(None, (why, details.get("reason")))),
        comment=details.get("comment", ""),
        callback_at=parse_moment(callback_at) if callback_at else None,
        **about,
    )


def _newest(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by("-pk")[:MOST_OF_A_KIND]


def _page(model: str, number: int | None) -> str:
    return reverse(f"admin:campaigns_{model}_change", args=[number])
