"""The story of a client or an application: decisions, moves of tasks, calls and results in order of
time."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.campaigns.models import (
    Call,
    Campaign,
    CampaignTask,
    Communication,
    Decision,
    TaskTransition,
)
from apps.campaigns.types import StoryEntry


def story_of(*, source_key: str = "", phone: str = "") -> list[StoryEntry]:
    """Everything that was decided and done about one application (``source_key``) or one phone,
    oldest first. One of the two arguments is given."""
    about = Q(source_key=source_key) if source_key else Q(phone=phone)
    tasks = CampaignTask.objects.filter(about)
    names = dict(Campaign.objects.values_list("pk", "name"))
    entries = [
        *_decisions(Decision.objects.filter(about), names),
        *_creations(tasks),
        *_moves(tasks),
        *_calls(tasks),
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _decisions(decisions: QuerySet[Decision], names: dict[int, str]) -> Iterable[StoryEntry]:
    for row in decisions.order_by("pk"):
        yield StoryEntry(
            at=row.wtime,
            what=f"{row.get_step_display()}: {row.rule}",
            verdict=row.get_verdict_display(),
            reason=row.reason,
            campaign=names.get(row.campaign_id or 0, ""),
        )


def _creations(tasks: QuerySet[CampaignTask]) -> Iterable[StoryEntry]:
    for task in tasks.select_related("campaign"):
        what = _("task No. %(number)d was made") % {"number": task.pk}
        yield StoryEntry(
            at=task.wtime, what=what, verdict="", reason="", campaign=task.campaign.name
        )


def _moves(tasks: QuerySet[CampaignTask]) -> Iterable[StoryEntry]:
    moves = TaskTransition.objects.filter(task__in=tasks)
    for row in moves.select_related("task__campaign", "operator").order_by("pk"):
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
        )


def _calls(tasks: QuerySet[CampaignTask]) -> Iterable[StoryEntry]:
    calls = Call.objects.filter(order__task__in=tasks)
    rows = calls.select_related("order__campaign", "communication__operator")
    for call in rows.prefetch_related("communication__versions__corrected_by"):
        campaign = call.order.campaign.name
        started_at = call.dialled_at or call.connected_at or call.wtime
        outcome = str(call.get_system_disposition_display() or _("goes on"))
        yield StoryEntry(
            at=started_at, what=_("call"), verdict=outcome, reason="", campaign=campaign
        )
        if call.communication and call.communication.fixed_at:
            yield from _results(call.communication, campaign)


def _results(communication: Communication, campaign: str) -> Iterable[StoryEntry]:
    """The result as it was first saved, and as each correction left it."""
    saved_at, why = communication.fixed_at, ""
    by = communication.operator.get_full_name()
    what = _("result of the conversation")
    versions = sorted(communication.versions.all(), key=lambda row: row.version)
    for row in versions:
        if saved_at is not None:
            yield _result(saved_at, what, row.result_details, campaign, by, why)
        saved_at, by, why = row.corrected_at, row.corrected_by.get_full_name(), row.why
        what = _("result of the conversation, corrected")
    if saved_at is not None:
        yield _result(saved_at, what, communication.result_details, campaign, by, why)


def _result(
    at: datetime, what: str, details: dict[str, str], campaign: str, by: str, why: str
) -> StoryEntry:
    told = [why, details.get("reason"), details.get("comment")]
    return StoryEntry(
        at=at,
        what=what,
        verdict=details.get("result", ""),
        reason="; ".join(filter(None, told)),
        campaign=campaign,
        operator=by,
    )
