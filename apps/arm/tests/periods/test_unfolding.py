"""How the periods of one operator go on, by the pure rules."""

from datetime import UTC, datetime, timedelta

from apps.arm.periods.unfolding import Beginning, Doing, unfold
from apps.arm.types import PeriodState
from apps.campaigns.types import TalkTimes

NOON = datetime(2026, 11, 4, 9, tzinfo=UTC)
READY, LUNCH = Doing(PeriodState.READY), Doing(PeriodState.BREAK, 7)
IN_CALL, WRAP_UP = Doing(PeriodState.IN_CALL), Doing(PeriodState.WRAP_UP)
OUT = Doing(PeriodState.SIGNED_OUT)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def talk(start: float, end: float | None = None, freed: float | None = None) -> TalkTimes:
    return TalkTimes(
        at(start),
        None if end is None else at(end),
        None if freed is None else at(freed),
        is_live=end is None or freed is None,
    )


def unfolded(
    present: Doing, *talks: TalkTimes, free: Doing = READY, now: float = 100
) -> list[tuple[float, Doing]]:
    """What follows a period that began at second 0."""
    found = unfold(Beginning(at(0), present), talks, free, at(now))
    return [((one.at - NOON).total_seconds(), one.doing) for one in found]


def test_a_state_that_goes_on_gets_no_new_period() -> None:
    assert unfolded(READY) == []
    assert unfolded(IN_CALL, talk(0)) == []
    assert unfolded(LUNCH, free=LUNCH) == []


def test_what_telephony_confirms_begins_when_it_is_found() -> None:
    assert unfolded(READY, free=LUNCH) == [(100, LUNCH)]
    assert unfolded(LUNCH, free=Doing(PeriodState.BREAK, 8)) == [(100, Doing(PeriodState.BREAK, 8))]
    assert unfolded(READY, free=OUT) == [(100, OUT)]


def test_a_call_begins_and_ends_at_its_own_times() -> None:
    assert unfolded(READY, talk(10)) == [(10, IN_CALL)]
    assert unfolded(IN_CALL, talk(0, 40)) == [(40, WRAP_UP)]
    assert unfolded(WRAP_UP, talk(-30, 0, 12)) == [(12, READY)]


def test_a_call_that_nobody_looked_at_in_time_is_not_lost() -> None:
    assert unfolded(READY, talk(10, 40, 52)) == [(10, IN_CALL), (40, WRAP_UP), (52, READY)]
    assert unfolded(READY, talk(10, 40, 52), talk(60)) == [
        (10, IN_CALL),
        (40, WRAP_UP),
        (52, READY),
        (60, IN_CALL),
    ]


def test_a_result_saved_during_the_call_leaves_no_time_after_it() -> None:
    assert unfolded(IN_CALL, talk(0, 40, 20), free=LUNCH) == [(40, LUNCH)]


def test_the_next_call_ends_the_time_after_the_last_one() -> None:
    assert unfolded(WRAP_UP, talk(-30, 0, 60), talk(20)) == [(20, IN_CALL)]


def test_nothing_begins_before_the_present_period() -> None:
    assert unfolded(READY, talk(-5)) == [(0, IN_CALL)]
    assert unfolded(IN_CALL, talk(-10, -5, -1)) == [(0, READY)]


def test_a_talk_that_was_over_before_the_present_period_says_nothing_any_more() -> None:
    assert unfolded(READY, talk(-90, -60, 30)) == []
    assert unfolded(READY, talk(-90, -60, -30), free=LUNCH) == [(100, LUNCH)]


def test_the_call_of_an_operator_who_was_locked_goes_on_until_its_end() -> None:
    assert unfolded(IN_CALL, talk(0), free=OUT) == []
    assert unfolded(IN_CALL, talk(0, 40, 60), free=OUT) == [(40, WRAP_UP), (60, OUT)]
