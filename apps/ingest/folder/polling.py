"""Finds the streams whose files may be taken, and takes the files of one, the oldest first.

Each stream's files are taken by a task of their own, so one that has a large file, or whose folder
does not answer, holds up no other.
"""

import logging
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from apps.campaigns import services as campaigns
from apps.campaigns.types import AttentionKind
from apps.ingest.folder.grown_files import report_grown_files
from apps.ingest.folder.moving import move_out
from apps.ingest.folder.opened_file import find_identity, take
from apps.ingest.folder.progress import publish, withdraw
from apps.ingest.folder.ready_files import ready_files
from apps.ingest.folder.warn_once import warn_once
from apps.ingest.importing import import_file, reject_unread
from apps.ingest.known_streams import get_stream, keep_known_streams
from apps.ingest.models import IncomingFile
from apps.ingest.monitoring import find_overdue
from apps.ingest.streams import FILE_NAME, Stream
from apps.ingest.types import FileChangedError, FileRejectedError
from common.announce import announce
from common.clock import now
from common.configuration import ConfigError
from common.locks import LockSpace, held_keys, try_lock

logger = logging.getLogger(__name__)

# after so long no more files are begun, so that streams that outnumber the workers take turns
OWNER_ONLY = 0o700
SLICE_SECONDS = 20.0
LARGE_BYTES = 8 * 1024 * 1024  # about 30,000 rows, which are imported within a second
# fewer than the lane has processes (telemarketing/lanes.py), so that one is left for small files
LARGE_AT_ONCE = 2
MESSAGE_SECONDS = 5.0  # the next polls send the same message again


def poll_streams(at: datetime) -> list[str]:
    """Announce each stream whose files may be taken; returns their names.

    No folder is looked into. Left out are streams whose files are being taken, and those set aside
    because of an error. A wrong description is set aside under the name of its stream or place.
    """
    known = keep_known_streams()
    waiting = campaigns.waiting_keys(AttentionKind.DATA_STREAM, at)
    _set_mistakes_aside(known.mistakes, waiting, at)
    busy = held_keys(LockSpace.STREAM_POLL)
    names = [
        stream.name
        for stream in known.streams
        if stream.lock_key not in busy and stream.name not in waiting
    ]
    for name in names:
        announce("apps.ingest.tasks.take_files", name, expires=MESSAGE_SECONDS)
    return names


def _set_mistakes_aside(mistakes: dict[str, ConfigError], waiting: set[str], at: datetime) -> None:
    """Show wrong descriptions among what needs attention, and remove those that are mended."""
    for key, error in mistakes.items():
        warn_once(f"streams:{error}", "not all streams are polled: %s", error)
        if key not in waiting:
            campaigns.set_aside(AttentionKind.DATA_STREAM, key, error, at)
    known = campaigns.known_keys(AttentionKind.DATA_STREAM)
    shown = {key for key in known if key.startswith(FILE_NAME)}
    if mended := shown - mistakes.keys():
        campaigns.handled(AttentionKind.DATA_STREAM, mended)


def take_files(stream_name: str) -> list[IncomingFile]:
    """Import files of the stream that are ready; returns their records.

    Begins no more files after SLICE_SECONDS, and no large one while LARGE_AT_ONCE others are
    imported; the next poll announces the stream again. Returns an empty list while another process
    takes its files, so each file is imported by one process, and while the stream is described
    wrongly. Any error but one of the database sets the stream aside.
    """
    try:
        stream = get_stream(stream_name)
    except ConfigError:
        return []  # a moment ago it was right; the next poll shows the mistake
    try:
        records = _take(stream)
    except (OperationalError, InterfaceError):
        raise  # the database cannot be reached: nothing is wrong with the stream
    except Exception as error:  # noqa: BLE001 - one stream must not stop the others
        _set_stream_aside(stream, error)
        return []
    campaigns.handled(AttentionKind.DATA_STREAM, [stream.name])
    return records


def _set_stream_aside(stream: Stream, error: Exception) -> None:
    if isinstance(error, OSError):  # its own message, which holds no data of a client
        key = f"poll:{stream.name}:{error.errno}"
        warn_once(key, "stream %s cannot be polled: %s", stream.name, error.strerror)
    campaigns.set_aside(AttentionKind.DATA_STREAM, stream.name, error, now())


def _take(stream: Stream) -> list[IncomingFile]:
    with try_lock(LockSpace.STREAM_POLL, stream.lock_key) as won:
        if not won:
            return []
        make_folders(stream)
        stuck = _move_committed(stream)
        found = list(_import_for_a_slice(stream, stuck))
        report_grown_files(stream, now())
        _warn_if_overdue(stream)
        return [record for record in found if record is not None]


def _import_for_a_slice(stream: Stream, stuck: set[str]) -> Iterator[IncomingFile | None]:
    """Import the files that are ready, as long as the slice of time lasts and there is a place."""
    end = time.monotonic() + SLICE_SECONDS
    for path in ready_files(stream, stuck):
        with _place_for(path) as has_place:
            if not has_place:
                return  # those behind it wait too: the oldest comes first
            yield _import_and_move(path, stream)
        if time.monotonic() > end:
            return


@contextmanager
def _place_for(path: Path) -> Iterator[bool]:
    """Whether the file may be imported now: a large one holds one of the places of large files."""
    identity = find_identity(path)
    if identity is None or identity.size <= LARGE_BYTES:
        yield True
        return
    with ExitStack() as held:
        places = (try_lock(LockSpace.LARGE_FILE, number) for number in range(LARGE_AT_ONCE))
        yield any(held.enter_context(place) for place in places)


def make_folders(stream: Stream) -> None:
    """Make the stream's folder and those for results, where they are missing.

    Nobody but the owner may enter the latter, which keep personal data, until an administrator
    opens them. Who may put files into the former is what the system's umask says.
    """
    stream.folder.mkdir(parents=True, exist_ok=True)
    for folder in (stream.success_folder, stream.error_folder):
        folder.mkdir(mode=OWNER_ONLY, exist_ok=True)


def _move_committed(stream: Stream) -> set[str]:
    """Move files whose import is committed; returns the names of those that could not be moved."""
    stuck = set()
    for record in IncomingFile.objects.filter(stream=stream.name, moved_at=None).order_by("id"):
        if not _moved(record, stream.folder / record.name, stream):
            stuck.add(record.name)
    return stuck


def _moved(record: IncomingFile, path: Path, stream: Stream) -> bool:
    try:
        move_out(record, path, stream)
    except OSError as error:
        warn_once(f"move:{record.id}", "file %d cannot be moved: %s", record.id, error.strerror)
        return False
    return True


def _import_and_move(path: Path, stream: Stream) -> IncomingFile | None:
    """The record of the file. None when the next poll has to try it again."""
    try:
        with take(path) as file:
            record = import_file(file, stream, publish)
    except FileRejectedError as rejection:
        record = reject_unread(path, stream, rejection)
    except (FileNotFoundError, FileChangedError):
        return None  # somebody took it away, or still writes to it
    except (OperationalError, InterfaceError):
        raise  # the database cannot be reached: nothing is wrong with the file
    except Exception as error:  # noqa: BLE001 - one file must not stop those after it
        record = reject_unread(path, stream, _unforeseen(error, stream))
    finally:
        withdraw(stream.name)
    logger.info(
        "stream %s: file %d %s, %d rows, %d bad, %d duplicates",
        *(stream.name, record.id, record.outcome, record.rows, record.bad_rows, record.duplicates),
    )
    _moved(record, path, stream)
    return record


def _unforeseen(error: Exception, stream: Stream) -> FileRejectedError:
    """The rejection of a file for an error that nobody foresaw.

    The log gets the traceback without the message: one of the database quotes the row.
    """
    kind, place = type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
    logger.error("stream %s: a file failed with %s\n%s", stream.name, kind, place)
    return FileRejectedError(_("the import failed: %s, the log tells where") % kind)


def _warn_if_overdue(stream: Stream) -> None:
    overdue = find_overdue(stream, now())
    if overdue:
        last = overdue.last_file_at
        warn_once(
            f"overdue:{stream.name}:{last}",
            "stream %s: no file since %s, one is expected every %s",
            *(stream.name, last, overdue.expected_every),
        )
