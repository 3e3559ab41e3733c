"""Prometheus metrics of the judging: what waits, for how long, and which services are cut off."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.filters import selectors
from common.clock import now


class JudgingCollector(Collector):
    """Batches not judged by stream, waiting verdicts by service, circuit breakers."""

    def collect(self) -> Iterator[Metric]:
        backlog, at = selectors.backlog(), now()
        batches = _gauge("tm_batches_to_judge", "Batches not judged", "stream")
        applications = _gauge("tm_applications_to_judge", "Applications not judged", "stream")
        age = _gauge("tm_batches_oldest_seconds", "Age of the oldest batch", "stream")
        for one in backlog.batches:
            batches.add_metric([one.stream], one.batches)
            applications.add_metric([one.stream], one.applications)
            age.add_metric([one.stream], (at - one.oldest_at).total_seconds())
        waiting = _gauge("tm_waiting_verdicts", "Verdicts that wait for a service", "service")
        waited = _gauge("tm_waiting_verdicts_oldest_seconds", "Age of the oldest", "service")
        for row in backlog.waiting:
            waiting.add_metric([row.service], row.verdicts)
            waited.add_metric([row.service], (at - row.oldest_at).total_seconds())
        cut_off = _gauge("tm_service_cut_off", "1: the circuit breaker is open", "service")
        for service, is_open in sorted(backlog.breakers.items()):
            cut_off.add_metric([service], int(is_open))
        yield from (batches, applications, age, waiting, waited, cut_off)


def _gauge(name: str, text: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=[label])
