"""Communications of operators and clients, as other apps see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunicationView:
    """A communication as the workplace shows it.

    ``state`` is a value of ``CommunicationState``. ``client_info`` and ``result`` are the JSON of
    ``CampaignTask.client_info`` and ``Communication.result_details``. ``ended_at`` is None while
    the call goes on. ``version`` is that of the result; until ``correctable_until`` the operator
    may correct it, None: it is not saved yet.
    """

    id: int
    state: str
    phone: str
    started_at: datetime
    ended_at: datetime | None
    campaign_id: int
    campaign_name: str
    campaign_description: str
    campaign_time_zone: str
    script: str
    client_info: Mapping[str, Any]
    source_key: str
    result: Mapping[str, str]
    operator_id: int
    operator_first_name: str
    operator_last_name: str
    version: int
    correctable_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCommunication:
    """The communication an operator is in now: the call goes on, or its result is awaited.

    ``result_due_at`` is the moment at which an awaited result becomes a draft; None while the call
    goes on and once a draft is kept.
    """

    id: int
    started_at: datetime
    ended_at: datetime | None
    result_due_at: datetime | None
    card_fetched: bool


class TalkTimes(NamedTuple):
    """When a conversation began and ended. ``freed_at``: when its result was saved or its time was
    up, which may be before its end; None while it is awaited. ``is_live``: the call goes on, or its
    result is awaited.
    """

    started_at: datetime
    ended_at: datetime | None
    freed_at: datetime | None
    is_live: bool


class ResultCount(NamedTuple):
    """How often a result was saved."""

    result: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedCall:
    """A callback that waits for its time; ``id`` is the communication in which it was promised."""

    id: int
    phone: str
    at: datetime
    campaign_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorDay:
    """An operator's talks of a day. ``talk_seconds`` counts those that have ended."""

    talks: int
    talk_seconds: int
    results: tuple[ResultCount, ...]
    promised: tuple[PromisedCall, ...]
    latest: tuple[CommunicationView, ...]
