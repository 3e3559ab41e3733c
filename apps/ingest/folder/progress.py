"""How far running imports have come. Kept in the cache: losing it does no harm."""

from dataclasses import asdict

from django.core.cache import cache

from apps.ingest.known_streams import known_streams
from apps.ingest.types import Progress

KEPT_SECONDS = 60  # an import that reports nothing for so long has died


def publish(progress: Progress) -> None:
    """Let ``find_progress`` of every process find it."""
    cache.set(_key(progress.stream), asdict(progress), KEPT_SECONDS)


def withdraw(stream: str) -> None:
    """Forget the progress: the import is over."""
    cache.delete(_key(stream))


def find_progress(stream: str) -> Progress | None:
    """The progress of the stream's running import; None when none is running."""
    kept = cache.get(_key(stream))
    return Progress(**kept) if kept else None


def running_imports() -> list[Progress]:
    """The progress of all running imports that the cache knows."""
    found = (find_progress(stream.name) for stream in known_streams().streams)
    return [progress for progress in found if progress is not None]


def _key(stream: str) -> str:
    return f"ingest:progress:{stream}"
