"""Live tokens: what they open, how their expiry slides, and how they end on every machine."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, F, QuerySet

from apps.security import session_cache, tokens
from apps.security.access_log.recording import record_change
from apps.security.models import Operator, OperatorAuth
from apps.security.permissions import role_includes, role_opens
from apps.security.types import (
    API,
    Access,
    AccessDeniedError,
    LockedSinceError,
    OpenElsewhereError,
    Role,
    Session,
    Visitor,
)
from common import clock

# a token's expiry slides when a sixteenth of its lifetime has passed: with 8 hours, at most one
# UPDATE in half an hour
NOTICEABLE_PART = 16


def session_of(token: str, role: Role = Role.OPERATOR) -> Session:
    """The live session of this token: from the cache alone while it is warm, else from the table.

    Raises AccessDeniedError when the token is unknown, expired or revoked, when its operator is
    locked, and when the operator's role does not include ``role``.
    """
    session, _ = session_and_value(token, None, role)
    return session


def session_and_value(
    token: str, key_prefix: str | None, role: Role = Role.OPERATOR
) -> tuple[Session, Any]:
    """``session_of``, and the cached value at the key ``{key_prefix}{operator_id}``, None when
    there is none. Both come in one round trip to Redis. Raises what ``session_of`` raises.
    """
    claimed = None if key_prefix is None else tokens.claimed_operator_id(token)
    extra_key = None if claimed is None else f"{key_prefix}{claimed}"
    digest = tokens.digest_of(token)
    session, value = session_cache.find(digest, extra_key)
    if session is None or not _goes_on(session):
        session = _session_from_table(token, digest)
    if not role_includes(session.role, role):
        raise AccessDeniedError
    return session, value


def warm_keys(token: str, key_prefix: str) -> tuple[str, ...] | None:
    """The keys in Redis that ``session_and_value`` would look at: two for ``warm_session``, then
    that of the value. None when the token names no operator.
    """
    claimed = tokens.claimed_operator_id(token)
    if claimed is None:
        return None
    value_key = cache.make_key(f"{key_prefix}{claimed}")
    return (*session_cache.keys_in_redis(tokens.digest_of(token)), value_key)


def warm_session(session: bytes | None, tombstone: bytes | None) -> Session | None:
    """The session of an operator's token, from what lies in Redis under its first two
    ``warm_keys``. None when only ``session_and_value`` can tell. For whoever must not wait for the
    table.
    """
    found = session_cache.session_in(session, tombstone)
    if found is None or not _goes_on(found) or not role_includes(found.role, Role.OPERATOR):
        return None
    return found


def signed_in_operator_ids() -> set[int]:
    """The operators with a live token who are not locked."""
    live = OperatorAuth.objects.filter(exp_date__gt=clock.now(), operator__locked=False)
    return set(live.values_list("operator_id", flat=True))


def extend(token: str, role: Role = Role.OPERATOR) -> Session:
    """``session_of``, and the expiry slides to a whole lifetime from now. The table is written only
    when a noticeable part of the lifetime has passed. Raises what ``session_of`` raises.
    """
    return _slid(token, session_of(token, role))


def check_access(
    token: str, role: Role = Role.OPERATOR, resource: str | None = None, *, slide: bool = False
) -> Session:
    """The session of this token, when its role includes ``role`` and opens ``resource``; ``slide``
    extends it. Raises AccessDeniedError; then nothing slides.
    """
    session = session_of(token, role)
    if resource is not None and not role_opens(session.role, resource):
        raise AccessDeniedError
    return _slid(token, session) if slide else session


def end_sessions(operator_ids: Collection[int]) -> None:
    """End every token of the operators at once, and their sessions in the back office for good:
    after a lock, a new password, role or login."""
    with transaction.atomic():
        operators = Operator.objects.filter(pk__in=operator_ids)
        # locked in the order of their keys, so that two such calls never deadlock
        list(operators.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
        operators.update(session_epoch=F("session_epoch") + 1)
        end_tokens(OperatorAuth.objects.filter(operator_id__in=operator_ids))


def revoke_tokens(token_ids: Collection[int], by: Visitor | None = None) -> None:
    """End these tokens at once, and no other of their operators; the access log has a record of
    it for each operator."""
    with transaction.atomic():
        rows = OperatorAuth.objects.filter(pk__in=token_ids)
        operator_ids = rows.order_by("operator_id").values_list("operator_id", flat=True)
        revoked_of = list(operator_ids.distinct())
        end_tokens(rows)
        if revoked_of:
            record_change(by, Access.TOKENS_REVOKED, Operator._meta.label_lower, *revoked_of)


def delete_expired_tokens() -> int:
    """Delete the tokens that have expired. Returns how many. Until then nothing accepts them: every
    look into the table compares their expiry.
    """
    deleted, _ = OperatorAuth.objects.filter(exp_date__lte=clock.now()).delete()
    return deleted


def end_tokens(rows: QuerySet[OperatorAuth]) -> None:
    """Delete these rows, in the caller's transaction. The cache stops answering for them before the
    deletion and again after the commit (see session_cache)."""
    digests = list(rows.values_list("token", flat=True))
    session_cache.distrust(digests)
    rows.filter(token__in=digests).delete()
    transaction.on_commit(partial(session_cache.distrust, digests))


def live_token_counts(operator_ids: Collection[int]) -> dict[int, int]:
    """At how many places each of these operators is logged in now, by one query; whoever is at none
    is left out."""
    live = OperatorAuth.objects.filter(operator__in=operator_ids, exp_date__gt=clock.now())
    counted = live.values("operator").annotate(places=Count("pk"))
    return dict(counted.values_list("operator", "places"))


def end_other_tokens(visitor: Visitor, token: str) -> None:
    """End every token of the operator but this one. The access log has a record of it when there
    was another."""
    with transaction.atomic():
        tokens_of_operator = OperatorAuth.objects.filter(operator_id=visitor.operator_id)
        others = tokens_of_operator.exclude(token=tokens.digest_of(token))
        if others.exists():
            end_tokens(others)
            record_change(visitor, Access.LOGGED_OUT, API)


def lifetime() -> timedelta:
    """How long a token lives from its last use on."""
    return timedelta(seconds=settings.TOKEN_LIFETIME_SECONDS)


def _goes_on(cached: Session) -> bool:
    """Whether the cache's word is enough; otherwise the table decides."""
    return cached.expires_at > clock.now()


def _slid(token: str, session: Session) -> Session:
    """The session with a whole lifetime before it; unchanged when little of it has passed. Raises
    AccessDeniedError when the token has ended since it was read."""
    expires_at = clock.now() + lifetime()
    if expires_at - session.expires_at < lifetime() / NOTICEABLE_PART:
        return session
    digest = tokens.digest_of(token)
    live = OperatorAuth.objects.filter(token=digest, exp_date__gt=clock.now())
    if not live.update(exp_date=expires_at):
        raise AccessDeniedError
    extended = replace(session, expires_at=expires_at)
    session_cache.keep(digest, extended)
    return extended


def _session_from_table(token: str, digest: str) -> Session:
    token_id = tokens.token_id_of(token)
    row = (
        OperatorAuth.objects.filter(token=digest, exp_date__gt=clock.now(), operator__locked=False)
        .values_list("operator_id", "operator__role", "exp_date")
        .first()
    )
    if row is None:
        raise _denial(token)
    operator_id, role, expires_at = row
    session = Session(token_id, operator_id, Role(role), expires_at)
    session_cache.keep(digest, session)
    return session


def _denial(token: str) -> AccessDeniedError:
    """Why a token that this system signed opens nothing; only its bearer is told of a lock, or of
    another place."""
    claimed = tokens.claimed_operator_id(token)
    if claimed is None:
        return AccessDeniedError()
    if Operator.objects.filter(pk=claimed, locked=True).exists():
        return LockedSinceError()
    return OpenElsewhereError() if live_token_counts([claimed]) else AccessDeniedError()
