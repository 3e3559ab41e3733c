"""The chain of the access log: whole, in order, and broken by whatever is changed or taken out."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from apps.security import selectors, services
from apps.security.access_log import sealing
from apps.security.metrics import AccessLogCollector
from apps.security.models import AccessRecord
from apps.security.types import Access, Visitor
from common.locks import LockSpace, try_lock
from testing.factories.security import OperatorFactory
from testing.rivals import PATIENCE_SECONDS, Rivals

pytestmark = pytest.mark.django_db
DELETE = 'DELETE FROM "tm$access_log" WHERE id = %s'
MOVE_UP = 'UPDATE "tm$access_log" SET position = position - 1 WHERE position = %s'
CHANGE = 'UPDATE "tm$access_log" SET {} WHERE id = ANY(%s)'
WRITERS, RECORDS_EACH = 8, 250


def write(records: int, operator_id: int | None = None) -> None:
    visitor = Visitor(operator_id or OperatorFactory.create().pk, "192.0.2.7")
    services.record_access(visitor, Access.CARD_OPENED, "campaigns.communication", *range(records))


@pytest.fixture
def chain() -> list[int]:
    """Five sealed records; their numbers."""
    write(5)
    services.seal_access_log()
    return list(AccessRecord.objects.order_by("position").values_list("pk", flat=True))


@contextmanager
def unguarded() -> Iterator[Callable[..., object]]:
    """Whoever owns the database may switch its triggers off, and then change what they like."""
    with connection.cursor() as cursor:
        cursor.execute('ALTER TABLE "tm$access_log" DISABLE TRIGGER USER')
        yield cursor.execute
        cursor.execute('ALTER TABLE "tm$access_log" ENABLE TRIGGER USER')
        cursor.execute('ALTER TABLE "tm$access_log" DISABLE TRIGGER access_log_stays_whole')


def check(*options: str) -> str:
    output = StringIO()
    call_command("check_access_log", *options, stdout=output)
    return output.getvalue()


def test_a_whole_chain_is_proved_with_its_end(chain: list[int]) -> None:
    end = AccessRecord.objects.get(position=5)

    assert check().splitlines() == [
        f"5 records, unbroken; the end is 5:{end.seal}",
        "0 records are not sealed yet",
    ]


def test_an_empty_log_is_whole() -> None:
    assert check().startswith("0 records, unbroken")


@pytest.mark.parametrize(
    "column",
    [
        "operator_id = 999",
        "role = 'ADMINISTRATOR'",
        "address = '198.51.100.1'",
        "action = 'SEARCHED'",
        "subject = 'filters.application'",
        "subject_id = 999",
        "wtime = wtime + interval '1 microsecond'",
        "seal = repeat('0', 64)",
    ],
)
def test_a_changed_record_is_the_first_break(chain: list[int], column: str) -> None:
    with unguarded() as execute:
        execute(CHANGE.format(column), [[chain[2], chain[4]]])

    with pytest.raises(CommandError, match=f"record {chain[2]} at position 3 was changed"):
        check()


def test_a_missing_record_is_the_first_break(chain: list[int]) -> None:
    with unguarded() as execute:
        execute(DELETE, [chain[1]])

    with pytest.raises(CommandError, match="position 2 is missing"):
        check()


def test_a_missing_record_whose_gap_was_closed_is_the_first_break(chain: list[int]) -> None:
    with unguarded() as execute:
        execute(DELETE, [chain[1]])
        for position in (3, 4, 5):
            execute(MOVE_UP, [position])

    with pytest.raises(CommandError, match=f"record {chain[2]} at position 2 was changed"):
        check()


def test_missing_newest_records_are_seen_by_an_end_that_was_noted(chain: list[int]) -> None:
    noted = selectors.check_access_log().end
    with unguarded() as execute:
        execute(DELETE, [chain[4]])

    assert "4 records, unbroken" in check()
    with pytest.raises(CommandError, match=re.escape(noted)):
        check("--expect", noted)


def test_an_end_that_was_noted_stays_on_the_chain(chain: list[int]) -> None:
    noted = selectors.check_access_log().end
    write(3)
    services.seal_access_log()

    assert "8 records, unbroken" in check("--expect", noted)


def test_the_end_without_seals_is_shown(chain: list[int]) -> None:
    write(2)

    unsealed = selectors.unsealed_records()

    assert "2 records are not sealed yet, the oldest of " in check()
    assert (unsealed.count, unsealed.oldest_at is None) == (2, False)


def test_a_sweep_seals_batch_after_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH_RECORDS", 10)
    write(25)

    assert services.seal_access_log() == 25
    assert "25 records, unbroken" in check()


def test_a_sweep_that_dies_in_the_middle_leaves_a_whole_chain(
    chain: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH_RECORDS", 10)
    write(25)
    with pytest.raises(ZeroDivisionError), connection.execute_wrapper(_dies_at_second_seal()):
        services.seal_access_log()

    assert "15 records, unbroken" in check()
    assert services.seal_access_log() == 15
    assert "30 records, unbroken" in check()


def _dies_at_second_seal() -> Callable[..., object]:
    seen: list[str] = []

    def run(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        result = execute(sql, params, many, context)
        if sql == sealing.SEAL:
            seen.append(sql)
            if len(seen) == 2:
                raise ZeroDivisionError
        return result

    return run


def test_two_sweeps_at_once_never_fork_the_chain(rivals: Rivals) -> None:
    write(3)
    with try_lock(LockSpace.ACCESS_LOG):
        second = rivals.start(services.seal_access_log)
        assert second.result(PATIENCE_SECONDS) == 0

    assert services.seal_access_log() == 3


def test_writers_do_not_wait_for_a_sweep_and_all_they_wrote_is_chained(rivals: Rivals) -> None:
    """Eight writers and two sweeps at once: every record is sealed exactly once, in one chain."""
    operator_id = OperatorFactory.create().pk
    done = threading.Event()

    def sweep() -> None:
        while not done.is_set():
            services.seal_access_log()

    def write_one_by_one() -> None:
        for _ in range(RECORDS_EACH):
            write(1, operator_id)

    sweeps = [rivals.start(sweep) for _ in range(2)]
    writers = [rivals.start(write_one_by_one) for _ in range(WRITERS)]
    for writer in writers:
        writer.result(PATIENCE_SECONDS)
    done.set()
    for one in sweeps:
        one.result(PATIENCE_SECONDS)
    services.seal_access_log()

    assert AccessRecord.objects.filter(position__isnull=False).count() == WRITERS * RECORDS_EACH
    assert f"{WRITERS * RECORDS_EACH} records, unbroken" in check()


def test_a_writer_that_has_not_committed_yet_holds_up_nobody(rivals: Rivals) -> None:
    """Its record gets the next place in the chain once it is there."""
    operator_id = OperatorFactory.create().pk
    inserted, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        def halt(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
            result = execute(sql, params, many, context)
            inserted.set()
            may_commit.wait(PATIENCE_SECONDS)
            return result

        with connection.execute_wrapper(halt):
            write(1, operator_id)

    slow = rivals.start(write_slowly)
    inserted.wait(PATIENCE_SECONDS)
    write(4, operator_id)
    assert services.seal_access_log() == 4
    may_commit.set()
    slow.result(PATIENCE_SECONDS)

    assert services.seal_access_log() == 1
    assert "5 records, unbroken" in check()


def test_a_sweep_whose_connection_is_killed_in_the_middle_leaves_a_whole_chain(
    rivals: Rivals,
) -> None:
    write(5)
    sealed, backends = threading.Event(), []

    def seal_and_halt() -> int:
        def halt(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
            result = execute(sql, params, many, context)
            if sql == sealing.SEAL:
                backends.append(connection.connection.info.backend_pid)
                sealed.set()
                killed.wait(PATIENCE_SECONDS)
            return result

        with connection.execute_wrapper(halt):
            return services.seal_access_log()

    killed = threading.Event()
    first = rivals.start(seal_and_halt)
    assert sealed.wait(PATIENCE_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", backends)
    killed.set()

    with pytest.raises(DatabaseError):
        first.result(PATIENCE_SECONDS)
    assert "0 records, unbroken" in check()
    assert services.seal_access_log() == 5
    assert "5 records, unbroken" in check()


def test_the_age_of_what_no_seal_protects_is_a_metric(chain: list[int]) -> None:
    write(2)

    unsealed, age = (metric.samples[0].value for metric in AccessLogCollector().collect())

    assert unsealed == 2
    assert 0 <= age < PATIENCE_SECONDS


def test_without_a_record_to_seal_the_metric_is_zero(chain: list[int]) -> None:
    assert [metric.samples[0].value for metric in AccessLogCollector().collect()] == [0, 0]


def test_a_sweep_reads_no_record_that_is_sealed_already() -> None:
    write(5_000)
    services.seal_access_log()
    with connection.cursor() as cursor:
        cursor.execute('ANALYZE "tm$access_log"')

    plans = [asked[:1].explain() for asked in (sealing.unsealed(), sealing.last_sealed())]

    assert not any("Seq Scan" in plan or "Sort" in plan for plan in plans)
