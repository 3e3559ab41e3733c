"""Output for the person who started the launcher."""

import contextlib


def say(text: str) -> None:
    """Print at once. A closed terminal is no error: the launcher must still end its processes."""
    with contextlib.suppress(OSError):
        print(text, flush=True)
