"""Reads, applies and writes ``config/campaigns.yaml``: campaigns and their cascades.

The shape is that of [source figure 25]: ``events-analyser: campaigns: [...]``. Each item holds the
settings of the cascade, and under ``campaign`` those of the campaign itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field

from apps.campaigns.services import (
    apply_campaign,
    export_campaign,
    read_campaign_spec,
)
from apps.campaigns.types import CampaignSpec
from apps.filters.cascade.revisions import cascade_changes, set_cascade
from apps.filters.cascade.settings import in_order, read_settings
from apps.filters.models import Cascade
from common.configuration import (
    ConfigError,
    Configured,
    Place,
    expecting,
    parse_yaml,
    read,
    read_yaml,
    write_yaml,
    wrong,
)
from common.locks import LockSpace, transaction_lock

ROOT = "events-analyser"
CAMPAIGNS = "campaigns"
CAMPAIGN_ID = "campaign-id"
CAMPAIGN = "campaign"
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Described:
    """One campaign of the file. ``spec`` is None where the file has no key ``campaign``: then the
    campaign itself stays as it is. ``place`` names the item in messages."""

    campaign_id: int
    settings: dict[str, Any]
    spec: CampaignSpec | None
    place: Place


class _Item(Configured, extra="allow"):
    """The keys beyond these are the settings of the cascade."""

    campaign_id: Annotated[
        int,
        expecting(lambda: _("the number of the campaign"), lambda number: 0 < number <= LARGEST_ID),
    ]
    campaign: Any = None

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.model_extra or {}


def _each_number_once(items: list[_Item]) -> list[_Item]:
    seen: set[int] = set()
    for index, item in enumerate(items):
        if item.campaign_id in seen:
            expected = _("a number that no other campaign of the file has")
            raise wrong(expected, item.campaign_id, at=(index, CAMPAIGN_ID))
        seen.add(item.campaign_id)
    return items


class _Campaigns(Configured):
    campaigns: Annotated[list[_Item], Field(min_length=1), AfterValidator(_each_number_once)]


class _File(Configured):
    events_analyser: _Campaigns


def read_file(path: Path) -> list[Described]:
    """The campaigns of the file. Raises ConfigError, which names file, key and expectation."""
    return _described(read_yaml(path), path.name)


def read_text(text: str, name: str) -> list[Described]:
    """The same, of the text of a file with this name."""
    return _described(parse_yaml(text, name), name)


def _described(content: Any, name: str) -> list[Described]:
    items = read(_File, content, Place(name)).events_analyser.campaigns
    place = Place(name, (ROOT, CAMPAIGNS))
    return [_campaign(item, place.at(index)) for index, item in enumerate(items)]


def _campaign(item: _Item, place: Place) -> Described:
    spec = None
    if CAMPAIGN in item.model_fields_set:
        spec = read_campaign_spec(item.campaign_id, item.campaign, place.at(CAMPAIGN))
    return Described(
        campaign_id=item.campaign_id,
        settings=read_settings(item.settings, place),
        spec=spec,
        place=place,
    )


def apply_config(path: Path, *, dry_run: bool = False, only_missing: bool = False) -> list[str]:
    """Make campaigns and cascades as the file says, all or nothing; lines that tell what changed.

    With ``only_missing`` campaigns and cascades that exist stay as they are, whoever made them;
    lines tell where they differ from the file. Raises ConfigError, which names file, key and what
    was expected.
    """
    described = read_file(path)
    if only_missing:
        return _apply_missing(described)
    return apply_described(described, dry_run=dry_run)


@transaction.atomic
def apply_described(described: list[Described], *, dry_run: bool = False) -> list[str]:
    """Make the tables say what the file says, all of it or nothing.

    Returns what changed, a line each; an empty list when nothing did. With ``dry_run`` nothing is
    written, and the lines say what would change.
    """
    transaction_lock(LockSpace.CONFIG)
    changes = []
    for one in described:
        changes += _apply_campaign(one, dry_run=dry_run)
        changes += cascade_changes(one.campaign_id, one.settings)
        if not dry_run:
            set_cascade(one.campaign_id, one.settings, author_id=None)
    return changes


@transaction.atomic
def _apply_missing(described: list[Described]) -> list[str]:
    transaction_lock(LockSpace.CONFIG)
    lines = []
    for one in described:
        exists = export_campaign(one.campaign_id) is not None
        changes = _apply_campaign(one, dry_run=exists)
        lines += [f"left as it is: {line}" for line in changes] if exists else changes
        exists = Cascade.objects.filter(campaign_id=one.campaign_id).exists()
        changes = cascade_changes(one.campaign_id, one.settings)
        lines += [f"left as it is: {line}" for line in changes] if exists else changes
        if not exists:
            set_cascade(one.campaign_id, one.settings, author_id=None)
    return lines


def _apply_campaign(one: Described, *, dry_run: bool) -> list[str]:
    """The campaign itself, without its cascade; one that the file only names is made if missing."""
    spec = one.spec
    if spec is None and export_campaign(one.campaign_id) is None:
        spec = read_campaign_spec(one.campaign_id, {}, one.place)
    return apply_campaign(spec, dry_run=dry_run) if spec else []


def export_config() -> str:
    """The text of a file with all campaigns that have a cascade; applying it changes nothing."""
    items = [
        {
            CAMPAIGN_ID: row.campaign_id,
            **in_order(row.settings),
            CAMPAIGN: export_campaign(row.campaign_id),
        }
        for row in Cascade.objects.order_by("campaign_id")
    ]
    return write_yaml({ROOT: {CAMPAIGNS: items}})


def settings_of_file(path: Path, campaign_id: int) -> dict[str, Any]:
    """The cascade of one campaign as a file describes it. Raises ConfigError."""
    for one in read_file(path):
        if one.campaign_id == campaign_id:
            return one.settings
    raise ConfigError(
        _("%(file)s: has no campaign %(number)d") % {"file": path.name, "number": campaign_id}
    )
