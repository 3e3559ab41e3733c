"""Which data streams work now: those of ``config/streams.yaml``, or their last good descriptions.

The last good description of each stream is kept in the database. It counts while the file cannot be
read as a whole, since then nobody can say which stream the mistake is about.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.ingest.models import DataStream
from apps.ingest.streams import (
    FILE_NAME,
    Described,
    Stream,
    describe,
    described_streams,
)
from common.configuration import ConfigError


@dataclass(frozen=True, slots=True)
class KnownStreams:
    """The streams that work now, and the wrong descriptions: {"streams.yaml: POS": ConfigError}."""

    streams: tuple[Stream, ...]
    mistakes: dict[str, ConfigError]


def known_streams() -> KnownStreams:
    """The streams as the file describes them now, or as it last did while it cannot be read."""
    try:
        described = described_streams()
    except ConfigError as error:
        return _kept_streams(error)
    return KnownStreams(described.streams, described.mistakes)


def keep_known_streams() -> KnownStreams:
    """The same, and the descriptions that are new are kept. The poll calls it, once a second."""
    try:
        described = described_streams()
    except ConfigError as error:
        return _kept_streams(error)
    _keep(described)
    return KnownStreams(described.streams, described.mistakes)


def get_stream(name: str) -> Stream:
    """The working stream of that name. Raises ConfigError, which tells what is wrong with it."""
    known = known_streams()
    for stream in known.streams:
        if stream.name == name:
            return stream
    for key in (f"{FILE_NAME}: {name}", FILE_NAME):
        if key in known.mistakes:
            raise known.mistakes[key]
    words = {
        "file": FILE_NAME,
        "name": repr(name),
        "known": ", ".join(stream.name for stream in known.streams),
    }
    raise ConfigError(_("%(file)s: no stream %(name)s, there are: %(known)s") % words)


def _keep(described: Described) -> None:
    """Write down what changed. A stream that has left the file is forgotten, but not while a
    description is wrong: that may be its own under a misspelt name."""
    kept = dict(DataStream.objects.values_list("name", "description"))
    changed = [
        DataStream(name=name, description=content)
        for name, content in described.contents.items()
        if kept.get(name) != content
    ]
    if changed:
        DataStream.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["description"],
        )
    gone = kept.keys() - described.contents.keys()
    if gone and not described.mistakes:
        DataStream.objects.filter(name__in=gone).delete()


def _kept_streams(error: ConfigError) -> KnownStreams:
    streams: tuple[Stream, ...] = ()
    mistakes = {FILE_NAME: error}
    for row in DataStream.objects.order_by("name"):
        try:
            streams += describe(row.description, FILE_NAME).streams
        except ConfigError as outdated:  # kept by an older version of this system
            mistakes[f"{FILE_NAME}: {row.name}"] = outdated
    return KnownStreams(streams, mistakes)
