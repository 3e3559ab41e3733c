"""Candidates: clients whom a cascade passed and a campaign should call."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A client whom a campaign should call.

    ``client_info`` is JSON of the domain that made the candidate; the engine only carries it.
    ``source_key`` names what it was made from, e.g. ``application:17``. ``subject_key`` names what
    that is a version of, e.g. ``MOBILE_LOANS/34697463``, and ``changed_at`` is when that version
    was made: of two candidates for one client, the one that changed later is the newer.
    """

    campaign_id: int
    phone: str
    client_info: Mapping[str, Any]
    source_key: str
    subject_key: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """Tasks of earlier versions of a subject that must not be called any more.

    Those of ``subject_key`` in the campaign that changed before ``changed_at``; all of them, or
    only those with another phone than ``phone``. ``reason`` is in words, for the ledger.
    """

    campaign_id: int
    subject_key: str
    changed_at: datetime
    reason: str
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedCandidates:
    """What became of a batch: how many tasks were created, how many tasks and candidates were
    superseded by a newer one, how many candidates wait for a conversation to end."""

    created: int
    superseded: int
    deferred: int
