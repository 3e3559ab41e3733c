"""Calls: what the engine orders from telephony, and what telephony reports of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class SystemDisposition(models.TextChoices):
    """How a call ended for telephony, whatever the operator says of it."""

    # the client answered and was put through to an operator
    CONNECTED = "CONNECTED", _("connected")
    # the line was busy
    BUSY = "BUSY", _("busy")
    # it rang, and nobody answered
    NO_ANSWER = "NO_ANSWER", _("no answer")
    # the client rejected the call
    REJECTED = "REJECTED", _("rejected")
    # the number does not exist
    INVALID_NUMBER = "INVALID_NUMBER", _("invalid number")
    # the telephone is switched off or has no network
    UNREACHABLE = "UNREACHABLE", _("unreachable")
    # the network failed before the telephone could ring
    NETWORK_FAILURE = "NETWORK_FAILURE", _("network failure")
    # a machine answered
    ANSWERING_MACHINE = "ANSWERING_MACHINE", _("answering machine")
    # the client answered and hung up before an operator was free
    ABANDONED = "ABANDONED", _("answered, no operator was free")
    # the call was cancelled or expired before it was made
    CANCELLED = "CANCELLED", _("cancelled")
    # anything else that went wrong
    FAILED = "FAILED", _("failed")


class HungUpBy(models.TextChoices):
    """Who ended the call."""

    # the person who was called
    CLIENT = "CLIENT", _("client")
    # the operator who talked
    OPERATOR = "OPERATOR", _("operator")
    # telephony itself, also when a call was never connected
    SYSTEM = "SYSTEM", _("system")


class CallEventKind(StrEnum):
    """What telephony may report of a call order.

    No column holds it and no screen shows it, so it has no labels.
    """

    # of the order's call, in the order in which a call goes through it
    DIALING = "DIALING"  # the number is being dialled
    RINGING = "RINGING"  # the client's telephone rings
    CONNECTED = "CONNECTED"  # client and operator talk
    ENDED = "ENDED"  # the call is over, whether or not anybody talked
    RECORDING_AVAILABLE = "RECORDING_AVAILABLE"  # the recording can be fetched
    # of an order that never became a call
    REJECTED = "REJECTED"  # telephony refused it; ``system_disposition`` says why
    WITHDRAWN = "WITHDRAWN"  # removed at our request, or never known there
    EXPIRED = "EXPIRED"  # its time ran out in the queue
    LOST = "LOST"  # telephony knows nothing of it, though it was accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """One report about one call order. Events come at least once, in any order, late.

    ``call_key`` is telephony's own name of the call, empty where there was none. ``operator_id`` is
    known from CONNECTED on. ``system_disposition``, ``hung_up_by`` and ``cause`` (e.g.
    ``Q.850 17, SIP 486``) come with ENDED, ``recording`` (its address in telephony) with
    RECORDING_AVAILABLE.
    """

    kind: CallEventKind
    order_id: int
    at: datetime
    call_key: str = ""
    operator_id: int | None = None
    system_disposition: SystemDisposition | None = None
    hung_up_by: HungUpBy | None = None
    cause: str = ""
    recording: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEffects:
    """What a batch of events changed for operators, so that the workplace can react.

    ``operator_ids``: whose page has something new to show. ``ended_operator_ids``: whose
    conversation has ended. ``drafted_operator_ids``: one of whose communications became a draft,
    because the next conversation began.
    """

    operator_ids: frozenset[int] = frozenset()
    started_communication_ids: tuple[int, ...] = ()
    ended_operator_ids: frozenset[int] = frozenset()
    drafted_operator_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTask:
    """A task whose time has come, before it is handed to telephony."""

    task_id: int
    campaign_id: int
    phone: str
    source_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialRequest:
    """A call that telephony is asked to make for a call order.

    ``order_id`` is the idempotency key and the name that telephony reports it by. Requests of a
    higher ``priority`` are dialled first. After ``expires_at`` the call must not be started: the
    calling hours are over.
    """

    order_id: int
    task_id: int
    campaign_id: int
    phone: str
    priority: int
    expires_at: datetime
