"""Results that are kept for a while."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from common.kept import Kept

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
TEN_SECONDS = timedelta(seconds=10)


def test_a_result_is_kept_until_it_is_too_old() -> None:
    answers = itertools.count(1)
    kept = Kept(lambda _now: next(answers), TEN_SECONDS)

    found = [kept.at(NOON + timedelta(seconds=after)) for after in (0, 9, 10, 15, 20)]

    assert found == [1, 1, 2, 2, 3]


def test_a_clock_that_was_put_back_keeps_nothing() -> None:
    kept = Kept(lambda now: now, TEN_SECONDS)
    kept.at(NOON)

    earlier = NOON - timedelta(hours=1)

    assert kept.at(earlier) == earlier


def test_many_at_once_ask_once() -> None:
    asked: list[int] = []
    together = threading.Barrier(8)

    def find(_now: datetime) -> int:
        asked.append(1)
        time.sleep(0.01)  # as long as a query, so that the others meet it
        return len(asked)

    kept = Kept(find, TEN_SECONDS)

    def ask(_number: int) -> int:
        together.wait()
        return kept.at(NOON)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {1}


def test_a_failure_is_not_kept() -> None:
    answers = iter([0, 5])

    kept = Kept(lambda _now: 10 // next(answers), TEN_SECONDS)
    with pytest.raises(ZeroDivisionError):
        kept.at(NOON)

    assert kept.at(NOON) == 2
