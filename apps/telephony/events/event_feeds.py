"""Event feeds as rows: how far each has been read, and when one that fails is asked again."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from apps.campaigns.services import handled, known_keys, set_aside, waiting_keys
from apps.campaigns.types import AttentionKind
from apps.telephony.mightycall.request_pool import Failure
from apps.telephony.models import MightyCallActiveOperator, MightyCallCursor, MightyCallOperator
from common import clock
from common.service_errors import TemporaryError

ACCOUNT = "account"  # the name of the account's feed
# A feed that fails is asked again after twice as long each time, so it costs the others nothing.
FIRST_PAUSE_SECONDS = 1
LONGEST_PAUSE_SECONDS = 60
# So long an answer of the account's feed says that it is read: the next poll comes much sooner.
READ_SECONDS = 2
READ_KEY = "telephony:account-feed-read"
MOST_FAILURES = 30  # counted no further: the pause is the longest long since
SHOWN = AttentionKind.EVENT_FEED


@dataclass(frozen=True, slots=True)
class EventFeed:
    """A feed and how far it has been read. ``account_id`` is the row of the operator's account;
    None: the feed of the whole MightyCall account. ``failures``: of its last requests in a row.
    """

    account_id: int | None
    extension: str
    cursor: str
    failures: int = 0


def account_feed() -> EventFeed:
    row = MightyCallCursor.objects.filter(name=ACCOUNT).first()
    return EventFeed(None, "", row.cursor, int(row.failing)) if row else EventFeed(None, "", "")


def account_is_read() -> bool:
    """Return True if the account's feed, which has everybody's events, has answered just now. A
    cache that is lost says no, and then the operators' feeds are asked more often.
    """
    return bool(cache.get(READ_KEY))


def operators_to_poll(*, only_failed: bool = False) -> set[int]:
    """Return the operators whose feed may be asked now; with ``only_failed`` those whose feed
    failed the last time.
    """
    due = _due().filter(feed_failures__gt=0) if only_failed else _due()
    return set(due.values_list("operator_id", flat=True))


def feeds_of(shard: int) -> list[EventFeed]:
    """Call it under the shard's lock, so that the cursors are the latest."""
    accounts = (
        _due()
        .annotate(shard=F("operator_id") % settings.TELEPHONY_SHARDS)
        .filter(shard=shard)
        .order_by("pk")
    )
    fields = ("pk", "login", "event_cursor", "feed_failures")
    return [EventFeed(*row) for row in accounts.values_list(*fields)]


def save_cursor(feed: EventFeed, cursor: str) -> None:
    """Call it after the events before the cursor were applied."""
    if feed.account_id is None:
        MightyCallCursor.objects.update_or_create(name=ACCOUNT, defaults={"cursor": cursor})
    else:
        # if the login has changed meanwhile, the cursor belongs to the feed of the old one
        account = MightyCallOperator.objects.filter(pk=feed.account_id, login=feed.extension)
        account.update(event_cursor=cursor)


def note_success(feed: EventFeed) -> None:
    """The feed is read. When it is the account's after a failure, the service is back: every feed
    is asked. For an operator's feed that had not failed it changes nothing.
    """
    if feed.account_id is None:
        cache.set(READ_KEY, 1, READ_SECONDS)
    if not feed.failures:
        return
    if feed.account_id is None:
        MightyCallCursor.objects.filter(name=ACCOUNT).update(failing=False)
        backed_off = MightyCallOperator.objects.filter(next_poll_at__isnull=False)
        backed_off.update(feed_failures=0, next_poll_at=None)
        handled(SHOWN, known_keys(SHOWN))
        return
    accounts = MightyCallOperator.objects.filter(pk=feed.account_id)
    accounts.update(feed_failures=0, next_poll_at=None)
    handled(SHOWN, [feed.extension])


def note_failure(feed: EventFeed, failure: Failure) -> None:
    """Have a feed that failed by itself asked later. Where the whole service fails, the breaker
    makes the pause, and every feed is asked as soon as it is over.
    """
    if feed.account_id is None:
        cache.delete(READ_KEY)
        MightyCallCursor.objects.update_or_create(name=ACCOUNT, defaults={"failing": True})
    if not _is_of_the_service(failure):
        back_off(feed, failure)


def back_off(feed: EventFeed, error: Exception) -> None:
    """Have the feed asked later, after a longer pause with each failure. The account's feed is
    asked again in the next round.

    A feed that fails twice in a row is shown in the back office until it is read again.
    """
    now = clock.now()
    next_poll_at = now
    if feed.account_id is not None:
        pause = min(FIRST_PAUSE_SECONDS * 2**feed.failures, LONGEST_PAUSE_SECONDS)
        next_poll_at += timedelta(seconds=pause)
        MightyCallOperator.objects.filter(pk=feed.account_id).update(
            feed_failures=min(feed.failures + 1, MOST_FAILURES), next_poll_at=next_poll_at
        )
    if feed.failures:
        set_aside(SHOWN, feed.extension or ACCOUNT, error, now, next_poll_at)


def ask_released() -> None:
    """Have the feeds asked at once that a person has released in the back office."""
    known = known_keys(SHOWN)
    if released := known and known - waiting_keys(SHOWN, clock.now()):
        MightyCallOperator.objects.filter(login__in=released).update(next_poll_at=None)


def _is_of_the_service(failure: Failure) -> bool:
    """Return True if no request could have been made, whichever feed it is for."""
    if not isinstance(failure, TemporaryError):
        return False
    return failure.status is None and not failure.was_sent


def _due() -> QuerySet[MightyCallOperator]:
    on_line = MightyCallActiveOperator.objects.filter(operator=OuterRef("operator"))
    is_due = Q(next_poll_at__isnull=True) | Q(next_poll_at__lte=clock.now())
    return MightyCallOperator.objects.filter(is_due, Exists(on_line))
