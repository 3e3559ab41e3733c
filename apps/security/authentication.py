"""Logging in with a login and a password, and logging out."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.http import HttpRequest

from apps.security import throttling, tokens
from apps.security.access_log.recording import record_change, record_failed_log_in
from apps.security.models import Operator, OperatorAuth
from apps.security.sessions import end_tokens, lifetime
from apps.security.types import (
    API,
    Access,
    AuthenticationFailedError,
    IssuedToken,
    OperatorLockedError,
    PasswordChangeRequiredError,
    TooManyAttemptsError,
    Visitor,
)
from common import clock

REFUSALS = (
    AuthenticationFailedError,
    OperatorLockedError,
    PasswordChangeRequiredError,
    TooManyAttemptsError,
)


def log_in(request: HttpRequest, login: str, password: str) -> IssuedToken:
    """A new token for the operator with this login and password [source 2.6.4].

    Raises AuthenticationFailedError, OperatorLockedError and PasswordChangeRequiredError (these two
    only when the password is right), and TooManyAttemptsError. An unknown login takes as long as a
    wrong password: both are hashed. The access log has a record of it, whatever the answer is.
    """
    try:
        operator = verified_operator(request, login, password)
        token = _new_token(operator, clock.now(), throttling.visitor_of(request, operator.pk))
    except REFUSALS:
        record_failed_log_in(login, throttling.client_address(request), API)
        raise
    # Django's own signal: axes forgets this login's failures, and last_login is updated
    user_logged_in.send(sender=Operator, request=request, user=operator)
    return IssuedToken(token, operator.pk, operator.first_name, operator.last_name)


def log_out(token: str, address: str | None = None) -> int | None:
    """End the token on every machine; the access log has a record of it. Returns the token's
    operator, or None when it was not a live token, so logging out twice is right too.

    The operator's row is locked until the caller's transaction ends, as a log-in locks it: what the
    caller then sees of the operator's other tokens is true.
    """
    with transaction.atomic():
        row = OperatorAuth.objects.filter(token=tokens.digest_of(token))
        operator_id = row.values_list("operator_id", flat=True).first()
        if operator_id is not None:
            Operator.objects.select_for_update(no_key=True).filter(pk=operator_id).first()
        end_tokens(row)
        if operator_id is not None:
            record_change(Visitor(operator_id, address), Access.LOGGED_OUT, API)
    return operator_id


def verified_operator(request: HttpRequest, login: str, password: str) -> Operator:
    """The operator with this login and password; failures are counted. Raises
    AuthenticationFailedError, OperatorLockedError and TooManyAttemptsError."""
    operator = authenticate(request, username=login, password=password)
    if throttling.is_shut_out(request):
        raise throttling.too_many_attempts(request, login)
    if not isinstance(operator, Operator):
        raise AuthenticationFailedError
    return operator


def _new_token(operator: Operator, at: datetime, visitor: Visitor) -> str:
    """A token of the operator, stored by its digest.

    The operator's row is locked and read again, because the operator may have been locked or given
    a new password since the password was checked. Whoever does that now waits for this transaction,
    and then ends this token too.
    """
    token = tokens.issue(operator.pk, at)
    with transaction.atomic():
        present = Operator.objects.select_for_update(no_key=True).get(pk=operator.pk)
        if present.locked:
            raise OperatorLockedError
        if present.password != operator.password:
            raise AuthenticationFailedError
        if present.password_is_temporary:
            raise PasswordChangeRequiredError
        _make_room(operator.pk)
        OperatorAuth.objects.create(
            token=tokens.digest_of(token),
            operator=operator,
            exp_date=at + lifetime(),
            address=visitor.address or None,
        )
        record_change(visitor, Access.LOGGED_IN, API)
    return token


def _make_room(operator_id: int) -> None:
    """End the operator's oldest tokens, so that there are no more than allowed with a new one."""
    newest_first = OperatorAuth.objects.filter(operator_id=operator_id).order_by("-pk")
    oldest = newest_first.values_list("pk", flat=True)[settings.TOKENS_PER_OPERATOR - 1 :]
    end_tokens(OperatorAuth.objects.filter(pk__in=list(oldest)))
