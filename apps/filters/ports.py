"""What the filters need to know from those above them, bound by a dotted path in the settings."""

from typing import Protocol


class StreamNames(Protocol):
    """Which data streams there are."""

    def names(self) -> frozenset[str]:
        """The streams that files arrive in; none when that cannot be read."""
