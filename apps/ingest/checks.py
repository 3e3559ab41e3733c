"""System checks: ``manage.py check`` reads the streams and compares the cascades with them."""

from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DatabaseError
from django.utils.translation import gettext as _

from apps.filters import selectors as filters
from apps.filters.types import CASCADE_CHECKS, CascadeStreams
from apps.ingest.known_streams import known_streams
from apps.ingest.monitoring import stream_names
from apps.ingest.streams import described_streams
from common.configuration import ConfigError


@register()
def streams_are_well_described(**_kwargs: Any) -> list[CheckMessage]:
    """A warning for each mistake, which names the file, the key and what was expected; an error
    when no stream is left to take files.

    A mistake in one stream must not keep the others from starting.
    """
    try:
        known = known_streams()
    except DatabaseError:
        return _without_kept_streams()
    if known.streams:
        return [CheckWarning(str(error), id="ingest.W001") for error in known.mistakes.values()]
    return [Error(str(error), id="ingest.E001") for error in known.mistakes.values()]


def _without_kept_streams() -> list[CheckMessage]:
    """The file cannot be read, and neither can the database, which may hold good descriptions."""
    try:
        described_streams()
    except ConfigError as error:
        return [Error(str(error), id="ingest.E001")]
    return []


@register("config")
def configured_cascades_take_known_streams(**_kwargs: Any) -> list[CheckMessage]:
    """A warning for each campaign of ``config/campaigns.yaml`` that takes an unknown stream."""
    return _unknown_streams(filters.streams_of_campaigns_file())


@register(Tags.database, CASCADE_CHECKS)
def stored_cascades_take_known_streams(**_kwargs: Any) -> list[CheckMessage]:
    """A warning for each stored cascade that takes an unknown stream.

    Runs with ``manage.py check --database default``, after each ``migrate``, and when a cascade is
    saved in the back office, which shows it.
    """
    try:
        return _unknown_streams(filters.streams_of_stored_cascades())
    except DatabaseError:
        return []  # before the first migration


def _unknown_streams(cascades: Iterable[CascadeStreams]) -> list[CheckMessage]:
    """A warning and no error: a campaign may be made before the stream that it will take."""
    try:
        known = stream_names()
    except DatabaseError:
        return []  # streams_are_well_described reports that the file cannot be read
    if not known:
        return []
    found: list[CheckMessage] = []
    text = _("no files arrive in %(unknown)s; there are the streams %(known)s")
    for cascade in cascades:
        if unknown := [name for name in cascade.streams if name not in known]:
            names = {"unknown": ", ".join(unknown), "known": ", ".join(sorted(known))}
            warning = CheckWarning(f"data-streams: {text % names}", obj=cascade, id="filters.W002")
            found.append(warning)
    return found
