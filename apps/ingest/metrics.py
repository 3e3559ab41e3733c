"""Counts and ages of incoming files for Prometheus, read from the tables and folders when asked.

They are the same whichever process answers, and survive its restart.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Max, Sum
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from apps.ingest.folder.opened_file import find_identity
from apps.ingest.folder.polling import ready_files
from apps.ingest.models import IncomingFile
from apps.ingest.selectors import find_overdue
from apps.ingest.streams import Stream, read_streams
from apps.ingest.types import StreamsConfigError
from common.clock import now

NANOSECONDS = 1_000_000_000
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
    sums = {
        name: CounterMetricFamily(f"tm_incoming_{name}", text, labels=["stream"])
        for name, text in SUMS.items()
    }
    for counted in IncomingFile.objects.values("stream", "outcome").annotate(files=Count("id")):
        files.add_metric([counted["stream"], counted["outcome"]], counted["files"])
    totals = {name: Sum(name) for name in SUMS}
    for stream, *values in IncomingFile.objects.values_list("stream").annotate(**totals):
        for family, value in zip(sums.values(), values, strict=True):
            family.add_metric([stream], value)
    yield files
    yield from sums.values()


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
    last = dict(IncomingFile.objects.values_list("stream").annotate(last=Max("finished_at")))
    for stream in _streams():
        if stream.name in last:
            since.add_metric([stream.name], (at - last[stream.name]).total_seconds())
        ages = _waiting_ages(stream, at)
        waiting.add_metric([stream.name], len(ages))
        oldest.add_metric([stream.name], max(ages, default=0.0))
        overdue.add_metric([stream.name], float(find_overdue(stream, at) is not None))
    yield from (since, waiting, oldest, overdue)


def _waiting_ages(stream: Stream, at: datetime) -> list[float]:
    """Of the files that are ready; one that goes away meanwhile waits no longer."""
    if not stream.folder.is_dir():
        return []
    found = (find_identity(path) for path in ready_files(stream, set()))
    return [at.timestamp() - each.modified_ns / NANOSECONDS for each in found if each is not None]


def _streams() -> tuple[Stream, ...]:
    """None while they are described wrongly: the counts of what came are told all the same."""
    try:
        return read_streams()
    except StreamsConfigError:
        return ()
