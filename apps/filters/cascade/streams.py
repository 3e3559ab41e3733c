"""Which data streams the cascades take, for a check by whoever knows the streams (``ingest``)."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from apps.filters.cascade.config_file import read_file
from apps.filters.models import Cascade
from apps.filters.types import CascadeStreams
from common.configuration import ConfigError


def streams_of_campaigns_file() -> list[CascadeStreams]:
    """The streams of each campaign of ``config/campaigns.yaml``.

    Empty where there is no file or where it is wrong, which a check of the filters reports.
    """
    path = settings.CONFIG_DIR / "campaigns.yaml"
    if not path.exists():
        return []
    try:
        described = read_file(path)
    except ConfigError:
        return []
    return [_streams(item.campaign_id, str(item.place), item.settings) for item in described]


def streams_of_stored_cascades() -> list[CascadeStreams]:
    """The streams of each stored cascade, in the order of the campaigns' numbers."""
    rows = Cascade.objects.order_by("campaign_id")
    return [
        _streams(row.campaign_id, _("campaign %d") % row.campaign_id, row.settings) for row in rows
    ]


def _streams(campaign_id: int, place: str, stored: Mapping[str, Any]) -> CascadeStreams:
    return CascadeStreams(campaign_id, place, streams=tuple(stored.get("data-streams", ())))
