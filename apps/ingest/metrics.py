"""Counts and ages of incoming files for Prometheus.

They are read from the tables and folders at each request, so they are the same in every process and
survive its restart.
"""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.ingest import selectors
from common.clock import now

SUMS = {
    "rows": "Rows of files that were taken",
    "bad_rows": "Rows that broke a rule",
    "duplicates": "Rows whose snapshot was known already",
}


class IncomingFileCollector(Collector):
    """Register it once: ``REGISTRY.register(IncomingFileCollector())``."""

    def collect(self) -> Iterator[Metric]:
        yield from _counters()
        yield from _ages(now())
        yield from _faults()


def _counters() -> Iterator[Metric]:
    files = CounterMetricFamily(
        "tm_incoming_files", "Files that were taken", labels=["stream", "outcome"]
    )
    for count in selectors.count_files():
        files.add_metric([count.stream, count.outcome], count.files)
    yield files
    totals = selectors.total_rows()
    for name, text in SUMS.items():
        family = CounterMetricFamily(f"tm_incoming_{name}", text, labels=["stream"])
        for total in totals:
            family.add_metric([total.stream], getattr(total, name))
        yield family


def _ages(at: datetime) -> Iterator[Metric]:
    since = GaugeMetricFamily(
        "tm_incoming_last_file_age_seconds", "Time since the last file", labels=["stream"]
    )
    waiting = GaugeMetricFamily(
        "tm_incoming_waiting_files", "Files that are ready and not taken", labels=["stream"]
    )
    oldest = GaugeMetricFamily(
        "tm_incoming_oldest_waiting_seconds", "Age of the oldest of them", labels=["stream"]
    )
    overdue = GaugeMetricFamily(
        "tm_incoming_overdue", "No file for longer than expected-every", labels=["stream"]
    )
    for wait in selectors.stream_waits(at):
        if wait.since_last_file is not None:
            since.add_metric([wait.stream], wait.since_last_file.total_seconds())
        waiting.add_metric([wait.stream], len(wait.waiting_seconds))
        oldest.add_metric([wait.stream], max(wait.waiting_seconds, default=0.0))
        overdue.add_metric([wait.stream], float(wait.is_overdue))
    yield from (since, waiting, oldest, overdue)


def _faults() -> Iterator[Metric]:
    wrong = GaugeMetricFamily(
        "tm_incoming_wrong_descriptions",
        "A description in streams.yaml that cannot be used",
        labels=["description"],
    )
    for key in selectors.wrong_descriptions():
        wrong.add_metric([key], 1)
    yield wrong
    unmoved = GaugeMetricFamily(
        "tm_incoming_unmoved_files",
        "Files that were taken and cannot be moved",
        labels=["stream", "outcome"],
    )
    grown = CounterMetricFamily(
        "tm_incoming_grown_files",
        "Files that grew after they were taken",
        labels=["stream", "outcome"],
    )
    for family, counts in (
        (unmoved, selectors.count_unmoved()),
        (grown, selectors.count_grown()),
    ):
        for count in counts:
            family.add_metric([count.stream, count.outcome], count.files)
        yield family
