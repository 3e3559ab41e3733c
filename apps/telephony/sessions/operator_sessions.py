"""Operators on line, as rows: the workplace's port to telephony [source 2.6.6.1, 2.6.6.2].

The table is the truth. The workplace asks for an operator's status all the time; a cache answers it
and may be lost.
"""

from collections.abc import Collection

from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from apps.arm.services import presence_changed
from apps.arm.types import NOT_ON_LINE, OperatorPresence, OperatorStatus, TelephonyState
from apps.security.selectors import signed_in_operator_ids
from apps.telephony.models import (
    MightyCallActiveOperator,
    MightyCallEndedSession,
    MightyCallOperator,
)
from apps.telephony.sessions.failures import NO_ANSWER
from common.announce import announce

SEND_PRESENCE = "apps.telephony.tasks.send_presence"
NUDGED = "telephony:presence:nudged"  # a message is on its way that no sender has begun to serve
NUDGED_SECONDS = 2  # a lost message delays no longer than the sweep would
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
        """Begin or end a break. Puts an operator on line whose row a race condition has lost: a
        log-out at the same time as a log-in.
        """
        row = MightyCallActiveOperator(operator_id=operator_id, ready=ready)
        MightyCallActiveOperator.objects.bulk_create([row], ignore_conflicts=True)
        _on_line([operator_id]).exclude(ready=ready).update(
            ready=ready, desired_revision=F("desired_revision") + 1
        )
        publish_presence([operator_id])

    def end_wrap_ups(self, operator_ids: Collection[int]) -> None:
        """Let the next call come. An operator who has a break keeps it."""
        # in the order of the keys, so that two such writers never deadlock
        rows = _on_line(operator_ids).filter(ready=True).select_for_update().order_by("pk")
        pks = list(rows.values_list("pk", flat=True))
        on_line = MightyCallActiveOperator.objects.filter(pk__in=pks)
        on_line.update(desired_revision=F("desired_revision") + 1)
        transaction.on_commit(_nudge)

    def presences_of(self, operator_ids: Collection[int]) -> dict[int, OperatorPresence]:
        """Return READY once MightyCall has confirmed it, BREAK, or OFFLINE while MightyCall has not
        opened the session; with what keeps it from agreeing.
        """
        cached = cache.get_many([_key(pk) for pk in operator_ids])
        found = {pk: cached[_key(pk)] for pk in operator_ids if _key(pk) in cached}
        if missing := [pk for pk in operator_ids if pk not in found]:
            found |= _presences_in_table(missing)
            # an older status that another process reads now may come after a newer one
            for pk in missing:
                cache.add(_key(pk), found[pk], STATUS_SECONDS)
        return {pk: _unpacked(found[pk]) for pk in operator_ids}

    def read_presences(self, operator_ids: Collection[int]) -> dict[int, OperatorPresence]:
        """Return the same from the table."""
        return {pk: _unpacked(packed) for pk, packed in _presences_in_table(operator_ids).items()}


@transaction.atomic
def close_sessions(operator_ids: Collection[int]) -> None:
    """Take these operators off line. Sessions that MightyCall has opened for them, or may have
    opened, are scheduled to be closed there.
    """
    gone = list(_on_line(operator_ids).select_for_update().order_by("pk"))
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


def open_sessions_of_present() -> None:
    """Put operators on line who are signed in and have no row: a log-out at the same time as a
    log-in of the same operator may delete the row that the log-in had found.

    One who logs out just now may get a row again; it is closed by the next sweep.
    """
    present = signed_in_operator_ids()
    on_line = MightyCallActiveOperator.objects.values_list("operator_id", flat=True)
    if lost := sorted(present - set(on_line)):
        rows = [MightyCallActiveOperator(operator_id=pk) for pk in lost]
        MightyCallActiveOperator.objects.bulk_create(rows, ignore_conflicts=True)
        publish_presence(lost)


def external_session_id(row: MightyCallActiveOperator) -> str:
    """Return our id of the session; each log-in has another."""
    return str(row.pk)


def refresh_status(operator_ids: Collection[int]) -> None:
    """Write the status of these operators from the table to the cache, and inform the workplace."""
    if not operator_ids:
        return
    presences = _presences_in_table(operator_ids)
    cache.set_many({_key(pk): packed for pk, packed in presences.items()}, STATUS_SECONDS)
    presence_changed(operator_ids)


def publish_presence(operator_ids: Collection[int]) -> None:
    """After the commit, refresh the cached status and send the presence to MightyCall."""
    if operator_ids:
        transaction.on_commit(lambda: refresh_status(operator_ids))
        transaction.on_commit(_nudge)


def _nudge() -> None:
    """Announce that there is presence to send: one message for all changes until it is served."""
    if cache.add(NUDGED, 1, NUDGED_SECONDS):
        announce(SEND_PRESENCE)


def has_account() -> Exists:
    """Return the condition that the operator of a row has an account in MightyCall."""
    return Exists(MightyCallOperator.objects.filter(operator=OuterRef("operator")))


def _on_line(operator_ids: Collection[int]) -> QuerySet[MightyCallActiveOperator]:
    return MightyCallActiveOperator.objects.filter(operator__in=operator_ids)


def _presences_in_table(operator_ids: Collection[int]) -> dict[int, str]:
    """Return the presences as the cache keeps them."""
    rows = _on_line(operator_ids).annotate(has_account=has_account())
    presences = {row.operator_id: _presence(row, row.has_account) for row in rows}
    return {pk: _packed(presences.get(pk, NOT_ON_LINE)) for pk in operator_ids}


def _presence(row: MightyCallActiveOperator, has_account: bool) -> OperatorPresence:
    telephony = _telephony(row, has_account)
    if not row.session_id:
        return OperatorPresence(OperatorStatus.OFFLINE, telephony)
    if not row.ready:
        return OperatorPresence(OperatorStatus.BREAK, telephony)
    is_agreed = telephony == TelephonyState.CONNECTED
    return OperatorPresence(
        OperatorStatus.READY if is_agreed else OperatorStatus.OFFLINE, telephony
    )


def _telephony(row: MightyCallActiveOperator, has_account: bool) -> TelephonyState:
    if row.session_id and row.desired_revision == row.confirmed_revision:
        return TelephonyState.CONNECTED
    if not has_account:
        return TelephonyState.NO_ACCOUNT
    if not row.last_error:
        return TelephonyState.CONNECTING
    return TelephonyState.DOWN if row.last_error == NO_ANSWER else TelephonyState.REFUSED


def _packed(presence: OperatorPresence) -> str:
    return f"{presence.status} {presence.telephony}"


def _unpacked(packed: str) -> OperatorPresence:
    status, telephony = packed.split()
    return OperatorPresence(OperatorStatus(status), TelephonyState(telephony))


def _key(operator_id: int) -> str:
    return f"telephony:presence:of:{operator_id}"
