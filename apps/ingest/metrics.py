"""Counts and ages of incoming files for Prometheus.

They are read from the tables and folders at each request, so they are the same in every process and
survive its restart.
"""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.ingest import selectors
from apps.ingest.types import StreamWait
from common.clock import now
from common.configuration import ConfigError

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
    for wait in _waits(at):
        if wait.since_last_file is not None:
            since.add_metric([wait.stream], wait.since_last_file.total_seconds())
        waiting.add_metric([wait.stream], len(wait.waiting_seconds))
        oldest.add_metric([wait.stream], max(wait.waiting_seconds, default=0.0))
        overdue.add_metric([wait.stream], float(wait.is_overdue))
    yield from (since, waiting, oldest, overdue)


def _waits(at: datetime) -> list[StreamWait]:
    """Empty while the streams are described wrongly. The counts do not depend on them."""
    try:
        return selectors.stream_waits(at)
    except ConfigError:
        return []
