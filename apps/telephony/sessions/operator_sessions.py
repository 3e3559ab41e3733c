"""Who is on line, as rows: the workplace's port to telephony (sections 2.6.6.1 and 2.6.6.2).

The table is the truth. The cache answers the workplace's constant question of an operator's status
and may be lost.
"""

from collections.abc import Collection

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, QuerySet

from apps.arm.services import presence_changed
from apps.arm.types import OperatorStatus
from apps.security.selectors import signed_in_operator_ids
from apps.telephony.models import (
    MightyCallActiveOperator,
    MightyCallEndedSession,
    MightyCallOperator,
)
from common.announce import announce

TELL_PRESENCE = "apps.telephony.tasks.tell_presence"
STATUS_SECONDS = 30  # the cache mends itself after so long, should two writers ever cross


class MightyCallSessions:
    """Implements ``arm.ports.OperatorSessions``. Rows are written here; MightyCall hears of them
    from ``presence``.
    """

    def open_session(self, operator_id: int) -> None:
        """The operator is on the list of those on line; without a MightyCall account they stay
        OFFLINE on it.
        """
        row = MightyCallActiveOperator(operator_id=operator_id)
        MightyCallActiveOperator.objects.bulk_create([row], ignore_conflicts=True)
        publish_presence([operator_id])

    def close_session(self, operator_id: int) -> None:
        close_sessions([operator_id])

    def set_presence(self, operator_id: int, ready: bool) -> None:
        _on_line(operator_id).exclude(ready=ready).update(
            ready=ready, desired_revision=F("desired_revision") + 1
        )
        publish_presence([operator_id])

    def end_wrap_up(self, operator_id: int) -> None:
        """Whoever has a break goes on having it."""
        _on_line(operator_id).filter(ready=True).update(desired_revision=F("desired_revision") + 1)
        publish_presence([operator_id])

    def status_of(self, operator_id: int) -> OperatorStatus:
        """OFFLINE until MightyCall has opened the session."""
        known = cache.get(_key(operator_id))
        if known is None:
            known = _status_in_table(operator_id).value
            cache.add(_key(operator_id), known, STATUS_SECONDS)
        return OperatorStatus(known)


@transaction.atomic
def close_sessions(operator_ids: Collection[int]) -> None:
    """These operators are gone; what MightyCall opened, or may have opened, for them is left to be
    closed.
    """
    rows = MightyCallActiveOperator.objects.select_for_update().filter(operator__in=operator_ids)
    gone = list(rows.order_by("pk"))
    _leave_sessions(gone)
    MightyCallActiveOperator.objects.filter(pk__in=[row.pk for row in gone]).delete()
    publish_presence([row.operator_id for row in gone])


@transaction.atomic
def restart_sessions(operator_ids: Collection[int]) -> None:
    """Those of these operators who are on line get a new session; what they wish for stays."""
    wishes = MightyCallActiveOperator.objects.filter(operator__in=operator_ids)
    ready = dict(wishes.values_list("operator_id", "ready"))
    close_sessions(ready)
    MightyCallActiveOperator.objects.bulk_create(
        [MightyCallActiveOperator(operator_id=pk, ready=is_ready) for pk, is_ready in ready.items()]
    )


def _leave_sessions(rows: Collection[MightyCallActiveOperator]) -> None:
    """Write down that the sessions of these rows are to be closed in MightyCall. Call it inside a
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
    """Operators whose token ran out, or who were locked, are gone.

    The rows are read first: a log-in writes token and row, so whoever is seen on line has a token
    by then.
    """
    on_line = set(MightyCallActiveOperator.objects.values_list("operator_id", flat=True))
    if absent := on_line - signed_in_operator_ids():
        close_sessions(absent)


def external_session_id(row: MightyCallActiveOperator) -> str:
    """The session's name on our side, new with each log-in."""
    return str(row.pk)


def refresh_status(operator_ids: Collection[int]) -> None:
    """The cache says what the table says."""
    rows = MightyCallActiveOperator.objects.filter(operator__in=operator_ids)
    known = {row.operator_id: _status(row) for row in rows}
    offline = OperatorStatus.OFFLINE
    cache.set_many({_key(pk): known.get(pk, offline).value for pk in operator_ids}, STATUS_SECONDS)
    presence_changed(operator_ids)


def publish_presence(operator_ids: Collection[int]) -> None:
    """After the commit: the cache follows the table, and MightyCall is told."""
    transaction.on_commit(lambda: refresh_status(operator_ids))
    for operator_id in operator_ids:
        announce(TELL_PRESENCE, operator_id)


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
