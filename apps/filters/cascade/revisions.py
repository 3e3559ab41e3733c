"""Changes of a cascade's settings: each makes a new version, which names its author."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.filters.models import Cascade, CascadeRevision


@transaction.atomic
def set_cascade(campaign_id: int, settings: Mapping[str, Any], *, author_id: int | None) -> Cascade:
    """Store the settings of the campaign's cascade, as a new version when they differ.

    ``settings`` are what ``read_settings`` returned. ``author_id`` is None when a command changes
    them. Returns the cascade as it is stored now.
    """
    cascade = Cascade.objects.select_for_update().filter(campaign_id=campaign_id).first()
    if cascade is None:
        cascade = Cascade.objects.create(campaign_id=campaign_id, settings=dict(settings))
    elif cascade.settings == settings:
        return cascade
    else:
        cascade.settings, cascade.version = dict(settings), cascade.version + 1
        cascade.save(update_fields=["settings", "version"])
    CascadeRevision.objects.create(
        cascade=cascade,
        version=cascade.version,
        settings=cascade.settings,
        author_id=author_id,
    )
    return cascade


def author_of(revision: CascadeRevision) -> str:
    """Who saved this version, in words for people."""
    return revision.author.get_full_name() if revision.author else _("a command")


def cascade_changes(campaign_id: int, settings: Mapping[str, Any]) -> list[str]:
    """What storing these settings would change, a line each; empty when nothing would."""
    cascade = Cascade.objects.filter(campaign_id=campaign_id).first()
    where = f"campaign {campaign_id}: filters"
    if cascade is None:
        return [f"{where}: created"]
    return [f"{where}: {line}" for line in difference(cascade.settings, settings)]


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The keys whose values differ, with both values; a dash where there is none."""
    return [
        f"{key}: {_shown(before.get(key))} → {_shown(after.get(key))}"
        for key in dict.fromkeys((*before, *after))
        if before.get(key) != after.get(key)
    ]


def _shown(value: Any) -> str:
    if value is None or value == []:
        return "—"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
