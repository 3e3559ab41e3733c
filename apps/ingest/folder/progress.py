"""How far running imports have come: kept in the cache, where it may be lost, for people to see."""

from dataclasses import asdict

from django.core.cache import cache

from apps.ingest.types import Progress

KEPT_SECONDS = 60  # an import that says nothing for so long has died


def publish(progress: Progress) -> None:
    """Show it to whoever looks."""
    cache.set(_key(progress.stream), asdict(progress), KEPT_SECONDS)


def withdraw(stream: str) -> None:
    """The import is over."""
    cache.delete(_key(stream))


def find_progress(stream: str) -> Progress | None:
    """How far the running import of the stream has come, if one runs."""
    kept = cache.get(_key(stream))
    return Progress(**kept) if kept else None


def _key(stream: str) -> str:
    return f"ingest:progress:{stream}"
