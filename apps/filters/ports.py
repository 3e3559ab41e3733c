"""What the filters need from outside; a setting names the adapter of the port."""

from collections.abc import Sequence
from typing import Protocol

from apps.filters.types import RefusedRow
from common.ports import bound


class IncomingRows(Protocol):
    """The rows of incoming files (setting ``FILTERS_INCOMING_ROWS``)."""

    def refused(self, application_number: str) -> Sequence[RefusedRow]:
        """The rows of this application that were not stored, oldest first."""


def incoming_rows() -> IncomingRows:
    """The adapter that knows the files."""
    adapter: IncomingRows = bound("FILTERS_INCOMING_ROWS")
    return adapter
