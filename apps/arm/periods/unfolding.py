"""How the periods of one operator go on: pure rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from apps.arm.types import PeriodState
from apps.campaigns.types import TalkTimes

CONVERSATION = (PeriodState.IN_CALL, PeriodState.WRAP_UP)


@dataclass(frozen=True, slots=True)
class Doing:
    """What an operator does. ``break_reason_id`` is None unless it is a break with a reason."""

    state: PeriodState
    break_reason_id: int | None = None


@dataclass(frozen=True, slots=True)
class Beginning:
    """From this moment on the operator did this."""

    at: datetime
    doing: Doing


def unfold(
    present: Beginning, talks: Sequence[TalkTimes], free: Doing, now: datetime
) -> list[Beginning]:
    """What followed the operator's open period ``present``, oldest first; empty: it goes on.

    ``talks`` are the latest ones, oldest first; ``free`` is what the operator does outside of
    conversations. Conversations begin and end at their own times, however late we look; all else
    begins now. Nothing begins before ``present`` does; what begins with it takes its place.
    """
    if present.doing.state not in CONVERSATION:
        talks = [talk for talk in talks if talk.is_live or not _ended_by(talk, present.at)]
    marks = [*_marks(talks, free), Beginning(now, _at_last(talks, free))]
    return _differing(present, _not_before(marks, present.at))


def _ended_by(talk: TalkTimes, moment: datetime) -> bool:
    return talk.ended_at is not None and talk.ended_at <= moment


def _marks(talks: Sequence[TalkTimes], free: Doing) -> Iterator[Beginning]:
    for talk, following in pairwise([*talks, None]):
        for mark in _marks_of(talk, free) if talk else ():
            if following is None or mark.at < following.started_at:
                yield mark


def _marks_of(talk: TalkTimes, free: Doing) -> Iterator[Beginning]:
    yield Beginning(talk.started_at, Doing(PeriodState.IN_CALL))
    if talk.ended_at is not None:
        if talk.freed_at is None or talk.freed_at > talk.ended_at:
            yield Beginning(talk.ended_at, Doing(PeriodState.WRAP_UP))
        if talk.freed_at is not None:
            yield Beginning(max(talk.freed_at, talk.ended_at), free)


def _at_last(talks: Sequence[TalkTimes], free: Doing) -> Doing:
    live = [talk for talk in talks if talk.is_live]
    if not live:
        return free
    return Doing(PeriodState.WRAP_UP if live[-1].ended_at else PeriodState.IN_CALL)


def _not_before(marks: Sequence[Beginning], moment: datetime) -> list[Beginning]:
    """The marks after this moment, and the last one that does not lie after it, as of this
    moment."""
    until = [mark for mark in marks if mark.at <= moment]
    after = [mark for mark in marks if mark.at > moment]
    return [Beginning(moment, mark.doing) for mark in until[-1:]] + after


def _differing(present: Beginning, marks: Sequence[Beginning]) -> list[Beginning]:
    found: list[Beginning] = []
    doing = present.doing
    for mark in marks:
        if mark.doing != doing:
            found.append(mark)
            doing = mark.doing
    return found
