"""Tells MightyCall who is here and who is ready, until it has heard (sections 2.6.6.1 and 2.6.6.2).

What is told of one operator is told by one at a time, under that operator's lock, so that an older
presence never arrives after a newer one.
"""

import logging
from collections.abc import Collection, Iterable
from contextlib import ExitStack
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop

from apps.telephony.mightycall.connection import transport
from apps.telephony.mightycall.request_pool import Failure, ask_all
from apps.telephony.mightycall.transport import SessionGoneError, SessionOpenElsewhereError
from apps.telephony.models import (
    MightyCallActiveOperator,
    MightyCallEndedSession,
    MightyCallOperator,
)
from apps.telephony.sessions.operator_sessions import external_session_id, refresh_status
from common.locks import LockSpace, try_lock
from common.service_errors import PermanentError

logger = logging.getLogger(__name__)

TELL_AGAIN_AFTER = timedelta(seconds=5)
IDLE_SESSION_ENDS_AFTER = timedelta(minutes=15)  # by itself, section 2.6.6.2
OPEN_ELSEWHERE = gettext_noop("the operator has another session in MightyCall")
NO_ANSWER = gettext_noop("MightyCall does not answer")
REFUSED = gettext_noop("MightyCall refuses the operator's account")


def tell_presence(now: datetime, operator_id: int | None = None) -> None:
    """Tell what MightyCall has not heard yet, of one operator or of all."""
    wanted = _untold(now) if operator_id is None else {operator_id}
    with ExitStack() as locks:
        mine = {pk for pk in wanted if locks.enter_context(try_lock(LockSpace.PRESENCE, pk))}
        _close_ended_sessions(mine, now)
        _open_sessions(mine, now)
        _tell_wishes(mine, now)
        refresh_status(mine)


def _untold(now: datetime) -> set[int]:
    ended = MightyCallEndedSession.objects.values_list("operator_id", flat=True)
    waiting = _with_account().filter(
        Q(session_id="") | ~Q(desired_revision=F("confirmed_revision")),
        Q(next_try_at__isnull=True) | Q(next_try_at__lte=now),
    )
    return {*ended, *waiting.values_list("operator_id", flat=True)}


def _with_account() -> QuerySet[MightyCallActiveOperator]:
    account = MightyCallOperator.objects.filter(operator=OuterRef("operator"))
    return MightyCallActiveOperator.objects.filter(Exists(account))


def _close_ended_sessions(operator_ids: Collection[int], now: datetime) -> None:
    """Once MightyCall has closed a session by itself, there is nothing left to tell."""
    rows = list(MightyCallEndedSession.objects.filter(operator__in=operator_ids))
    over = [
        row.pk
        for row, failure in ask_all(_close, rows)
        if failure is None or row.wtime < now - IDLE_SESSION_ENDS_AFTER
    ]
    MightyCallEndedSession.objects.filter(pk__in=over).delete()


def _close(row: MightyCallEndedSession) -> None:
    """A session whose id never reached us is asked for by our own name of it first."""
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
    _rows(rows).update(open_requested=True)  # committed before asking: the answer may never come
    for row, answer in ask_all(
        lambda row: transport().open_session(logins[row.operator_id], external_session_id(row)),
        rows,
    ):
        if isinstance(answer, str):
            _rows([row]).update(
                session_id=answer, confirmed_revision=0, last_error="", next_try_at=None
            )
        else:
            _note_trouble(row, answer, now)


def _tell_wishes(operator_ids: Collection[int], now: datetime) -> None:
    rows = list(
        _with_account()
        .filter(operator__in=operator_ids)
        .exclude(session_id="")
        .exclude(desired_revision=F("confirmed_revision"))
    )
    logins = _logins(rows)
    for row, failure in ask_all(
        lambda row: transport().set_ready(logins[row.operator_id], row.ready), rows
    ):
        if failure is None:
            _rows([row]).update(
                confirmed_revision=row.desired_revision, last_error="", next_try_at=None
            )
        elif isinstance(failure, SessionGoneError):
            _rows([row]).filter(session_id=row.session_id).update(
                session_id="", confirmed_revision=0
            )
        else:
            _note_trouble(row, failure, now)


def _note_trouble(row: MightyCallActiveOperator, failure: Failure, now: datetime) -> None:
    logger.warning("operator %d is not on line as wished: %r", row.operator_id, failure)
    last_error = REFUSED if isinstance(failure, PermanentError) else NO_ANSWER
    if isinstance(failure, SessionOpenElsewhereError):
        last_error = OPEN_ELSEWHERE
    _rows([row]).update(last_error=last_error, next_try_at=now + TELL_AGAIN_AFTER)


def _rows(rows: Iterable[MightyCallActiveOperator]) -> QuerySet[MightyCallActiveOperator]:
    return MightyCallActiveOperator.objects.filter(pk__in=[row.pk for row in rows])


def _logins(rows: Iterable[MightyCallActiveOperator]) -> dict[int, str]:
    accounts = MightyCallOperator.objects.filter(operator__in=[row.operator_id for row in rows])
    return dict(accounts.values_list("operator_id", "login"))
