"""What an operator has done today, and whom they have promised a call."""

from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from apps.campaigns.communications import views_of
from apps.campaigns.models import Communication
from apps.campaigns.states import CommunicationState, TaskState
from apps.campaigns.types import Meaning, OperatorDay, PromisedCall, ResultCount

LATEST_TALKS = 20
PROMISED_CALLS = 20


def day_of(operator_id: int, since: datetime) -> OperatorDay:
    """The operator's talks since this moment, the newest ``LATEST_TALKS`` of them, and the
    callbacks that wait for their time, whenever they were promised: soonest first, at most
    ``PROMISED_CALLS``."""
    own = Communication.objects.filter(operator_id=operator_id, started_at__gte=since)
    totals = own.aggregate(talks=Count("pk"), length=Sum(F("ended_at") - F("started_at")))
    return OperatorDay(
        talks=totals["talks"],
        talk_seconds=int((totals["length"] or timedelta()).total_seconds()),
        results=tuple(_results(own)),
        promised=tuple(_promised(operator_id)),
        latest=tuple(views_of(own.order_by("-started_at", "-pk")[:LATEST_TALKS])),
    )


def _results(own: QuerySet[Communication]) -> list[ResultCount]:
    """How often each result was saved, the most frequent first."""
    rows = (
        own.filter(disposition__isnull=False)
        .values_list("disposition__result")
        .annotate(number=Count("pk"))
        .order_by("-number", "disposition__result")
    )
    return [ResultCount(result, number) for result, number in rows]


def _promised(operator_id: int) -> list[PromisedCall]:
    later = Communication.objects.filter(
        campaign_task=OuterRef("campaign_task"), pk__gt=OuterRef("pk")
    )
    waits = Q(campaign_task__task_state=TaskState.NEW) | Q(campaign_task__redial_at__isnull=False)
    rows = (
        Communication.objects.filter(
            ~Exists(later),
            waits,
            operator_id=operator_id,
            state=CommunicationState.FIXED,
            disposition__meaning=Meaning.CALLBACK,
        )
        .annotate(due=Coalesce("campaign_task__redial_at", "campaign_task__task_time"))
        .order_by("due", "pk")
        .values_list("pk", "phone", "due", "campaign_task__campaign__name")
    )
    return [
        PromisedCall(id=pk, phone=phone, at=due, campaign_name=name)
        for pk, phone, due, name in rows[:PROMISED_CALLS]
    ]
