"""Polls MightyCall's event feeds [source 2.6.6.3]: one of every operator on line, and the account's
for calls that reached nobody.

Operators are split over shards. A poller holds the lock of every shard it works on, so two never
poll the same operator. It takes one more shard whenever it has threads to spare, so the shards
spread over as many pollers as there are. Threads only make requests; their answers are applied
here, in the order they come, so a slow one holds up no other.
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

ACCOUNT = "account"  # the name of the account's feed
POLL_SECONDS = 1.0  # between two polls of one operator while a slower one is waited for
# After so long a round makes no new requests, and the shards are free for other pollers.
ROUND_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class EventFeed:
    """A feed and how far it has been read. ``account_id`` is the row of the operator's account;
    None: the feed of the whole MightyCall account.
    """

    account_id: int | None
    extension: str
    cursor: str


@dataclass(slots=True)
class PollRound:
    """The feeds of one round: queued for a thread, requested, or paused until they are due again.

    ``ends_at`` and the times of ``paused`` are on the monotonic clock.
    """

    ends_at: float
    queued: deque[EventFeed]
    requested: dict[Future[EventPage], EventFeed] = field(default_factory=dict)
    paused: deque[tuple[float, EventFeed]] = field(default_factory=deque)

    def has_free_threads(self) -> bool:
        return len(self.requested) + len(self.queued) < CONCURRENCY

    def submit(self) -> None:
        """Give queued feeds to free threads."""
        while self.queued and len(self.requested) < CONCURRENCY:
            feed = self.queued.popleft()
            self.requested[threads().submit(_read, feed)] = feed

    def finished(self) -> list[tuple[EventFeed, Future[EventPage]]]:
        """Return the feeds whose answer has come. Waits for the first answer, or until a paused
        feed is due.
        """
        timeout = max(0.0, self.paused[0][0] - time.monotonic()) if self.paused else None
        done, _ = wait(self.requested, timeout=timeout, return_when=FIRST_COMPLETED)
        return [(self.requested.pop(future), future) for future in done]

    def pause(self, feed: EventFeed) -> None:
        self.paused.append((time.monotonic() + POLL_SECONDS, feed))

    def requeue_due(self) -> None:
        """Queue the paused feeds that are due. Drop them all when the round's time is over."""
        now = time.monotonic()
        while self.paused and (self.paused[0][0] <= now or now >= self.ends_at):
            _, feed = self.paused.popleft()
            if now < self.ends_at:
                self.queued.append(feed)


def poll_events() -> None:
    """Make one round over every feed that no other poller works on."""
    with ExitStack() as locks:
        poll_round = PollRound(time.monotonic() + ROUND_SECONDS, deque(_account_feed(locks)))
        shards = _free_shards(locks)
        while True:
            while poll_round.has_free_threads() and (feeds := next(shards, None)) is not None:
                poll_round.queued.extend(feeds)
            poll_round.submit()
            if not poll_round.requested:
                return
            for feed, answer in poll_round.finished():
                _apply_and_continue(poll_round, feed, answer)
            poll_round.requeue_due()


def _apply_and_continue(poll_round: PollRound, feed: EventFeed, answer: Future[EventPage]) -> None:
    """Apply the answer. Queue the feed again at once where it has more events, else pause it.

    A feed whose request failed, or whose events cannot be applied, waits for the next round and
    does not stop the others.
    """
    try:
        page = answer.result()
    except CursorOutdatedError:
        logger.warning("an event feed is read from its oldest event again")
        poll_round.queued.append(replace(feed, cursor=""))
        return
    except ServiceError:
        return  # common.http has logged it
    try:
        _apply(feed, page)
    except (DataError, IntegrityError) as error:
        # the error's text may quote a client's row
        name, kind = feed.account_id or ACCOUNT, type(error).__name__
        logger.error("events of %s cannot be applied: %s", name, kind)  # noqa: TRY400
        return
    feed = replace(feed, cursor=page.next_cursor)
    if page.has_more:
        poll_round.queued.append(feed)
    else:
        poll_round.pause(feed)


def _apply(feed: EventFeed, page: EventPage) -> None:
    if page.events or page.next_cursor != feed.cursor:
        with transaction.atomic():
            take_events(page.events)
            _save_cursor(feed, page.next_cursor)


def _read(feed: EventFeed) -> EventPage:
    """Runs in a thread of the request pool."""
    if feed.account_id is None:
        return transport().account_events(feed.cursor)
    return transport().operator_events(feed.extension, feed.cursor)


def _save_cursor(feed: EventFeed, cursor: str) -> None:
    if feed.account_id is None:
        MightyCallCursor.objects.update_or_create(name=ACCOUNT, defaults={"cursor": cursor})
    else:
        # if the login has changed meanwhile, the cursor belongs to the feed of the old one
        account = MightyCallOperator.objects.filter(pk=feed.account_id, login=feed.extension)
        account.update(event_cursor=cursor)


def _account_feed(locks: ExitStack) -> Iterator[EventFeed]:
    if locks.enter_context(try_lock(LockSpace.TELEPHONY_EVENTS)):
        row = MightyCallCursor.objects.filter(name=ACCOUNT).first()
        yield EventFeed(None, "", row.cursor if row else "")


def _free_shards(locks: ExitStack) -> Iterator[list[EventFeed]]:
    """Yield the feeds of one free shard after another. Its lock is held until the round ends."""
    on_line = MightyCallActiveOperator.objects.values_list("operator_id", flat=True)
    for shard in sorted({operator_id % settings.TELEPHONY_SHARDS for operator_id in on_line}):
        if locks.enter_context(try_lock(LockSpace.TELEPHONY_SHARD, shard)):
            yield _feeds_of(shard)


def _feeds_of(shard: int) -> list[EventFeed]:
    """Call it under the shard's lock, so that the cursors are the latest."""
    on_line = MightyCallActiveOperator.objects.filter(operator=OuterRef("operator"))
    accounts = (
        MightyCallOperator.objects.filter(Exists(on_line))
        .annotate(shard=F("operator_id") % settings.TELEPHONY_SHARDS)
        .filter(shard=shard)
        .order_by("pk")
    )
    return [EventFeed(*row) for row in accounts.values_list("pk", "login", "event_cursor")]
