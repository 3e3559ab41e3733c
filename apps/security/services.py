"""What others may ask the security app to do: log in and out, check a token, lock and unlock."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.security import session_cache, throttling, tokens
from apps.security.models import Operator, OperatorAuth
from apps.security.permissions import role_includes, role_opens
from apps.security.types import (
    AccessDeniedError,
    AuthenticationFailedError,
    IssuedToken,
    OperatorLockedError,
    Role,
    Session,
)
from common import clock

# a sliding token is moved on when this part of its life has passed: with 8 hours, at most one
# UPDATE in half an hour
NOTICEABLE_PART = 16


def log_in(request: HttpRequest, login: str, password: str) -> IssuedToken:
    """A new token for the operator with this login and password.

    Raises AuthenticationFailedError, OperatorLockedError (only when the password is right),
    TooManyAttemptsError. An unknown login costs the same hashing as a wrong password."""
    operator = authenticate(request, username=login, password=password)
    if throttling.is_shut_out(request):
        raise throttling.too_many_attempts(request, login)
    if not isinstance(operator, Operator):
        raise AuthenticationFailedError
    token = _new_token(operator, clock.now())
    # Django's own announcement: axes forgets this login's failures, last_login moves
    user_logged_in.send(sender=Operator, request=request, user=operator)
    return IssuedToken(token, operator.pk, operator.first_name, operator.last_name)


def log_out(token: str) -> int | None:
    """End the token on every machine. The operator whose it was, or None when it was no live token:
    twice is right too.
    """
    with transaction.atomic():
        row = OperatorAuth.objects.filter(token=tokens.digest_of(token))
        operator_id = row.values_list("operator_id", flat=True).first()
        _end_tokens(row)
    return operator_id


def session_of(token: str, role: Role = Role.OPERATOR) -> Session:
    """The live session of this token, from the cache alone when it is warm, else from the table.

    Raises AccessDeniedError when the token is unknown, expired or revoked, its operator is locked,
    or the role does not include ``role``."""
    session, _ = session_and_value(token, None, role)
    return session


def session_and_value(
    token: str, key_prefix: str | None, role: Role = Role.OPERATOR
) -> tuple[Session, Any]:
    """``session_of``, and the cached value at ``{key_prefix}{operator_id}`` in the same round trip
    to Redis.

    The value is None when the cache has none.
    """
    claimed = None if key_prefix is None else tokens.claimed_operator_id(token)
    extra_key = None if claimed is None else f"{key_prefix}{claimed}"
    digest = tokens.digest_of(token)
    session, value = session_cache.find(digest, extra_key)
    if session is None or session.expires_at <= clock.now():
        session = _session_from_table(token, digest)
    if not role_includes(session.role, role):
        raise AccessDeniedError
    return session, value


def extend(token: str, role: Role = Role.OPERATOR) -> Session:
    """``session_of``, and the expiry slides on to a whole lifetime from now, when a noticeable part
    of it has passed.
    """
    return _slid(token, session_of(token, role))


def check_access(
    token: str, role: Role = Role.OPERATOR, resource: str | None = None, *, slide: bool = False
) -> Session:
    """The session, when its role includes ``role`` and opens ``resource``. Raises
    AccessDeniedError; then nothing slides."""
    session = session_of(token, role)
    if resource is not None and not role_opens(session.role, resource):
        raise AccessDeniedError
    return _slid(token, session) if slide else session


def lock_operator(operator_id: int) -> None:
    """See ``lock_operators``."""
    lock_operators([operator_id])


def lock_operators(operator_ids: Collection[int]) -> None:
    """The operators can neither log in nor go on.

    Every token ends at once, and so does the session of the back office.
    """
    with transaction.atomic():
        # the rows are locked first, as in _new_token: no token is made between here and the sweep
        _held(operator_ids).update(locked=True)
        end_sessions(operator_ids)


def unlock_operator(operator_id: int) -> None:
    """See ``unlock_operators``."""
    unlock_operators([operator_id])


def unlock_operators(operator_ids: Collection[int]) -> None:
    """The operators may log in again; failed log-ins are forgotten. Old tokens stay dead."""
    operators = Operator.objects.filter(pk__in=operator_ids)
    throttling.forget(operators.values_list("login", flat=True))
    operators.update(locked=False)


def set_password(operator: Operator, password: str) -> Operator:
    """The operator has this password from now on, and every token made with the old one ends."""
    with transaction.atomic():
        operator.set_password(password)
        operator.save(update_fields=["password"])
        end_sessions([operator.pk])
    return operator


def end_sessions(operator_ids: Collection[int]) -> None:
    """Every token of the operators ends at once: after a lock, a new password, role or login."""
    with transaction.atomic():
        _end_tokens(OperatorAuth.objects.filter(operator_id__in=operator_ids))


def delete_expired_tokens() -> int:
    """Delete the tokens that ran out; how many they were. Nobody accepts them meanwhile: their time
    is compared.
    """
    deleted, _ = OperatorAuth.objects.filter(exp_date__lte=clock.now()).delete()
    return deleted


def _new_token(operator: Operator, at: datetime) -> str:
    """The token, stored by its digest.

    The operator's row is locked and looked at again, because a lock or a new password may have come
    since the password was checked; their sweep of tokens waits for this one.
    """
    token = tokens.issue(operator.pk, at)
    with transaction.atomic():
        present = Operator.objects.select_for_update(no_key=True).get(pk=operator.pk)
        if present.locked:
            raise OperatorLockedError
        if present.password != operator.password:
            raise AuthenticationFailedError
        OperatorAuth.objects.create(
            token=tokens.digest_of(token), operator=operator, exp_date=at + _lifetime()
        )
    return token


def _held(operator_ids: Collection[int]) -> QuerySet[Operator]:
    """The operators' rows, locked in the order of their keys: two such calls never deadlock."""
    rows = Operator.objects.filter(pk__in=operator_ids)
    list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    return rows


def _end_tokens(rows: QuerySet[OperatorAuth]) -> None:
    """Delete the rows; the cache stops answering for them before and after (see session_cache)."""
    digests = list(rows.values_list("token", flat=True))
    session_cache.distrust(digests)
    rows.filter(token__in=digests).delete()
    transaction.on_commit(partial(session_cache.distrust, digests))


def _slid(token: str, session: Session) -> Session:
    """The session with a whole lifetime before it, or the same when little of it has passed."""
    expires_at = clock.now() + _lifetime()
    if expires_at - session.expires_at < _lifetime() / NOTICEABLE_PART:
        return session
    digest = tokens.digest_of(token)
    live = OperatorAuth.objects.filter(token=digest, exp_date__gt=clock.now())
    if not live.update(exp_date=expires_at):
        raise AccessDeniedError
    extended = Session(session.token_id, session.operator_id, session.role, expires_at)
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
        raise AccessDeniedError
    operator_id, role, expires_at = row
    session = Session(token_id, operator_id, Role(role), expires_at)
    session_cache.keep(digest, session)
    return session


def _lifetime() -> timedelta:
    return timedelta(seconds=settings.TOKEN_LIFETIME_SECONDS)
