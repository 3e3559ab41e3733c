"""Bad configuration stops the start: ``manage.py check`` reads the streams."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from apps.ingest.streams import read_streams
from apps.ingest.types import StreamsConfigError


@register()
def streams_are_well_described(**_kwargs: Any) -> list[CheckMessage]:
    """An error that names file, key and what was expected."""
    try:
        read_streams()
    except StreamsConfigError as error:
        return [Error(str(error), id="ingest.E001")]
    return []
