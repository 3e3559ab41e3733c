"""A cascade's settings, its page, and what a browser sends to save them."""

from typing import Any

from django.urls import reverse

from apps.filters.models import Cascade

SETTINGS = {
    "data-streams": ["MOBILE_LOANS"],
    "filters-order": ["AGE", "RESIDENCE"],
    "min-age": 18,
    "citizenship-unavailable-countries": ["BLR"],
}


def posted(cascade: Cascade, **changes: Any) -> dict[str, Any]:
    """What the browser sends when the form is saved that shows this version of the cascade."""
    return {
        "edited-version": cascade.version,
        "campaign": cascade.campaign_id,
        "data-streams": "MOBILE_LOANS",
        "place-AGE": 1,
        "place-RESIDENCE": 2,
        "min-age": 18,
        "citizenship-unavailable-countries": "BLR",
        **changes,
    }


def change_url(cascade: Cascade) -> str:
    return reverse("admin:filters_cascade_change", args=[cascade.pk])
