"""The answer to "why was this client (not) called?" for one application."""

from dataclasses import dataclass

from apps.campaigns import selectors as campaigns
from apps.campaigns.types import StoryEntry
from apps.filters.models import Application
from apps.filters.types import ApplicationKey


@dataclass(frozen=True, slots=True)
class Standing:
    """What one campaign's cascade says of the application now."""

    campaign: str
    verdict: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Story:
    """One snapshot of an application: how it stands, and all that was decided and done."""

    application: Application
    standings: tuple[Standing, ...]
    entries: tuple[StoryEntry, ...]


def story_of(application: Application) -> Story:
    """The story of one snapshot, oldest entry first."""
    verdicts = application.verdicts.select_related("campaign").order_by("campaign_id")
    return Story(
        application,
        tuple(
            Standing(row.campaign.name, row.get_state_display(), row.rule, row.reason)
            for row in verdicts
        ),
        tuple(campaigns.story_of(source_key=str(ApplicationKey(application.pk)))),
    )


def stories_of_number(application_number: str) -> list[Story]:
    """The stories of all snapshots of this number, oldest first."""
    rows = Application.objects.filter(application_number=application_number)
    return [story_of(row) for row in rows.order_by("changed_at", "pk")]
