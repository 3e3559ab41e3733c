"""What the person who started the launcher gets to read."""

import contextlib


def say(text: str) -> None:
    """Print at once; a terminal that is gone is no reason to leave processes behind."""
    with contextlib.suppress(OSError):
        print(text, flush=True)
