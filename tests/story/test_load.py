"""Operators at work while files arrive, services are slow, and one of them lies.

With ``--thorough`` three hundred of them for two minutes, as `make bench ARGS=load` measures it.
"""

from pathlib import Path

import pytest

from benchmarks.load import Plan, put_load_on, running_system

pytestmark = [pytest.mark.story, pytest.mark.xdist_group("story")]

SHORT = Plan(operators=40, seconds=20, first_rows=2_000, call_speed=5)
FULL = Plan(operators=300, seconds=120, first_rows=6_000, start_seconds=60)


def test_every_promise_holds_while_many_operators_work(tmp_path: Path, thorough: bool) -> None:
    with running_system(tmp_path / "system") as system:
        outcome = put_load_on(system, FULL if thorough else SHORT)

    print(outcome.table())  # noqa: T201 - shown where the test fails, and with -s
    assert outcome.broken_meanwhile == {}
    assert outcome.broken == {}
    assert outcome.clients_in_two_calls == []
    assert outcome.saved > 0
    assert [name for name in outcome.refusals if not name.startswith("login")] == []
