"""Sets aside single items that raise an unexpected error, so that they hold up no other.

Every loop over many items has one barrier per item: it catches what the item raises, calls
``set_aside`` and goes on. The item is left out while it is in ``waiting_keys`` and tried again
after that, with growing pauses; ``handled`` forgets it once it went well.
"""

import logging
import traceback
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

from apps.campaigns.models import AttentionItem
from apps.campaigns.states import AttentionKind

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
ERROR_LENGTH = 255

# The pause doubles with each try.
SET_ASIDE = """
INSERT INTO "tm$attention_items" (kind, key, error, next_try_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (kind, key) DO UPDATE SET
    error = excluded.error,
    tries = "tm$attention_items".tries + 1,
    next_try_at = %s + LEAST(
        %s::interval * power(2, LEAST("tm$attention_items".tries, 20)), %s::interval
    )
"""


def set_aside(kind: AttentionKind, key: object, error: Exception, now: datetime) -> None:
    """Keep the item with its error until it is tried again.

    Neither the table nor the log holds the error's text, which may quote a client's data: only its
    kind and the place in the code. Call it outside a broken transaction.
    """
    what = f"{type(error).__name__} {_place(error)}"[:ERROR_LENGTH]
    logger.error("%s %s is set aside: %s\n%s", kind, key, what, _frames(error))
    first = now + FIRST_PAUSE
    with connection.cursor() as cursor:
        cursor.execute(
            SET_ASIDE,
            [kind, str(key)[:128], what, first, now, str(FIRST_PAUSE), str(LONGEST_PAUSE)],
        )


def waiting_keys(kind: AttentionKind, now: datetime) -> set[str]:
    """Keys of the items of this kind that are not to be tried yet."""
    waiting = AttentionItem.objects.filter(kind=kind, next_try_at__gt=now)
    return set(waiting.values_list("key", flat=True))


def known_keys(kind: AttentionKind) -> set[str]:
    """Keys of all items of this kind that were set aside and not handled since."""
    return set(AttentionItem.objects.filter(kind=kind).values_list("key", flat=True))


def handled(kind: AttentionKind, keys: Iterable[object]) -> int:
    """Forget items that went well at last; returns how many there were."""
    texts = [str(key)[:128] for key in keys]
    deleted, _ = AttentionItem.objects.filter(kind=kind, key__in=texts).delete()
    return deleted


def release(item_ids: Iterable[int], now: datetime) -> int:
    """Let these items be tried at once; returns how many."""
    return AttentionItem.objects.filter(pk__in=list(item_ids)).update(next_try_at=now)


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    return f"{ours[-1].name}:{ours[-1].lineno}" if ours else ""


def _frames(error: Exception) -> str:
    return "".join(traceback.format_tb(error.__traceback__))
