"""Warns in the log about something that each poll finds again, once a second, only once a day."""

import logging

from django.core.cache import cache

logger = logging.getLogger(__name__)

WARN_AGAIN_SECONDS = 24 * 60 * 60


def warn_once(key: str, message: str, *arguments: object) -> None:
    """Log a warning, unless one with this ``key`` was logged within a day.

    The cache remembers that, so a warning may come again when the cache is lost.
    """
    if cache.add(f"ingest:warned:{key}", 1, WARN_AGAIN_SECONDS):
        logger.warning(message, *arguments)
