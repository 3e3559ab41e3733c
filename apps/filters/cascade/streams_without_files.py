"""Streams that a cascade takes and no file arrives in: a slip of the pen, or a stream to come."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.filters.ports import StreamNames
from common.ports import bound


def unfed_streams(settings: Mapping[str, Any]) -> str:
    """Which streams of the cascade no file arrives in, in words; empty when all are fed.

    A remark and no refusal, for a campaign may be made before its stream.
    """
    known: StreamNames = bound("FILTERS_STREAM_NAMES")
    names = known.names()
    unfed = [name for name in settings.get("data-streams", ()) if name not in names]
    if not names or not unfed:
        return ""
    text = _("no files arrive in %(unfed)s; there are the streams %(known)s")
    return text % {"unfed": ", ".join(unfed), "known": ", ".join(sorted(names))}
