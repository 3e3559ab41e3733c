"""Sends MightyCall the sessions and the presence of operators, until it has confirmed them
[source 2.6.6.1, 2.6.6.2].

Everything about one operator is sent under that operator's advisory lock, one request after
another, so an older presence never arrives after a newer one.
"""

import logging
from collections.abc import Collection, Iterable
from contextlib import ExitStack
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_noop

from apps.telephony.mightycall.connection import transport
from apps.telephony.mightycall.request_pool import Failure, request_all
from apps.telephony.mightycall.transport import SessionGoneError, SessionOpenElsewhereError
from apps.telephony.models import (
    MightyCallActiveOperator,
    MightyCallEndedSession,
    MightyCallOperator,
)
from apps.telephony.sessions.operator_sessions import (
    close_sessions_of_absent,
    external_session_id,
    has_account,
    refresh_status,
)
from common.locks import LockSpace, try_lock
from common.service_errors import PermanentError

logger = logging.getLogger(__name__)

RETRY_AFTER = timedelta(seconds=5)
# MightyCall closes a session without an operator by itself [source 2.6.6.2]
IDLE_SESSION_ENDS_AFTER = timedelta(minutes=15)
OPEN_ELSEWHERE = gettext_noop("the operator has another session in MightyCall")
NO_ANSWER = gettext_noop("MightyCall does not answer")
ACCOUNT_REJECTED = gettext_noop("MightyCall refuses the operator's account")


def sweep_presence(now: datetime) -> None:
    """Sign off operators without a live token, then send what MightyCall has not confirmed."""
    close_sessions_of_absent()
    send_presence(now)


def send_presence(now: datetime, operator_id: int | None = None) -> None:
    """Send what MightyCall has not confirmed: of one operator at once, or of all whose retry is
    due.

    An operator whom another process sends at this moment is left to it.
    """
    wanted = _unconfirmed(now) if operator_id is None else {operator_id}
    with ExitStack() as locks:
        mine = {pk for pk in wanted if locks.enter_context(try_lock(LockSpace.PRESENCE, pk))}
        _close_ended_sessions(mine, now)
        _open_sessions(mine, now)
        _send_ready_states(mine, now)
        refresh_status(mine)


def _unconfirmed(now: datetime) -> set[int]:
    ended = MightyCallEndedSession.objects.values_list("operator_id", flat=True)
    waiting = _with_account().filter(
        Q(session_id="") | ~Q(desired_revision=F("confirmed_revision")),
        Q(next_try_at__isnull=True) | Q(next_try_at__lte=now),
    )
    return {*ended, *waiting.values_list("operator_id", flat=True)}


def _with_account() -> QuerySet[MightyCallActiveOperator]:
    return MightyCallActiveOperator.objects.filter(has_account())


def _close_ended_sessions(operator_ids: Collection[int], now: datetime) -> None:
    """A row goes when its session is closed, or so old that MightyCall has closed it by itself."""
    rows = list(MightyCallEndedSession.objects.filter(operator__in=operator_ids))
    over = [
        row.pk
        for row, failure in request_all(_close, rows)
        if failure is None or row.wtime < now - IDLE_SESSION_ENDS_AFTER
    ]
    MightyCallEndedSession.objects.filter(pk__in=over).delete()


def _close(row: MightyCallEndedSession) -> None:
    """A session whose id never reached us is found by opening it again under its external id."""
    try:
        session_id = row.session_id or transport().open_session(
            row.extension, row.external_session_id
        )
    except SessionOpenElsewhereError:
        return  # so ours is not open
    transport().close_session(session_id)


def _open_sessions(operator_ids: Collection[int], now: datetime) -> None:
    rows = list(_with_account().filter(operator__in=operator_ids, session_id=""))
    logins = _logins(rows)
    # committed before the request: its answer may never come
    _queryset_of(rows).update(open_requested=True)
    for row, answer in request_all(
        lambda row: transport().open_session(logins[row.operator_id], external_session_id(row)),
        rows,
    ):
        if isinstance(answer, str):
            _queryset_of([row]).update(
                session_id=answer, confirmed_revision=0, last_error="", next_try_at=None
            )
        else:
            _retry_later(row, answer, now)


def _send_ready_states(operator_ids: Collection[int], now: datetime) -> None:
    rows = list(
        _with_account()
        .filter(operator__in=operator_ids)
        .exclude(session_id="")
        .exclude(desired_revision=F("confirmed_revision"))
    )
    logins = _logins(rows)
    for row, failure in request_all(
        lambda row: transport().set_ready(logins[row.operator_id], row.ready), rows
    ):
        if failure is None:
            _queryset_of([row]).update(
                confirmed_revision=row.desired_revision, last_error="", next_try_at=None
            )
        elif isinstance(failure, SessionGoneError):
            _queryset_of([row]).filter(session_id=row.session_id).update(
                session_id="", confirmed_revision=0
            )
        else:
            _retry_later(row, failure, now)


def _retry_later(row: MightyCallActiveOperator, failure: Failure, now: datetime) -> None:
    logger.warning("presence of operator %d is not confirmed: %r", row.operator_id, failure)
    last_error = ACCOUNT_REJECTED if isinstance(failure, PermanentError) else NO_ANSWER
    if isinstance(failure, SessionOpenElsewhereError):
        last_error = OPEN_ELSEWHERE
    _queryset_of([row]).update(last_error=last_error, next_try_at=now + RETRY_AFTER)


def _queryset_of(rows: Iterable[MightyCallActiveOperator]) -> QuerySet[MightyCallActiveOperator]:
    return MightyCallActiveOperator.objects.filter(pk__in=[row.pk for row in rows])


def _logins(rows: Iterable[MightyCallActiveOperator]) -> dict[int, str]:
    """Return the extension of each row's operator, by operator id."""
    accounts = MightyCallOperator.objects.filter(operator__in=[row.operator_id for row in rows])
    return dict(accounts.values_list("operator_id", "login"))
