"""Tells BlackList of the clients who asked not to be called again (section 2.3.1)."""

import logging
from datetime import datetime

from django.db.models import Max

from apps.campaigns import selectors as campaigns
from apps.filters.facts import BlacklistAnswer
from apps.filters.integrations.blacklist import BlacklistKey, add_record, search
from apps.filters.models import BlacklistNotice
from common.locks import LockSpace, try_lock
from common.service_errors import ServiceError

logger = logging.getLogger(__name__)

ENTRIES_AT_ONCE = 500  # one search of BlackList
# numbers may be committed out of order, so so many of the latest are looked at again
LOOKED_AT_AGAIN = 100


def tell_refusals(now: datetime) -> int:
    """Tell of entries that were not told yet; how many became known to BlackList.

    What fails is told by a later sweep. A record is not made twice: BlackList is asked first.
    """
    with try_lock(LockSpace.TELL_BLACKLIST) as won:
        entries = _untold() if won else {}
        if not entries:
            return 0
        known = search([BlacklistKey(phone) for phone, _reason in entries.values()], now)
        told = 0
        for entry_id, entry in entries.items():
            # in their order: one that fails must not fall behind those that are looked at
            if not _tell(entry_id, entry, known[BlacklistKey(entry[0])]):
                break
            told += 1
        return told


def _untold() -> dict[int, tuple[str, str]]:
    """Entry → phone and reason, oldest first."""
    last = BlacklistNotice.objects.aggregate(last=Max("entry_id"))["last"] or 0
    found = campaigns.do_not_call_after(last - LOOKED_AT_AGAIN, ENTRIES_AT_ONCE)
    told = set(
        BlacklistNotice.objects.filter(entry_id__in=[row[0] for row in found]).values_list(
            "entry_id", flat=True
        )
    )
    return {entry_id: (phone, why) for entry_id, phone, why in found if entry_id not in told}


def _tell(entry_id: int, entry: tuple[str, str], known: BlacklistAnswer | ServiceError) -> bool:
    if isinstance(known, ServiceError):
        return False
    try:
        if not known.blocked:
            add_record(*entry)
    except ServiceError:
        logger.warning("the blacklist was not told of entry %d; a later sweep tells it", entry_id)
        return False
    BlacklistNotice.objects.get_or_create(entry_id=entry_id)
    return True
