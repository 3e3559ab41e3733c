"""The cursor of a page, as clients carry it: the place after which the page begins."""

import base64
from datetime import UTC, datetime

from apps.read_api.pages import Place

LONGEST_ID = 2**63 - 1  # the column is a bigint


def written(place: Place) -> str:
    """Letters, digits, - and _: it may stand in an address as it is."""
    text = f"{place.at.astimezone(UTC).isoformat()}/{place.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str) -> Place:
    """The place that ``written`` wrote. Raises ValueError for any other text."""
    text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    moment, _, number = text.partition("/")
    place = Place(datetime.fromisoformat(moment), int(number))
    if place.at.tzinfo != UTC or not 0 <= place.id <= LONGEST_ID or written(place) != cursor:
        raise ValueError("not a cursor")
    return place
