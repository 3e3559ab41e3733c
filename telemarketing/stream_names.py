"""Tells the filters which streams the incoming files have: the filters may not ask them."""

from apps.ingest.selectors import stream_names
from apps.ingest.types import StreamsConfigError


class ConfiguredStreams:
    """Port ``filters.ports.StreamNames``."""

    def names(self) -> frozenset[str]:
        """Empty when the streams are described wrongly, which a check of theirs reports."""
        try:
            return stream_names()
        except StreamsConfigError:
            return frozenset()
