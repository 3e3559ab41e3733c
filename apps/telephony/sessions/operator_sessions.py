"""Operators on line, as rows: the workplace's port to telephony [source 2.6.6.1, 2.6.6.2].

The table is the truth. The workplace asks for an operator's status all the time; a cache answers it
and may be lost.
"""

from collections.abc import Collection

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from apps.arm.services import presence_changed
from apps.arm.types import OperatorStatus
from apps.security.selectors import signed_in_operator_ids
from apps.telephony.models import (
    MightyCallActiveOperator,
    MightyCallEndedSession,
    MightyCallOperator,
)
from common.announce import announce

SEND_PRESENCE = "apps.telephony.tasks.send_presence"
STATUS_SECONDS = 30  # a stale status, left by two writers at once, expires after so long


class MightyCallSessions:
    """Implements ``arm.ports.OperatorSessions``. Rows are written here, in the caller's
    transaction; ``presence`` sends them to MightyCall.
    """

    def open_session(self, operator_id: int) -> None:
        """Put the operator on line. Changes nothing for one who is. Without a MightyCall account
        the status stays OFFLINE.
        """
        row = MightyCallActiveOperator(operator_id=operator_id)
        MightyCallActiveOperator.objects.bulk_create([row], ignore_conflicts=True)
        publish_presence([operator_id])

    def close_session(self, operator_id: int) -> None:
        """Take the operator off line."""
        close_sessions([operator_id])

    def set_presence(self, operator_id: int, ready: bool) -> None:
        """Begin or end a break. Changes nothing for an operator who is not on line."""
        _on_line(operator_id).exclude(ready=ready).update(
            ready=ready, desired_revision=F("desired_revision") + 1
        )
        publish_presence([operator_id])

    def end_wrap_up(self, operator_id: int) -> None:
        """Let the next call come. An operator who has a break keeps it."""
        _on_line(operator_id).filter(ready=True).update(desired_revision=F("desired_revision") + 1)
        publish_presence([operator_id])

    def status_of(self, operator_id: int) -> OperatorStatus:
        """Return READY, BREAK, or OFFLINE while MightyCall has not opened the session."""
        cached = cache.get(_key(operator_id))
        if cached is None:
            cached = _status_in_table(operator_id).value
            cache.add(_key(operator_id), cached, STATUS_SECONDS)
        return OperatorStatus(cached)


@transaction.atomic
def close_sessions(operator_ids: Collection[int]) -> None:
    """Take these operators off line. Sessions that MightyCall has opened for them, or may have
    opened, are scheduled to be closed there.
    """
    rows = MightyCallActiveOperator.objects.select_for_update().filter(operator__in=operator_ids)
    gone = list(rows.order_by("pk"))
    _schedule_closing(gone)
    MightyCallActiveOperator.objects.filter(pk__in=[row.pk for row in gone]).delete()
    publish_presence([row.operator_id for row in gone])


@transaction.atomic
def restart_sessions(operator_ids: Collection[int]) -> None:
    """Give a new session to those of these operators who are on line. A break goes on."""
    on_line = MightyCallActiveOperator.objects.filter(operator__in=operator_ids)
    ready = dict(on_line.values_list("operator_id", "ready"))
    close_sessions(ready)
    MightyCallActiveOperator.objects.bulk_create(
        [MightyCallActiveOperator(operator_id=pk, ready=is_ready) for pk, is_ready in ready.items()]
    )


def _schedule_closing(rows: Collection[MightyCallActiveOperator]) -> None:
    """Remember the sessions of these rows until MightyCall has closed them. Runs in the caller's
    transaction.
    """
    logins = dict(
        MightyCallOperator.objects.filter(
            operator__in=[row.operator_id for row in rows]
        ).values_list("operator_id", "login")
    )
    MightyCallEndedSession.objects.bulk_create(
        MightyCallEndedSession(
            operator_id=row.operator_id,
            extension=logins[row.operator_id],
            external_session_id=external_session_id(row),
            session_id=row.session_id,
        )
        for row in rows
        if row.open_requested and row.operator_id in logins
    )


def close_sessions_of_absent() -> None:
    """Take operators off line whose token has expired, or who were locked.

    The rows are read before the tokens: a log-in writes both, so every operator who is seen on line
    has a token by then.
    """
    on_line = set(MightyCallActiveOperator.objects.values_list("operator_id", flat=True))
    if absent := on_line - signed_in_operator_ids():
        close_sessions(absent)


def external_session_id(row: MightyCallActiveOperator) -> str:
    """Return our id of the session; each log-in has another."""
    return str(row.pk)


def refresh_status(operator_ids: Collection[int]) -> None:
    """Write the status of these operators from the table to the cache, and inform the workplace."""
    rows = MightyCallActiveOperator.objects.filter(operator__in=operator_ids)
    status = {row.operator_id: _status(row) for row in rows}
    offline = OperatorStatus.OFFLINE
    cache.set_many({_key(pk): status.get(pk, offline).value for pk in operator_ids}, STATUS_SECONDS)
    presence_changed(operator_ids)


def publish_presence(operator_ids: Collection[int]) -> None:
    """After the commit, refresh the cached status and send the presence to MightyCall."""
    transaction.on_commit(lambda: refresh_status(operator_ids))
    for operator_id in operator_ids:
        announce(SEND_PRESENCE, operator_id)


def has_account() -> Exists:
    """Return the condition that the operator of a row has an account in MightyCall."""
    return Exists(MightyCallOperator.objects.filter(operator=OuterRef("operator")))


def _on_line(operator_id: int) -> QuerySet[MightyCallActiveOperator]:
    return MightyCallActiveOperator.objects.filter(operator=operator_id)


def _status_in_table(operator_id: int) -> OperatorStatus:
    row = _on_line(operator_id).first()
    return OperatorStatus.OFFLINE if row is None else _status(row)


def _status(row: MightyCallActiveOperator) -> OperatorStatus:
    if not row.session_id:
        return OperatorStatus.OFFLINE
    return OperatorStatus.READY if row.ready else OperatorStatus.BREAK


def _key(operator_id: int) -> str:
    return f"telephony:status:{operator_id}"
