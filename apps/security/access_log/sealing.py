"""Chains the records of the access log by hash, in the order of their positions.

Whoever writes a record does not wait for the one before: records are sealed afterwards, a batch at
a time, by one process. The seal of a record is the hash of its content and of the seal before it,
so a record that is changed, or taken out, breaks the chain at its place.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import UTC

from django.db import connection, transaction
from django.db.models import QuerySet

from apps.security.models import AccessRecord
from common.locks import LockSpace, try_lock

logger = logging.getLogger(__name__)

FIRST_SEAL = "0" * 64  # what the first record is chained to
BATCH_RECORDS = 2_000  # read, hashed and written in about a tenth of a second
MOST_BATCHES = 50  # of one sweep; the next one goes on
# so often the end of the chain is written to the log, where nobody who changes the table reaches it
LOGGED_EVERY = 1_000
SEAL = """
UPDATE "tm$access_log" AS record SET position = sealed.position, seal = sealed.seal
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS sealed (id, position, seal)
WHERE record.id = sealed.id
"""


def seal_access_log() -> int:
    """Seal the records that are not sealed yet. Returns how many; 0 also when another process
    seals at this moment."""
    sealed = 0
    with try_lock(LockSpace.ACCESS_LOG) as won:
        for _ in range(MOST_BATCHES if won else 0):
            batch = _seal_batch()
            sealed += batch
            if batch < BATCH_RECORDS:
                break
    return sealed


def seal_of(record: AccessRecord, seal_before: str) -> str:
    """The hash, in hex, of what the record says and of the seal before it."""
    said = (
        record.pk,
        record.wtime.astimezone(UTC).isoformat(timespec="microseconds"),
        record.operator_id,
        record.role,
        record.address,
        record.action,
        record.subject,
        record.subject_id,
    )
    text = json.dumps([seal_before, *said], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def unsealed() -> QuerySet[AccessRecord]:
    """The records that have no place in the chain yet, in the order in which they were numbered."""
    return AccessRecord.objects.filter(position__isnull=True).order_by("id")


def last_sealed() -> QuerySet[AccessRecord]:
    """The sealed records, the newest of the chain first."""
    return AccessRecord.objects.filter(position__isnull=False).order_by("-position")


@transaction.atomic
def _seal_batch() -> int:
    last = last_sealed().first()
    position, seal = (last.position or 0, last.seal or "") if last else (0, FIRST_SEAL)
    records = list(unsealed()[:BATCH_RECORDS])
    seals = []
    for record in records:
        seal = seal_of(record, seal)
        seals.append(seal)
    if records:
        _write(records, position + 1, seals)
        _log_end(position, position + len(records), seal)
    return len(records)


def _write(records: Sequence[AccessRecord], first_position: int, seals: Sequence[str]) -> None:
    positions = list(range(first_position, first_position + len(records)))
    with connection.cursor() as cursor:
        cursor.execute(SEAL, [[record.pk for record in records], positions, list(seals)])


def _log_end(before: int, position: int, seal: str) -> None:
    if position // LOGGED_EVERY > before // LOGGED_EVERY:
        logger.info("access log: sealed up to %d:%s", position, seal)
