"""What an operator's page should react to now. It is computed from the present state, not from
events, so a lost answer loses nothing.

How the cache stays right. Under the operator's key lies either what was computed from the tables,
or a mark that says "look at the tables"; each value is unlike every other. A writer sets a fresh
mark after its commit. Whoever computes changes, a reader that finds a mark or a writer that
refreshes many operators at once, first notes what lies there, then looks at the tables, and then
replaces exactly what it noted. A newer mark, set in the meantime, stays, and the next reader looks
again. A mark can be lost (its process died, Redis was down); the short life of every value makes up
for that.

Pages that hold a stream open do not ask by themselves. So whoever changes something also publishes
whom it concerns, after the cache has the mark or the value.

What an operator does is recorded first: the changes tell since when.
"""

import logging
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from apps.arm.models import Workplace
from apps.arm.periods.recording import record_or_log
from apps.arm.ports import operator_sessions
from apps.arm.types import (
    CHANGED_CHANNEL,
    NOT_ON_LINE,
    Change,
    Changes,
    OperatorPresence,
    OperatorStatus,
    TelephonyState,
)
from apps.campaigns import selectors as campaigns
from apps.campaigns.types import LiveCommunication
from apps.security import selectors as security
from common.channels import publish
from common.clock import now

logger = logging.getLogger(__name__)

KEY_PREFIX = "arm:changes:"
LIFE_SECONDS = 10  # how long a lost mark can go unnoticed
REPLACE_NOTED = """
for i, key in ipairs(KEYS) do
    if redis.call('GET', key) == ARGV[2 * i] then
        redis.call('SET', key, ARGV[2 * i + 1], 'EX', ARGV[1])
    end
end
"""


def what_changed(token: str) -> Changes:
    """What the page of this token's operator should react to: from the cache alone while it is
    warm.

    Raises AccessDeniedError. Asking is not working: it does not prolong the token.
    """
    session, cached = security.session_and_value(token, KEY_PREFIX)
    return _changes_of(session.operator_id, cached)


@lru_cache(maxsize=4_096)  # more than tokens in use
def warm_keys(token: str) -> tuple[str, ...] | None:
    """The keys in Redis whose values ``warm_changes`` needs. None when the token names no
    operator."""
    return security.warm_keys(token, KEY_PREFIX)


def warm_changes(values: Sequence[bytes | None]) -> Changes | None:
    """What ``what_changed`` returns, from the values of the token's ``warm_keys`` as Redis has
    them. None when only ``what_changed`` can tell: the token may be dead, the cache cold.
    """
    session, tombstone, cached = values
    if cached is None or security.warm_session(session, tombstone) is None:
        return None
    return _read(cached)


def invalidate(*operator_ids: int) -> None:
    """After the caller's commit, the next question of these operators is answered from the
    tables."""
    if operator_ids:
        transaction.on_commit(lambda: _invalidate(operator_ids))


def refresh(*operator_ids: int) -> None:
    """After the caller's commit, compute the changes of these operators, so that their pages need
    not look at the tables. It costs a few queries, as many for hundreds of operators as for one.
    """
    if operator_ids:
        transaction.on_commit(lambda: _refresh(operator_ids))


def refresh_signed_in() -> int:
    """Compute the changes of everybody who is signed in, before they expire in the cache. Returns
    of how many."""
    operator_ids = sorted(security.signed_in_operator_ids())
    if operator_ids:
        noted = _noted(operator_ids)
        found = _compute(operator_ids, noted)
        others = [pk for pk, value in noted.items() if _read(value) != found[pk]]
        if others:  # somebody's mark or message was lost
            publish(CHANGED_CHANNEL, others)
    return len(operator_ids)


def _invalidate(operator_ids: Collection[int]) -> None:
    _mark(operator_ids)
    publish(CHANGED_CHANNEL, operator_ids)


def _refresh(operator_ids: Collection[int]) -> None:
    record_or_log(operator_ids, now())
    marks = _mark(operator_ids)
    try:
        _compute(operator_ids, marks)
    except Exception as error:  # noqa: BLE001 - the writer has committed: its readers look themselves
        logger.error("changes cannot be computed: %s", type(error).__name__)  # noqa: TRY400
    publish(CHANGED_CHANNEL, operator_ids)


def _changes_of(operator_id: int, cached: Any) -> Changes:
    """``cached`` is what lay under the operator's key."""
    if isinstance(cached, dict):
        return _unpacked(cached)
    mark = _encoded(cached) if isinstance(cached, str) else _own_mark(operator_id)
    return _compute([operator_id], {operator_id: mark})[operator_id]


@lru_cache(maxsize=4_096)
def _read(stored: bytes) -> Changes | None:
    """The changes, from what Redis has; None for a mark."""
    value = cache.client.decode(stored)  # type: ignore[attr-defined]
    return _unpacked(value) if isinstance(value, dict) else None


def _compute(operator_ids: Collection[int], noted: Mapping[int, bytes]) -> dict[int, Changes]:
    """Compute changes from the tables, and put them where still lies what was noted."""
    changes = changes_in_tables(operator_ids)
    _replace(noted, changes)
    return changes


def _mark(operator_ids: Collection[int]) -> dict[int, bytes]:
    """Set a fresh mark for each of these operators, and return them as they lie in the cache."""
    mark = uuid.uuid4().hex
    cache.set_many({_key(pk): mark for pk in operator_ids}, LIFE_SECONDS)
    return dict.fromkeys(operator_ids, _encoded(mark))


def _noted(operator_ids: Collection[int]) -> dict[int, bytes]:
    """Return what lies under the key of each of these operators; a mark where nothing lay."""
    try:
        redis = get_redis_connection("default")
        found = redis.mget([cache.make_key(_key(pk)) for pk in operator_ids])
    except RedisError:
        return {}  # a cache that is down is a cold cache
    lying = zip(operator_ids, found, strict=True)
    return {pk: _own_mark(pk) if value is None else value for pk, value in lying}


def _own_mark(operator_id: int) -> bytes:
    """Set a mark unless something lies there."""
    mark = uuid.uuid4().hex
    cache.add(_key(operator_id), mark, LIFE_SECONDS)
    return _encoded(mark)


def _replace(noted: Mapping[int, bytes], changes: Mapping[int, Changes]) -> None:
    keys = [cache.make_key(_key(pk)) for pk in noted]
    values = [value for pk in noted for value in (noted[pk], _encoded(_packed(changes[pk])))]
    try:
        redis = get_redis_connection("default")
        redis.eval(REPLACE_NOTED, len(keys), *keys, LIFE_SECONDS, *values)
    except RedisError:
        return  # a cache that is down is a cold cache


def _encoded(value: Any) -> bytes:
    encoded: bytes = cache.client.encode(value)  # type: ignore[attr-defined]
    return encoded


def _packed(changes: Changes) -> dict[str, Any]:
    """The changes in the types of JSON. The stamp makes them unlike any other value."""
    due = changes.result_due_at
    return {
        "names": [name.value for name in changes.names],
        "status": changes.status.value,
        "communication_id": changes.communication_id,
        "result_due_at": due.isoformat() if due else None,
        "telephony": changes.telephony.value if changes.telephony else None,
        "other_places": changes.other_places,
        "stamp": uuid.uuid4().hex,
    }


def _unpacked(packed: dict[str, Any]) -> Changes:
    due = packed["result_due_at"]
    telephony = packed.get("telephony")  # an older process of an upgrade does not write it
    return Changes(
        names=tuple(Change(name) for name in packed["names"]),
        status=OperatorStatus(packed["status"]),
        communication_id=packed["communication_id"],
        result_due_at=datetime.fromisoformat(due) if due else None,
        telephony=TelephonyState(telephony) if telephony else None,
        other_places=packed.get("other_places"),
    )


def changes_in_tables(operator_ids: Collection[int]) -> dict[int, Changes]:
    """The changes of each of these operators by the tables alone. Takes as many queries for many
    operators as for one."""
    live = campaigns.live_communications(operator_ids)
    rework = Workplace.objects.filter(operator__in=operator_ids, rework_list_changed=True)
    reworked = set(rework.values_list("operator_id", flat=True))
    places = security.live_token_counts(operator_ids)
    presences = operator_sessions().presences_of([pk for pk in operator_ids if pk not in live])
    return {
        pk: replace(
            _changes(live.get(pk), presences.get(pk), rework_list_changed=pk in reworked),
            other_places=places.get(pk, 1) - 1 or None,
        )
        for pk in operator_ids
    }


def _changes(
    live: LiveCommunication | None,
    presence: OperatorPresence | None,
    *,
    rework_list_changed: bool,
) -> Changes:
    """``presence`` is needed where there is no conversation."""
    reasons = {
        Change.CLIENT_CARD_READY: live is not None and not live.card_fetched,
        Change.CALL_FINISHED: live is not None and live.result_due_at is not None,
        Change.REWORK_LIST_CHANGED: rework_list_changed,
    }
    presence = presence or NOT_ON_LINE
    has_agreed = presence.telephony == TelephonyState.CONNECTED
    status = presence.status
    if live is not None:
        status = OperatorStatus.WRAP_UP if live.ended_at else OperatorStatus.IN_CALL
    return Changes(
        names=tuple(name for name, is_so in reasons.items() if is_so),
        status=status,
        telephony=presence.telephony if live is None and not has_agreed else None,
        communication_id=live.id if live else None,
        result_due_at=live.result_due_at if live else None,
    )


def _key(operator_id: int) -> str:
    return f"{KEY_PREFIX}{operator_id}"
