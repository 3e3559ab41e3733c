"""What an operator's page should react to now. It is computed from the present state, not from
events, so a lost answer loses nothing.

How the cache stays right. Under the operator's key lies either what was computed from the tables,
or a mark that says "look at the tables". A writer sets a fresh mark after its commit. A reader that
has to look at the tables first makes sure that a mark lies there, and afterwards replaces exactly
that mark. A newer mark, set in the meantime, stays, and the next reader looks again. A mark can be
lost (its process died, Redis was down); the short life of every value makes up for that.
"""

import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from apps.arm.models import ClientCard, Workplace
from apps.arm.ports import operator_sessions
from apps.arm.types import Change, Changes, OperatorStatus
from apps.campaigns import selectors as campaigns
from apps.campaigns.types import LiveCommunication
from apps.security import selectors as security

KEY_PREFIX = "arm:changes:"
LIFE_SECONDS = 10  # how long a lost mark can go unnoticed
REPLACE_MARK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
    return redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
end
return false
"""


def what_changed(token: str) -> Changes:
    """What the page of this token's operator should react to: from the cache alone while it is
    warm.

    Raises AccessDeniedError. Asking is not working: it does not prolong the token.
    """
    session, cached = security.session_and_value(token, KEY_PREFIX)
    return _changes_of(session.operator_id, cached)


def invalidate(*operator_ids: int) -> None:
    """After the caller's commit, the next question of these operators is answered from the
    tables."""

    def mark() -> None:
        for operator_id in operator_ids:
            cache.set(f"{KEY_PREFIX}{operator_id}", _new_mark(), LIFE_SECONDS)

    transaction.on_commit(mark)


def _changes_of(operator_id: int, cached: Any) -> Changes:
    """``cached`` is what lay under the operator's key."""
    if isinstance(cached, dict):
        return _unpacked(cached)
    key = f"{KEY_PREFIX}{operator_id}"
    mark = cached if isinstance(cached, str) else _own_mark(key)
    changes = _from_tables(operator_id)
    _replace(key, mark, changes)
    return changes


def _new_mark() -> str:
    return uuid.uuid4().hex


def _own_mark(key: str) -> str:
    mark = _new_mark()
    cache.add(key, mark, LIFE_SECONDS)
    return mark


def _replace(key: str, mark: str, changes: Changes) -> None:
    encode = cache.client.encode  # type: ignore[attr-defined]
    try:
        redis = get_redis_connection("default")
        name = cache.make_key(key)
        redis.eval(REPLACE_MARK, 1, name, encode(mark), encode(_packed(changes)), LIFE_SECONDS)
    except RedisError:
        return  # a cache that is down is a cold cache


def _packed(changes: Changes) -> dict[str, Any]:
    """The changes in the types of JSON, in which the cache keeps values."""
    due = changes.result_due_at
    return {**asdict(changes), "result_due_at": due.isoformat() if due else None}


def _unpacked(packed: dict[str, Any]) -> Changes:
    due = packed["result_due_at"]
    return Changes(
        names=tuple(Change(name) for name in packed["names"]),
        status=OperatorStatus(packed["status"]),
        communication_id=packed["communication_id"],
        result_due_at=datetime.fromisoformat(due) if due else None,
    )


def _from_tables(operator_id: int) -> Changes:
    live = campaigns.live_communication(operator_id)
    names = []
    if live is not None and _card_is_ready(live):
        names.append(Change.CLIENT_CARD_READY)
    if live is not None and live.result_due_at is not None:
        names.append(Change.CALL_FINISHED)
    if Workplace.objects.filter(operator_id=operator_id, rework_list_changed=True).exists():
        names.append(Change.REWORK_LIST_CHANGED)
    return Changes(
        names=tuple(names),
        status=_status(operator_id, live),
        communication_id=live.id if live else None,
        result_due_at=live.result_due_at if live else None,
    )


def _card_is_ready(live: LiveCommunication) -> bool:
    prepared = ClientCard.objects.filter(communication_id=live.id)
    return not live.card_fetched and prepared.exists()


def _status(operator_id: int, live: LiveCommunication | None) -> OperatorStatus:
    if live is not None:
        return OperatorStatus.WRAP_UP if live.ended_at else OperatorStatus.IN_CALL
    return operator_sessions().status_of(operator_id)
