"""Answers "why was this client called, or not called?" for an application."""

from dataclasses import dataclass
from datetime import datetime

from apps.campaigns import selectors as campaigns
from apps.campaigns.types import NextStep, StoryEntry
from apps.filters.known_clients import known_client_id
from apps.filters.models import Application
from apps.filters.ports import incoming_rows
from apps.filters.rule_titles import rule_title, with_rule_titles
from apps.filters.types import ApplicationKey, RefusedRow


@dataclass(frozen=True, slots=True)
class Standing:
    """What one campaign's cascade says of the application now, as texts for people."""

    campaign: str
    verdict: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Story:
    """One snapshot of an application: its verdicts, and all that was decided and done since."""

    application: Application
    standings: tuple[Standing, ...]  # one for each campaign
    entries: tuple[StoryEntry, ...]  # oldest first
    next_steps: tuple[NextStep, ...]  # soonest first
    client_id: int | None  # of the client's page; None until the application is judged


def story_of(application: Application, now: datetime) -> Story:
    """The story of one snapshot, and what is to come."""
    verdicts = application.verdicts.select_related("campaign").order_by("campaign_id")
    source_key = str(ApplicationKey(application.pk))
    return Story(
        application,
        tuple(
            Standing(
                row.campaign.name,
                row.get_state_display(),
                rule=rule_title(row.rule) if row.rule else "",
                reason=row.reason,
            )
            for row in verdicts
        ),
        tuple(with_rule_titles(campaigns.story_of(source_key=source_key))),
        tuple(campaigns.next_steps(now, source_key=source_key)),
        known_client_id(application),
    )


def refused_rows_of_number(application_number: str) -> list[RefusedRow]:
    """The rows of this application that were not stored, oldest first."""
    return list(incoming_rows().refused(application_number))


def stories_of_number(application_number: str, now: datetime) -> list[Story]:
    """The stories of all snapshots of this application, oldest first; empty if none was stored."""
    rows = Application.objects.filter(application_number=application_number)
    return [story_of(row, now) for row in rows.order_by("changed_at", "pk")]
