"""Polls MightyCall's event feeds [source 2.6.6.3]: one of every operator on line, and the account's
for calls that reached nobody.

The account's feed, which has the events of all operators, comes first, in every round. While it is
read, the operators' own feeds bring nothing new: a round asks those of one shard, in turn. While it
is not, a round asks those of every shard.

Operators are split over shards. A poller holds the lock of every shard it works on, so two never
poll the same operator. It takes one more shard whenever it has threads to spare, so the shards
spread over as many pollers as there are. Threads only make requests; their answers are applied
here, in the order they come, so a slow one holds up no other.
"""

import itertools
import logging
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from django.conf import settings

from apps.telephony.events import event_feeds
from apps.telephony.events.event_feeds import EventFeed
from apps.telephony.events.event_intake import take_page
from apps.telephony.mightycall.connection import CONCURRENCY, transport
from apps.telephony.mightycall.request_pool import Failure, answer_or_failure, threads
from apps.telephony.mightycall.transport import CursorOutdatedError, EventPage
from common.locks import LockSpace, try_lock

logger = logging.getLogger(__name__)

# between two polls of a feed in one round, while a slower feed is waited for
ACCOUNT_SECONDS = 0.5
OPERATOR_SECONDS = 1.0
# After so long a round makes no new requests, and the shards are free for other pollers.
ROUND_SECONDS = 4.0
# For the last answers of a round. A slower feed is left alone, so that the others are polled again.
LAST_ANSWERS_SECONDS = 0.5

Answer = EventPage | Failure

_turns = itertools.count()  # of this process: whose turn it is among the shards


@dataclass(slots=True)
class PollRound:
    """The feeds of one round: queued for a thread, requested, or paused until they are due again.

    ``ends_at`` and the times of ``paused`` are on the monotonic clock.
    """

    ends_at: float
    queued: deque[EventFeed]
    requested: dict[Future[Answer], EventFeed] = field(default_factory=dict)
    paused: deque[tuple[float, EventFeed]] = field(default_factory=deque)

    def has_free_threads(self) -> bool:
        return len(self.requested) + len(self.queued) < CONCURRENCY

    def submit(self) -> None:
        """Give queued feeds to free threads."""
        while self.queued and len(self.requested) < CONCURRENCY:
            feed = self.queued.popleft()
            self.requested[threads().submit(answer_or_failure, _read, feed)] = feed

    def finished(self) -> list[tuple[EventFeed, Future[Answer]]]:
        """Return the feeds whose answer has come, the account's first. Waits for the first answer,
        or until a paused feed is due, but for ``OPERATOR_SECONDS`` at most, and not beyond the time
        for the last answers.
        """
        until = self.paused[0][0] if self.paused else self.ends_at + LAST_ANSWERS_SECONDS
        timeout = max(0.0, min(until - time.monotonic(), OPERATOR_SECONDS))
        done, _ = wait(self.requested, timeout=timeout, return_when=FIRST_COMPLETED)
        found = [(self.requested.pop(future), future) for future in done]
        return sorted(found, key=lambda pair: pair[0].account_id is not None)

    def enqueue(self, feed: EventFeed) -> None:
        """The account's feed overtakes the others: it has the events of all operators."""
        if feed.account_id is None:
            self.queued.appendleft(feed)
        else:
            self.queued.append(feed)

    def pause(self, feed: EventFeed) -> None:
        if feed.account_id is None:
            self.paused.appendleft((time.monotonic() + ACCOUNT_SECONDS, feed))
        else:
            self.paused.append((time.monotonic() + OPERATOR_SECONDS, feed))

    def requeue_due(self) -> None:
        """Queue the paused feeds that are due. Drop them all when the round's time is over."""
        now = time.monotonic()
        while self.paused and (self.paused[0][0] <= now or now >= self.ends_at):
            _, feed = self.paused.popleft()
            if now < self.ends_at:
                self.enqueue(feed)

    def abandoned(self) -> list[EventFeed]:
        """Return the feeds whose answers are not waited for any longer; their time is over."""
        if time.monotonic() < self.ends_at + LAST_ANSWERS_SECONDS:
            return []
        # a request that no thread has begun is not slow
        slow = [feed for future, feed in self.requested.items() if not future.cancel()]
        self.requested.clear()
        self.queued.clear()
        return slow


def poll_events() -> None:
    """Make one round over the feeds whose turn it is and that no other poller works on. It ends
    when each has been read to its end, and is never longer than ``ROUND_SECONDS`` and the time for
    the last answers. The beat asks for the next one.
    """
    event_feeds.ask_released()
    with ExitStack() as locks:
        poll_round = PollRound(time.monotonic() + ROUND_SECONDS, deque(_account_feed(locks)))
        held: set[int] = set()
        shards = _free_shards(locks, held)
        while True:
            while poll_round.has_free_threads() and (feeds := next(shards, None)) is not None:
                poll_round.queued.extend(feeds)
            poll_round.submit()
            if not poll_round.requested:
                return
            finished = poll_round.finished()
            for feed, answer in finished:
                _apply_and_continue(poll_round, feed, answer.result())
            if not finished:  # the slow one may be the account's feed, which the others rely on
                shards = _free_shards(locks, held)
            poll_round.requeue_due()
            for feed in poll_round.abandoned():
                event_feeds.back_off(feed, TimeoutError())


def _apply_and_continue(poll_round: PollRound, feed: EventFeed, answer: Answer) -> None:
    """Apply the answer. Queue the feed again at once where it has more events, else pause it.

    A feed whose request failed waits for a later round and does not stop the others.
    """
    if isinstance(answer, CursorOutdatedError) and feed.cursor:
        logger.warning("an event feed is read from its oldest event again")
        poll_round.enqueue(replace(feed, cursor=""))
    elif isinstance(answer, Failure):
        event_feeds.note_failure(feed, answer)  # common.http has logged it
    else:
        read = _applied(feed, answer)
        if answer.has_more and read.cursor != feed.cursor:
            poll_round.enqueue(read)
        else:
            poll_round.pause(read)


def _applied(feed: EventFeed, page: EventPage) -> EventFeed:
    """Apply the page, and keep how far the feed has been read."""
    take_page(page)
    event_feeds.note_success(feed)
    if page.next_cursor != feed.cursor:
        event_feeds.save_cursor(feed, page.next_cursor)
    return replace(feed, cursor=page.next_cursor, failures=0)


def _read(feed: EventFeed) -> EventPage:
    """Runs in a thread of the request pool."""
    if feed.account_id is None:
        return transport().account_events(feed.cursor)
    return transport().operator_events(feed.extension, feed.cursor)


def _account_feed(locks: ExitStack) -> Iterator[EventFeed]:
    if locks.enter_context(try_lock(LockSpace.TELEPHONY_EVENTS)):
        yield event_feeds.account_feed()


def _free_shards(locks: ExitStack, held: set[int]) -> Iterator[list[EventFeed]]:
    """Yield the feeds of one free shard after another, but of none that is held already. Its lock
    is held until the round ends.
    """
    for shard in sorted(_shards_to_poll() - held):
        if locks.enter_context(try_lock(LockSpace.TELEPHONY_SHARD, shard)):
            held.add(shard)
            yield event_feeds.feeds_of(shard)


def _shards_to_poll() -> set[int]:
    """All that have operators to poll. While the account's feed is read: the next one in turn, and
    those with a feed that failed and is due again."""
    number = settings.TELEPHONY_SHARDS
    is_read = event_feeds.account_is_read()
    operator_ids = event_feeds.operators_to_poll(only_failed=is_read)
    shards = {operator_id % number for operator_id in operator_ids}
    return shards | {next(_turns) % number} if is_read else shards
