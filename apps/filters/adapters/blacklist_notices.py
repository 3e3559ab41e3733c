"""Puts the clients who asked never to be called again on the blacklist [source 2.3.1]."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import inf

from django.db.models import Max

from apps.campaigns import selectors as campaigns
from apps.campaigns.services import handled, known_keys, set_aside_all, waiting_keys
from apps.campaigns.types import AttentionKind, ListedPhone
from apps.filters.facts import BlacklistAnswer
from apps.filters.integrations.blacklist import BlacklistKey, add_record, search
from apps.filters.models import BlacklistNotice
from common.locks import LockSpace, try_lock
from common.service_errors import PermanentError, ServiceError

logger = logging.getLogger(__name__)

ENTRIES_AT_ONCE = 500  # one search of BlackList
# So many ids up to the latest entry with a notice are read again: entries may be committed out of
# the order of their ids.
ENTRIES_READ_AGAIN = 1_000
SHOWN = AttentionKind.DO_NOT_CALL_ENTRY


def send_blacklist_notices(now: datetime) -> int:
    """Send the entries of the do-not-call list that BlackList does not know of yet.

    Returns how many it knows of now; 0 also when another worker sends them. An entry that fails
    while a later one is sent is set aside: it is tried again with growing pauses, needs attention
    meanwhile, and holds up no other. Where all fail, the next sweep tries them again. BlackList is
    searched first, so that no phone gets a second record.

    An entry that an operator may still take back, by correcting the result of the conversation,
    waits: nothing removes a record there. It holds up no other, as long as there are fewer than
    ENTRIES_READ_AGAIN. Must be called outside a transaction.
    """
    with try_lock(LockSpace.BLACKLIST_NOTICES) as won:
        entries = _entries_to_send(now) if won else []
        if not entries:
            return 0
        answers = _answers_about(entries, now)
        errors = {e.entry_id: _error_of_sending(e, answers[BlacklistKey(e.phone)]) for e in entries}
        sent = [entry_id for entry_id, error in errors.items() if error is None]
        failed = {
            str(entry_id): error
            for entry_id, error in errors.items()
            if error is not None and entry_id < max(sent, default=0)
        }
        set_aside_all(SHOWN, failed, now)
        handled(SHOWN, sent)
        return len(sent)


def _entries_to_send(now: datetime) -> list[ListedPhone]:
    """Those set aside whose pause is over, then those without a notice, oldest first."""
    aside = {int(key) for key in known_keys(SHOWN)}
    waiting = {int(key) for key in waiting_keys(SHOWN, now)}
    due = campaigns.do_not_call_entries(sorted(aside - waiting)[:ENTRIES_AT_ONCE])
    last = BlacklistNotice.objects.aggregate(last=Max("entry_id"))["last"] or 0
    latest = campaigns.do_not_call_after(
        last - ENTRIES_READ_AGAIN, ENTRIES_READ_AGAIN + ENTRIES_AT_ONCE
    )
    notices = BlacklistNotice.objects.filter(entry_id__in=[entry.entry_id for entry in latest])
    known = aside | set(notices.values_list("entry_id", flat=True))
    unsent = [entry for entry in latest if entry.entry_id not in known]
    return [*due, *_settled(unsent, now)][:ENTRIES_AT_ONCE]


def _settled(entries: Sequence[ListedPhone], now: datetime) -> list[ListedPhone]:
    """Without those that may still be taken back, and without those so far behind the first of
    these that it would not be read again."""
    early = {e.entry_id for e in entries if e.settled_at is not None and e.settled_at > now}
    end = min(early, default=inf) + ENTRIES_READ_AGAIN
    return [e for e in entries if e.entry_id not in early and e.entry_id < end]


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


def _error_of_sending(
    entry: ListedPhone, answer: BlacklistAnswer | ServiceError
) -> Exception | None:
    """None once BlackList has a record of the phone, and the notice says so."""
    if isinstance(answer, ServiceError):
        return answer
    try:
        if not answer.blocked:
            add_record(entry.phone, entry.reason)
    except Exception as error:  # noqa: BLE001 - the barrier: the next entry must go on
        text = "entry %d was not sent to the blacklist, a later sweep sends it: %s"
        logger.warning(text, entry.entry_id, type(error).__name__)
        return error
    BlacklistNotice.objects.get_or_create(entry_id=entry.entry_id)
    return None
