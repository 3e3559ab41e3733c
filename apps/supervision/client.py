"""All that is known of one client, who is a phone: names, applications, what is next, and one story
of everything that was decided and done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.campaigns import selectors as campaigns
from apps.campaigns.types import FoundDoNotCall, NextStep, StoryEntry
from apps.filters import selectors as filters
from apps.filters.types import ApplicationKey, FoundApplication, FoundClient
from apps.ingest import selectors as ingest

MOST_APPLICATIONS = 200  # snapshots; the newest


class ClientNotFoundError(Exception):
    """No client has this number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPage:
    """``names`` are of all who have applied with the phone, the one that was asked for first."""

    names: Sequence[str]
    masked_phone: str
    applications: Sequence[FoundApplication]
    forbidden: FoundDoNotCall | None
    steps: Sequence[NextStep]
    entries: Sequence[StoryEntry]  # oldest first


def client_page(client_id: int, now: datetime) -> ClientPage:
    """The page of the client with this number. Raises ClientNotFoundError."""
    client = filters.find_client(client_id)
    if client is None:
        raise ClientNotFoundError
    phones = [client.phone]
    applications = filters.applications_of_phones(phones, MOST_APPLICATIONS)
    forbidden = campaigns.find_do_not_call(phones, 1)
    return ClientPage(
        names=_names(client),
        masked_phone=client.masked_phone,
        applications=applications,
        forbidden=forbidden[0] if forbidden else None,
        steps=campaigns.next_steps(now, phone=client.phone),
        entries=_entries(client.phone, applications),
    )


def _names(client: FoundClient) -> list[str]:
    others = filters.clients_of_phones([client.phone], MOST_APPLICATIONS)
    return list(dict.fromkeys([client.name, *(other.name for other in others)]))


def _entries(phone: str, applications: Sequence[FoundApplication]) -> list[StoryEntry]:
    numbers = {str(ApplicationKey(one.id)): one.number for one in applications}
    entries = [*_arrivals(applications), *campaigns.story_of(phone=phone)]
    in_order = sorted(filters.with_rule_titles(entries), key=lambda entry: entry.at)
    return [replace(one, subject=numbers.get(one.source_key, "")) for one in in_order]


def _arrivals(applications: Sequence[FoundApplication]) -> Iterator[StoryEntry]:
    names = ingest.file_names({one.file_id for one in applications})
    for one in applications:
        file = names.get(one.file_id)
        where = _("file %(name)s, line %(line)d") % {"name": file, "line": one.line}
        yield StoryEntry(
            at=one.stored_at,
            what=_("application was stored"),
            verdict=one.status,
            reason=where if file else "",
            source_key=str(ApplicationKey(one.id)),
            link=reverse("admin:ingest_incomingfile_change", args=[one.file_id]) if file else "",
        )
