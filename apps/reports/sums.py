"""Adds up the counted hours by whatever a report tells apart."""

from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import ExtractHour, TruncDate

from apps.campaigns import selectors as campaigns
from apps.campaigns.types import CommunicationState, Meaning
from apps.reports.choice import Choice
from apps.reports.measures import Totals
from apps.reports.models import ReportCall, ReportTask
from common.clock import MOSCOW

TALKED = ~Q(state="")
HANDLED = TALKED & ~Q(state=CommunicationState.NEW)
SAVED = Q(state=CommunicationState.FIXED)
Found = dict[tuple[Any, ...], Totals]


def totals_by(choice: Choice, *keys: str) -> Found:
    """The sums of the chosen calls for each combination of the keys: columns of ``ReportCall``,
    ``day`` (in Moscow) or ``hour_of_day``."""
    sums = _sums()
    # named otherwise than the columns that they add up
    named = {f"sum_{name}": one for name, one in sums.items()}
    return {
        tuple(row[name] for name in keys): Totals(
            **{name: int(row[f"sum_{name}"] or 0) for name in sums}
        )
        for row in chosen_calls(choice).order_by().values(*keys).annotate(**named)
    }


def total_of(found: Found) -> Totals:
    """All of them together."""
    return sum(found.values(), Totals())


def new_tasks_by_campaign(choice: Choice) -> dict[int, int]:
    """How many tasks were made in the chosen hours. A task has no operator."""
    rows = _at_hours(ReportTask.objects.all(), choice)
    if choice.campaign_id is not None:
        rows = rows.filter(campaign_id=choice.campaign_id)
    counted = rows.order_by().values("campaign_id").annotate(number=Sum("tasks"))
    return {row["campaign_id"]: row["number"] for row in counted}


def chosen_calls(choice: Choice) -> QuerySet[ReportCall]:
    rows = _at_hours(ReportCall.objects.all(), choice)
    if choice.campaign_id is not None:
        rows = rows.filter(campaign_id=choice.campaign_id)
    if choice.operator_id is not None:
        rows = rows.filter(operator_id=choice.operator_id)
    return rows


def _at_hours(rows: QuerySet[Any], choice: Choice) -> QuerySet[Any]:
    rows = rows.filter(hour__gte=choice.period.since, hour__lt=choice.period.until).annotate(
        day=TruncDate("hour", tzinfo=MOSCOW), hour_of_day=ExtractHour("hour", tzinfo=MOSCOW)
    )
    return rows if choice.hour is None else rows.filter(hour_of_day=choice.hour)


def _sums() -> dict[str, Sum]:
    meanings = {pk: one.meaning for pk, one in campaigns.every_result().items()}
    successes = [pk for pk, meaning in meanings.items() if meaning == Meaning.SUCCESS]
    promises = [pk for pk, meaning in meanings.items() if meaning == Meaning.CALLBACK]
    promised = SAVED & Q(disposition_id__in=promises)
    return {
        "calls": Sum("calls"),
        "first_dials": Sum("calls", filter=Q(first_dial=True)),
        "first_reached": Sum("calls", filter=Q(attempt__isnull=False)),
        "conversations": Sum("calls", filter=TALKED),
        "talk_ms": Sum("talk_ms"),
        "handled": Sum("ended", filter=HANDLED),
        "handled_ms": Sum("talk_ms", filter=HANDLED),
        "after_call_ms": Sum("after_call_ms", filter=HANDLED),
        "results": Sum("calls", filter=SAVED),
        "successes": Sum("calls", filter=SAVED & Q(disposition_id__in=successes)),
        "callbacks": Sum("callbacks", filter=promised),
        "callbacks_kept": Sum("callbacks_kept", filter=promised),
        "callbacks_late": Sum("callbacks_late", filter=promised),
    }
