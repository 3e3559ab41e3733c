"""Puts the clients who asked never to be called again on the blacklist [source 2.3.1]."""

import logging
from datetime import datetime

from django.db.models import Max

from apps.campaigns import selectors as campaigns
from apps.campaigns.types import ListedPhone
from apps.filters.facts import BlacklistAnswer
from apps.filters.integrations.blacklist import BlacklistKey, add_record, search
from apps.filters.models import BlacklistNotice
from common.locks import LockSpace, try_lock
from common.service_errors import ServiceError

logger = logging.getLogger(__name__)

ENTRIES_AT_ONCE = 500  # one search of BlackList
# Entries may be committed out of the order of their ids, so this many of the latest are read again.
ENTRIES_READ_AGAIN = 100


def send_blacklist_notices(now: datetime) -> int:
    """Send the entries of the do-not-call list that BlackList does not know of yet.

    Returns how many it knows of now; 0 also when another worker sends them. Sending stops at the
    first entry that fails: a later sweep goes on from there. BlackList is searched first, so that
    no phone gets a second record. Must be called outside a transaction.
    """
    with try_lock(LockSpace.BLACKLIST_NOTICES) as won:
        entries = _entries_without_notice() if won else []
        if not entries:
            return 0
        answers = search([BlacklistKey(entry.phone) for entry in entries], now)
        sent = 0
        for entry in entries:
            # In their order: an entry that fails must stay among those that are read again.
            if not _send(entry, answers[BlacklistKey(entry.phone)]):
                break
            sent += 1
        return sent


def _entries_without_notice() -> list[ListedPhone]:
    """Oldest first."""
    last = BlacklistNotice.objects.aggregate(last=Max("entry_id"))["last"] or 0
    entries = campaigns.do_not_call_after(last - ENTRIES_READ_AGAIN, ENTRIES_AT_ONCE)
    notices = BlacklistNotice.objects.filter(entry_id__in=[entry.entry_id for entry in entries])
    noticed = set(notices.values_list("entry_id", flat=True))
    return [entry for entry in entries if entry.entry_id not in noticed]


def _send(entry: ListedPhone, answer: BlacklistAnswer | ServiceError) -> bool:
    """True once BlackList has a record of the phone, and the notice says so."""
    if isinstance(answer, ServiceError):
        return False
    try:
        if not answer.blocked:
            add_record(entry.phone, entry.reason)
    except ServiceError:
        text = "entry %d was not sent to the blacklist; a later sweep sends it"
        logger.warning(text, entry.entry_id)
        return False
    BlacklistNotice.objects.get_or_create(entry_id=entry.entry_id)
    return True
