"""Proves that the chain of the access log is whole, or names where it breaks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from apps.security.access_log.sealing import FIRST_SEAL, seal_of
from apps.security.models import AccessRecord

CHUNK_RECORDS = 2_000


@dataclass(frozen=True, slots=True)
class Unsealed:
    """The records that are not in the chain yet, and when the oldest of them was written."""

    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a check found. ``first_break`` says in words where the chain breaks; None: nowhere.
    ``end`` is the last good place, ``position:seal``."""

    sealed: int
    end: str
    first_break: str | None


def check_access_log(expected: str | None = None) -> ChainReport:
    """Follow the chain from its first record to the first break.

    ``expected``, an ``end`` that was noted earlier outside of the database, must be on the chain:
    without it nobody notices when the newest records are taken away, or when the whole chain is
    made anew.
    """
    position, seal, seen = 0, FIRST_SEAL, expected is None
    for record in _in_order():
        wrong = _wrong(record, position + 1, seal)
        if wrong is not None:
            return ChainReport(position, f"{position}:{seal}", wrong)
        position, seal = position + 1, record.seal or ""
        seen = seen or f"{position}:{seal}" == expected
    end = f"{position}:{seal}"
    missing = None if seen else f"{expected} is not on the chain, which ends at {end}"
    return ChainReport(position, end, missing)


def unsealed_records() -> Unsealed:
    """How long the part of the log is that no seal protects yet."""
    found = AccessRecord.objects.filter(position__isnull=True).aggregate(
        count=Count("id"), oldest_at=Min("wtime")
    )
    return Unsealed(**found)


def _in_order() -> Iterator[AccessRecord]:
    sealed = AccessRecord.objects.filter(position__isnull=False).order_by("position")
    return sealed.iterator(CHUNK_RECORDS)


def _wrong(record: AccessRecord, position: int, seal_before: str) -> str | None:
    """What is wrong with the record that should stand at ``position``; None: nothing."""
    if record.position != position:
        return f"position {position} is missing; record {record.pk} follows at {record.position}"
    if seal_of(record, seal_before) != record.seal:
        return f"record {record.pk} at position {position} was changed"
    return None
