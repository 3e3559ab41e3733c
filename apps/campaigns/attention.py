"""Sets aside single items that raise an unexpected error, so that they hold up no other.

Every loop over many items has one barrier per item: it catches what the item raises, calls
``set_aside`` and goes on. The item is left out while it is in ``waiting_keys`` and tried again
after that, with growing pauses; ``handled`` forgets it once it went well.
"""

import logging
import traceback
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count

from apps.campaigns.models import AttentionItem
from apps.campaigns.states import AttentionKind

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
ERROR_LENGTH = 255
KEY_LENGTH = 128
LOGGED_KEYS = 10

# The pause doubles with each try, unless the item has a pause of its own.
SET_ASIDE = """
INSERT INTO "tm$attention_items" (kind, key, error, next_try_at)
SELECT %s, key, error, %s FROM unnest(%s::text[], %s::text[]) AS item (key, error)
ORDER BY key
ON CONFLICT (kind, key) DO UPDATE SET
    error = excluded.error,
    tries = "tm$attention_items".tries + 1,
    next_try_at = COALESCE(%s::timestamptz, %s + LEAST(
        %s::interval * power(2, LEAST("tm$attention_items".tries, 20)), %s::interval
    ))
"""


def set_aside(
    kind: AttentionKind,
    key: object,
    error: Exception,
    now: datetime,
    next_try_at: datetime | None = None,
) -> None:
    """Keep the item with its error until it is tried again: at ``next_try_at``, or after a pause
    that doubles with each try.

    Neither the table nor the log holds the error's text, which may quote a client's data: only its
    kind and the place in the code. Call it outside a broken transaction.
    """
    set_aside_all(kind, {str(key): error}, now, next_try_at)


def set_aside_all(
    kind: AttentionKind,
    errors: Mapping[str, Exception],
    now: datetime,
    next_try_at: datetime | None = None,
) -> None:
    """Keep many items, each under its key, like ``set_aside``; one statement for any number.

    Errors of the same kind and place are one entry of the log.
    """
    if not errors:
        return
    found = {key[:KEY_LENGTH]: _what(error) for key, error in errors.items()}
    keys_of: dict[str, list[str]] = defaultdict(list)
    for key, what in found.items():
        keys_of[what].append(key)
    examples = {_what(error): error for error in errors.values()}
    for what, keys in keys_of.items():
        some = ", ".join(keys[:LOGGED_KEYS])
        text = "%s set aside, %d in all: %s: %s\n%s"
        logger.error(text, kind, len(keys), some, what, _frames(examples[what]))
    with connection.cursor() as cursor:
        cursor.execute(
            SET_ASIDE,
            [kind, next_try_at or now + FIRST_PAUSE, list(found), list(found.values()),
             next_try_at, now, str(FIRST_PAUSE), str(LONGEST_PAUSE)],
        )  # fmt: skip


def waiting_keys(kind: AttentionKind, now: datetime) -> set[str]:
    """Keys of the items of this kind that are not to be tried yet."""
    waiting = AttentionItem.objects.filter(kind=kind, next_try_at__gt=now)
    return set(waiting.values_list("key", flat=True))


def known_keys(kind: AttentionKind) -> set[str]:
    """Keys of all items of this kind that were set aside and not handled since."""
    return set(AttentionItem.objects.filter(kind=kind).values_list("key", flat=True))


def items_by_kind() -> dict[AttentionKind, int]:
    """How many items of each kind need attention; 0 where none does."""
    rows = AttentionItem.objects.values_list("kind").annotate(Count("pk")).order_by()
    counts = dict(rows)
    return {kind: counts.get(kind.value, 0) for kind in AttentionKind}


def handled(kind: AttentionKind, keys: Iterable[object]) -> int:
    """Forget items that went well at last; returns how many there were."""
    texts = [str(key)[:KEY_LENGTH] for key in keys]
    deleted, _ = AttentionItem.objects.filter(kind=kind, key__in=texts).delete()
    return deleted


def release(item_ids: Iterable[int], now: datetime) -> int:
    """Let these items be tried at once; returns how many."""
    return AttentionItem.objects.filter(pk__in=list(item_ids)).update(next_try_at=now)


def _what(error: Exception) -> str:
    return f"{type(error).__name__} {_place(error)}"[:ERROR_LENGTH]


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    return f"{ours[-1].name}:{ours[-1].lineno}" if ours else ""


def _frames(error: Exception) -> str:
    return "".join(traceback.format_tb(error.__traceback__))
