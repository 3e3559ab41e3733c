"""Messages to workers, which a thread sends."""

from common import announce


def wait_for_messages() -> None:
    """Return when the broker has what this process has announced, or does not take it."""
    announce._sender._thread.submit(lambda: None).result()
