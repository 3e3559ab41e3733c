"""Answers "why was this client called, or not called?" for an application."""

from dataclasses import dataclass

from apps.campaigns import selectors as campaigns
from apps.campaigns.types import StoryEntry
from apps.filters.models import Application
from apps.filters.ports import incoming_rows
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


def story_of(application: Application) -> Story:
    """The story of one snapshot."""
    verdicts = application.verdicts.select_related("campaign").order_by("campaign_id")
    return Story(
        application,
        tuple(
            Standing(row.campaign.name, row.get_state_display(), rule=row.rule, reason=row.reason)
            for row in verdicts
        ),
        tuple(campaigns.story_of(source_key=str(ApplicationKey(application.pk)))),
    )


def refused_rows_of_number(application_number: str) -> list[RefusedRow]:
    """The rows of this application that were not stored, oldest first."""
    return list(incoming_rows().refused(application_number))


def stories_of_number(application_number: str) -> list[Story]:
    """The stories of all snapshots of this application, oldest first; empty if none was stored."""
    rows = Application.objects.filter(application_number=application_number)
    return [story_of(row) for row in rows.order_by("changed_at", "pk")]
