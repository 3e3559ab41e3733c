"""What the engine has to do and is doing, for Prometheus, counted in the tables when asked.

Finished rows are never counted: every number comes from a partial index, whatever lies behind it.
"""

from collections.abc import Iterator

from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.campaigns.models import Call, CampaignTask, Communication, DeferredCandidate
from apps.campaigns.ports import Dialer
from apps.campaigns.states import UNFINISHED, CommunicationState
from apps.security.selectors import signed_in_operator_ids
from common.ports import bound


class EngineCollector(Collector):
    """Unfinished tasks by campaign and state, redials, calls, conversations and operators."""

    def collect(self) -> Iterator[Metric]:
        yield _unfinished_tasks()
        yield from _waiting()
        yield from _going_on()
        yield from _operators()


def _unfinished_tasks() -> Metric:
    family = GaugeMetricFamily(
        "tm_campaign_tasks", "Unfinished campaign tasks", labels=["campaign", "state"]
    )
    open_tasks = CampaignTask.objects.filter(task_state__in=UNFINISHED)
    for row in open_tasks.values("campaign_id", "task_state").annotate(tasks=Count("pk")):
        family.add_metric([str(row["campaign_id"]), row["task_state"]], row["tasks"])
    return family


def _waiting() -> Iterator[Metric]:
    redials = CampaignTask.objects.filter(redial_at__isnull=False)
    yield GaugeMetricFamily(
        "tm_redials_waiting", "Finished tasks that are called again", redials.count()
    )
    yield GaugeMetricFamily(
        "tm_deferred_candidates",
        "Candidates that wait for a conversation's result",
        DeferredCandidate.objects.count(),
    )


def _going_on() -> Iterator[Metric]:
    calls = Call.objects.filter(ended_at__isnull=True)
    yield GaugeMetricFamily("tm_calls_going_on", "Calls that have not ended", calls.count())
    live = Communication.objects.filter(state=CommunicationState.NEW)
    awaited = live.filter(ended_at__isnull=False).count()
    yield GaugeMetricFamily("tm_results_awaited", "Ended calls without a result", awaited)


def _operators() -> Iterator[Metric]:
    dialer: Dialer = bound("CAMPAIGNS_DIALER")
    yield GaugeMetricFamily(
        "tm_operators_signed_in", "Operators with a live token", len(signed_in_operator_ids())
    )
    yield GaugeMetricFamily(
        "tm_operators_on_line", "Operators in telephony", dialer.operators_on_line()
    )
