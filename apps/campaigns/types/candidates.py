"""Candidates: clients whom a cascade passed and a campaign should call."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A client whom a campaign should call.

    ``client_info`` is JSON of the domain that made the candidate; the engine only carries it.
    ``source_key`` names what it was made from, e.g. ``application:17``.
    """

    campaign_id: int
    phone: str
    client_info: Mapping[str, Any]
    source_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedCandidates:
    """What became of a batch: how many tasks were created, how many tasks and candidates were
    superseded by a newer one, how many candidates wait for a conversation to end."""

    created: int
    superseded: int
    deferred: int
