"""Puts the clients who asked never to be called again on the blacklist [source 2.3.1]."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Max

from apps.campaigns import selectors as campaigns
from apps.campaigns.types import ListedPhone
from apps.filters.facts import BlacklistAnswer
from apps.filters.integrations.blacklist import BlacklistKey, add_record, search
from apps.filters.models import BlacklistNotice
from common.locks import LockSpace, try_lock
from common.service_errors import PermanentError, ServiceError

logger = logging.getLogger(__name__)

ENTRIES_AT_ONCE = 500  # one search of BlackList
# So many ids up to the latest entry with a notice are read again: entries may be committed out of
# the order of their ids, and one that fails is tried again while later ones are sent.
ENTRIES_READ_AGAIN = 1_000


def send_blacklist_notices(now: datetime) -> int:
    """Send the entries of the do-not-call list that BlackList does not know of yet.

    Returns how many it knows of now; 0 also when another worker sends them. An entry that an
    operator may still take back, by correcting the result of the conversation, waits: nothing
    removes a record there. Such an entry, or one that fails, holds up no other until it is
    ENTRIES_READ_AGAIN ids behind: then later ones wait, since it would not be read again. BlackList
    is searched first, so that no phone gets a second record. Must be called outside a transaction.
    """
    with try_lock(LockSpace.BLACKLIST_NOTICES) as won:
        entries = _entries_without_notice() if won else []
        settled = [entry for entry in entries if _is_settled(entry, now)]
        if not settled:
            return 0
        answers = _answers_about(settled, now)
        sent, failed_id = 0, None
        for entry in entries:
            if failed_id and entry.entry_id - failed_id >= ENTRIES_READ_AGAIN:
                break
            if _is_settled(entry, now) and _send(entry, answers[BlacklistKey(entry.phone)]):
                sent += 1
            else:
                failed_id = failed_id or entry.entry_id
        return sent


def _is_settled(entry: ListedPhone, now: datetime) -> bool:
    return entry.settled_at is None or entry.settled_at <= now


def _entries_without_notice() -> list[ListedPhone]:
    """Oldest first."""
    last = BlacklistNotice.objects.aggregate(last=Max("entry_id"))["last"] or 0
    entries = campaigns.do_not_call_after(
        last - ENTRIES_READ_AGAIN, ENTRIES_READ_AGAIN + ENTRIES_AT_ONCE
    )
    notices = BlacklistNotice.objects.filter(entry_id__in=[entry.entry_id for entry in entries])
    noticed = set(notices.values_list("entry_id", flat=True))
    return [entry for entry in entries if entry.entry_id not in noticed][:ENTRIES_AT_ONCE]


def _answers_about(
    entries: Sequence[ListedPhone], now: datetime
) -> Mapping[BlacklistKey, BlacklistAnswer | ServiceError]:
    """What BlackList says of each. Where it rejects a search, each half is searched on its own,
    down to the entry that it rejects; its breaker ends that where it rejects everything."""
    answers = search([BlacklistKey(entry.phone) for entry in entries], now)
    rejected = all(isinstance(answer, PermanentError) for answer in answers.values())
    if not rejected or len(entries) == 1:
        return answers
    middle = len(entries) // 2
    return {**_answers_about(entries[:middle], now), **_answers_about(entries[middle:], now)}


def _send(entry: ListedPhone, answer: BlacklistAnswer | ServiceError) -> bool:
    """True once BlackList has a record of the phone, and the notice says so."""
    if isinstance(answer, ServiceError):
        return False
    try:
        if not answer.blocked:
            add_record(entry.phone, entry.reason)
    except Exception as error:  # noqa: BLE001 - the barrier: the next entry must go on
        text = "entry %d was not sent to the blacklist, a later sweep sends it: %s"
        logger.warning(text, entry.entry_id, type(error).__name__)
        return False
    BlacklistNotice.objects.get_or_create(entry_id=entry.entry_id)
    return True
