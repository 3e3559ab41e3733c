"""Locking and unlocking operators, and their passwords."""

from collections.abc import Collection

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext

from apps.security import throttling
from apps.security.access_log.recording import record_change, record_failed_log_in
from apps.security.authentication import REFUSALS, verified_operator
from apps.security.models import Operator
from apps.security.sessions import end_sessions
from apps.security.types import (
    Access,
    AuthenticationFailedError,
    InvalidPasswordError,
    OperatorLockedError,
    Visitor,
)

OPERATOR = "security.operator"


def lock_operators(operator_ids: Collection[int], by: Visitor | None = None) -> None:
    """Lock these operators: they can neither log in nor go on. Every token ends at once, and so
    does the session of the back office. The access log says who did it.
    """
    with transaction.atomic():
        # the rows are locked first, as a log-in does: no token is made between here and the end of
        # all tokens
        select_for_update(operator_ids).update(locked=True)
        end_sessions(operator_ids)
        if operator_ids:
            record_change(by, Access.LOCKED, OPERATOR, *operator_ids)


@transaction.atomic
def unlock_operators(operator_ids: Collection[int], by: Visitor | None = None) -> None:
    """Let these operators log in again and forget their failed log-ins. Old tokens stay dead."""
    operators = Operator.objects.filter(pk__in=operator_ids)
    throttling.forget(operators.values_list("login", flat=True))
    operators.update(locked=False)
    if operator_ids:
        record_change(by, Access.UNLOCKED, OPERATOR, *operator_ids)


def set_password(operator: Operator, password: str, *, is_own: bool) -> Operator:
    """Give the operator this password, and end every token and session that was made with the old
    one. A password that is not the operator's own choice is temporary. Returns the operator, as
    Django's forms expect."""
    with transaction.atomic():
        operator.set_password(password)
        operator.password_is_temporary = not is_own
        operator.save(update_fields=["password", "password_is_temporary"])
        end_sessions([operator.pk])
    # the session in which people change their own password goes on: Django signs it anew
    operator.refresh_from_db(fields=["session_epoch"])
    return operator


def full_names(operator_ids: Collection[int]) -> dict[int, str]:
    """Surname and first name of each of these operators, by id."""
    operators = Operator.objects.filter(pk__in=operator_ids)
    return {operator.pk: operator.get_full_name() for operator in operators}


def delete_operators(operator_ids: Collection[int]) -> None:
    """Delete these operators; every token ends at once. Raises django.db.models.ProtectedError
    where one has conversations.
    """
    with transaction.atomic():
        # first, so that the cache forgets the tokens, which go with their operator
        operators = select_for_update(operator_ids)
        end_sessions(operator_ids)
        operators.delete()


def change_own_password(request: HttpRequest, login: str, old: str, new: str) -> None:
    """Replace the operator's password, also a temporary one, by one of their own choice. Every
    token and session ends.

    Raises what a log-in raises (AuthenticationFailedError, OperatorLockedError,
    TooManyAttemptsError), and InvalidPasswordError.
    """
    try:
        operator = verified_operator(request, login, old)
    except REFUSALS:
        record_failed_log_in(login, throttling.client_address(request), OPERATOR)
        raise
    if texts := flaws_of_password(operator, old, new):
        raise InvalidPasswordError(texts)
    with transaction.atomic():
        select_for_update([operator.pk])
        present = Operator.objects.get(pk=operator.pk)
        if present.locked:
            raise OperatorLockedError
        if present.password != operator.password:  # changed since it was verified
            raise AuthenticationFailedError
        set_password(present, new, is_own=True)
        visitor = throttling.visitor_of(request, operator.pk)
        record_change(visitor, Access.PASSWORD_CHANGED)


def flaws_of_password(operator: Operator, old: str, new: str) -> list[str]:
    """Why the operator may not take the new password, in words; empty: nothing is wrong."""
    if old == new:
        return [gettext("The new password must differ from the old one.")]
    try:
        validate_password(new, operator)
    except ValidationError as error:
        return list(error.messages)
    return []


def select_for_update(operator_ids: Collection[int]) -> QuerySet[Operator]:
    """Select the operators' rows for update in the order of their keys, so that two such calls
    never deadlock. Only within a transaction."""
    rows = Operator.objects.filter(pk__in=operator_ids)
    list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    return rows
