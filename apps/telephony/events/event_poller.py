"""Polls MightyCall for events (section 2.6.6.3): every operator on line, and the account's stream
for calls that reached nobody.

Operators are split over shards. A poller holds the lock of every shard it works on, so two never
poll the same operator; it takes one more shard whenever it has threads to spare, so shards spread
over as many pollers as there are. Threads only talk to MightyCall: what they bring is applied here,
as it comes, and whoever is slow holds up nobody else.
"""

import logging
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.db.models import Exists, F, OuterRef

from apps.telephony.events.event_intake import take_events
from apps.telephony.mightycall.connection import CONCURRENCY, transport
from apps.telephony.mightycall.request_pool import threads
from apps.telephony.mightycall.transport import CursorOutdatedError, EventPage
from apps.telephony.models import (
    MightyCallActiveOperator,
    MightyCallCursor,
    MightyCallOperator,
)
from common.locks import LockSpace, try_lock
from common.service_errors import ServiceError

logger = logging.getLogger(__name__)

ACCOUNT = "account"
POLL_SECONDS = 1.0  # between two polls of one operator while a slower one is waited for
ROUND_SECONDS = (
    4.0  # after so long nothing is asked any more, and the shards go to whoever comes next
)


@dataclass(frozen=True, slots=True)
class EventFeed:
    """Whose events, and after which cursor. ``account_id`` is the MightyCall account; None: the
    whole company's stream.
    """

    account_id: int | None
    extension: str
    cursor: str


@dataclass(slots=True)
class PollRound:
    """The streams of one round: asked about, waiting for a thread, and resting until they are asked
    again.
    """

    ends_at: float
    waiting: deque[EventFeed]
    asked: dict[Future[EventPage], EventFeed] = field(default_factory=dict)
    resting: deque[tuple[float, EventFeed]] = field(default_factory=deque)

    def has_room(self) -> bool:
        return len(self.asked) + len(self.waiting) < CONCURRENCY

    def ask(self) -> None:
        """Give waiting streams to free threads."""
        while self.waiting and len(self.asked) < CONCURRENCY:
            stream = self.waiting.popleft()
            self.asked[threads().submit(_read, stream)] = stream

    def answered(self) -> list[tuple[EventFeed, Future[EventPage]]]:
        """Those whose answer is there; waits for the first, but not past the next due one."""
        patience = max(0.0, self.resting[0][0] - time.monotonic()) if self.resting else None
        done, _ = wait(self.asked, timeout=patience, return_when=FIRST_COMPLETED)
        return [(self.asked.pop(future), future) for future in done]

    def wake(self) -> None:
        """Whoever has rested is asked again, until the round ends."""
        now = time.monotonic()
        while self.resting and (self.resting[0][0] <= now or now >= self.ends_at):
            _, stream = self.resting.popleft()
            if now < self.ends_at:
                self.waiting.append(stream)


def poll_events() -> None:
    """One round over every stream that nobody else polls now."""
    with ExitStack() as locks:
        poll_round = PollRound(time.monotonic() + ROUND_SECONDS, deque(_account_stream(locks)))
        shards = _free_shards(locks)
        while True:
            while poll_round.has_room() and (streams := next(shards, None)) is not None:
                poll_round.waiting.extend(streams)
            poll_round.ask()
            if not poll_round.asked:
                return
            for stream, answer in poll_round.answered():
                _apply_and_continue(poll_round, stream, answer)
            poll_round.wake()


def _apply_and_continue(
    poll_round: PollRound, stream: EventFeed, answer: Future[EventPage]
) -> None:
    """Apply the answer; more events are asked for at once, else the stream rests."""
    try:
        page = answer.result()
    except CursorOutdatedError:
        logger.warning("a stream of events is read from its oldest event again")
        poll_round.waiting.append(replace(stream, cursor=""))
        return
    except ServiceError:
        return  # logged where it was sorted; the next poll_round asks again
    try:
        _apply(stream, page)
    except (DataError, IntegrityError) as error:
        # one stream must not stop the others; the error's text may quote a client's row
        place, kind = stream.account_id or ACCOUNT, type(error).__name__
        logger.error("events of %s cannot be applied: %s", place, kind)  # noqa: TRY400
        return
    stream = replace(stream, cursor=page.next_cursor)
    if page.has_more:
        poll_round.waiting.append(stream)
    else:
        poll_round.resting.append((time.monotonic() + POLL_SECONDS, stream))


def _apply(stream: EventFeed, page: EventPage) -> None:
    if page.events or page.next_cursor != stream.cursor:
        with transaction.atomic():
            take_events(page.events)
            _keep_cursor(stream, page.next_cursor)


def _read(stream: EventFeed) -> EventPage:
    if stream.account_id is None:
        return transport().account_events(stream.cursor)
    return transport().operator_events(stream.extension, stream.cursor)


def _keep_cursor(stream: EventFeed, cursor: str) -> None:
    if stream.account_id is None:
        MightyCallCursor.objects.update_or_create(name=ACCOUNT, defaults={"cursor": cursor})
    else:
        # under another login, meanwhile, it would be a cursor of another stream
        account = MightyCallOperator.objects.filter(pk=stream.account_id, login=stream.extension)
        account.update(event_cursor=cursor)


def _account_stream(locks: ExitStack) -> Iterator[EventFeed]:
    if locks.enter_context(try_lock(LockSpace.TELEPHONY_EVENTS)):
        row = MightyCallCursor.objects.filter(name=ACCOUNT).first()
        yield EventFeed(None, "", row.cursor if row else "")


def _free_shards(locks: ExitStack) -> Iterator[list[EventFeed]]:
    """The streams of one free shard after another; its lock is held until the round ends."""
    on_line = MightyCallActiveOperator.objects.values_list("operator_id", flat=True)
    for shard in sorted({operator_id % settings.TELEPHONY_SHARDS for operator_id in on_line}):
        if locks.enter_context(try_lock(LockSpace.TELEPHONY_SHARD, shard)):
            yield _streams_of(shard)


def _streams_of(shard: int) -> list[EventFeed]:
    """Read under the shard's lock, so that the cursors are the last ones."""
    on_line = MightyCallActiveOperator.objects.filter(operator=OuterRef("operator"))
    accounts = (
        MightyCallOperator.objects.filter(Exists(on_line))
        .annotate(shard=F("operator_id") % settings.TELEPHONY_SHARDS)
        .filter(shard=shard)
        .order_by("pk")
    )
    return [EventFeed(*row) for row in accounts.values_list("pk", "login", "event_cursor")]
