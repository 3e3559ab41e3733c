"""``config/campaigns.yaml``: read with every mistake named, applied as a whole, written again.

The shape is the source's (figure 25): ``events-analyser: campaigns: [...]``. Each item holds the
keys of the cascade, and under ``campaign`` what belongs to the core.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from apps.campaigns.services import (
    apply_campaign,
    export_campaign,
    read_campaign_spec,
)
from apps.campaigns.types import CampaignSpec, ConfigError
from apps.filters.cascade import settings as cascade_settings
from apps.filters.cascade.revisions import cascade_changes, set_cascade
from apps.filters.cascade.settings import KEYS
from apps.filters.models import Cascade
from apps.filters.rules.settings import Place
from common.locks import LockSpace, transaction_lock

ROOT = "events-analyser"
CAMPAIGNS = "campaigns"
CAMPAIGN_ID = "campaign-id"
CAMPAIGN = "campaign"
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Described:
    """One campaign of the file. ``spec`` is None where the file leaves the core's part alone."""

    campaign_id: int
    settings: dict[str, Any]
    spec: CampaignSpec | None
    place: str


class _Loader(yaml.SafeLoader):
    """Refuses a key that is written twice, of which YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _value in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str) or key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} must be text and stand once", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_file(path: Path) -> list[Described]:
    """The campaigns of the file. Raises ConfigError, which names file, key and expectation."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: {type(error).__name__}") from error
    return read_text(text, path.name)


def read_text(text: str, name: str) -> list[Described]:
    try:
        content = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: {error}") from error
    top = Place(f"{name}: {ROOT}")
    root = _only(content, Place(name), ROOT)
    items = _only(root, top, CAMPAIGNS)
    place = top.at(CAMPAIGNS)
    if not isinstance(items, list) or not items:
        raise place.wrong(items, _("a list of campaigns"))
    described: list[Described] = []
    for number, item in enumerate(items):
        one = _described(item, place.item(number))
        if any(one.campaign_id == earlier.campaign_id for earlier in described):
            at = place.item(number).at(CAMPAIGN_ID)
            raise at.wrong(one.campaign_id, _("a number that no other campaign of the file has"))
        described.append(one)
    return described


def _only(content: Any, place: Place, key: str) -> Any:
    if not isinstance(content, Mapping) or set(content) != {key}:
        found = list(content) if isinstance(content, Mapping) else content
        raise place.wrong(found, _("the one key %s") % key)
    return content[key]


def _described(item: Any, place: Place) -> Described:
    if not isinstance(item, Mapping):
        raise place.wrong(item, _("a mapping"))
    campaign_id = _number(item.get(CAMPAIGN_ID), place.at(CAMPAIGN_ID))
    rest = {key: value for key, value in item.items() if key not in (CAMPAIGN_ID, CAMPAIGN)}
    spec = None
    if CAMPAIGN in item:
        spec = read_campaign_spec(campaign_id, item[CAMPAIGN], place.at(CAMPAIGN).path)
    return Described(campaign_id, cascade_settings.read(rest, place), spec, place.path)


def _number(value: Any, place: Place) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST_ID:
        raise place.wrong(value, _("the number of the campaign"))
    return value


def apply_config(path: Path, *, dry_run: bool = False) -> list[str]:
    """Make campaigns and cascades as the file says, all or nothing; lines that tell what changed.

    Raises ConfigError, which names file, key and what was expected.
    """
    return apply_described(read_file(path), dry_run=dry_run)


@transaction.atomic
def apply_described(described: list[Described], *, dry_run: bool = False) -> list[str]:
    """Make the tables say what the file says; lines that tell what changed, none when nothing did.

    All of it is applied or nothing. With ``dry_run`` nothing is written.
    """
    transaction_lock(LockSpace.CONFIG)
    changes = []
    for one in described:
        spec = one.spec
        if spec is None and export_campaign(one.campaign_id) is None:
            spec = read_campaign_spec(one.campaign_id, {}, one.place)
        if spec:
            changes += apply_campaign(spec, dry_run=dry_run)
        changes += cascade_changes(one.campaign_id, one.settings)
        if not dry_run:
            set_cascade(one.campaign_id, one.settings, author_id=None)
    return changes


def export_config() -> str:
    """All campaigns that have a cascade, as YAML in which ``apply_config`` finds no change."""
    items = [
        {
            CAMPAIGN_ID: row.campaign_id,
            **{key: row.settings[key] for key in KEYS if key in row.settings},
            CAMPAIGN: export_campaign(row.campaign_id),
        }
        for row in Cascade.objects.order_by("campaign_id")
    ]
    content = {ROOT: {CAMPAIGNS: items}}
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)


def settings_of_file(path: Path, campaign_id: int) -> dict[str, Any]:
    """The cascade of one campaign as a file describes it. Raises ConfigError."""
    for one in read_file(path):
        if one.campaign_id == campaign_id:
            return one.settings
    raise ConfigError(
        _("%(file)s: has no campaign %(number)d") % {"file": path.name, "number": campaign_id}
    )
