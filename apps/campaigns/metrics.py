"""Prometheus metrics of the campaign engine, counted in the tables at every scrape."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.campaigns.selectors import items_by_kind, workload
from apps.campaigns.types import UnfinishedTasks
from apps.security.selectors import signed_in_operator_ids


class EngineCollector(Collector):
    """Unfinished tasks by campaign and state, redials, calls, conversations, operators, and what
    needs attention.
    """

    def collect(self) -> Iterator[Metric]:
        load = workload()
        yield _unfinished_tasks(load.unfinished_tasks)
        gauges = (
            (
                "tm_redials_waiting",
                "Finished tasks that are called again",
                load.redials_waiting,
            ),
            (
                "tm_deferred_candidates",
                "Candidates that wait for a conversation's result",
                load.deferred_candidates,
            ),
            ("tm_calls_going_on", "Calls that have not ended", load.calls_going_on),
            ("tm_results_awaited", "Ended calls without a result", load.results_awaited),
            (
                "tm_operators_signed_in",
                "Operators with a live token",
                len(signed_in_operator_ids()),
            ),
            ("tm_operators_on_line", "Operators in telephony", load.operators_on_line),
        )
        for name, help_text, value in gauges:
            yield GaugeMetricFamily(name, help_text, value)
        yield _attention_items()


def _attention_items() -> Metric:
    family = GaugeMetricFamily(
        "tm_attention_items", "Items that were set aside with an error", labels=["kind"]
    )
    for kind, count in items_by_kind().items():
        family.add_metric([kind.value], count)
    return family


def _unfinished_tasks(counts: tuple[UnfinishedTasks, ...]) -> Metric:
    family = GaugeMetricFamily(
        "tm_campaign_tasks", "Unfinished campaign tasks", labels=["campaign", "state"]
    )
    for count in counts:
        family.add_metric([str(count.campaign_id), count.state], count.tasks)
    return family
