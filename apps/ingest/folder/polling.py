"""Looks into the folders of all streams and imports what lies there, the oldest file first."""

import logging
import traceback
from pathlib import Path

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from apps.ingest.folder.moving import move_out
from apps.ingest.folder.opened_file import take
from apps.ingest.folder.progress import publish, withdraw
from apps.ingest.folder.ready_files import ready_files
from apps.ingest.folder.warn_once import warn_once
from apps.ingest.importing import import_file, reject_unread
from apps.ingest.models import IncomingFile
from apps.ingest.monitoring import find_overdue
from apps.ingest.streams import Stream, read_streams
from apps.ingest.types import FileChangedError, FileRejectedError
from common.clock import now
from common.configuration import ConfigError
from common.locks import LockSpace, try_lock

logger = logging.getLogger(__name__)


def poll_streams() -> list[IncomingFile]:
    """Import what has arrived in the folders of all streams; returns the records of the files.

    When a folder cannot be reached, the other streams are polled all the same. While
    ``config/streams.yaml`` is wrong, nothing is imported. The log says either once a day.
    """
    records: list[IncomingFile] = []
    for stream in _well_described():
        try:
            records += poll(stream)
        except OSError as error:
            key = f"poll:{stream.name}:{error.errno}"
            warn_once(key, "stream %s cannot be polled: %s", stream.name, error.strerror)
    return records


def _well_described() -> tuple[Stream, ...]:
    try:
        return read_streams()
    except ConfigError as error:
        warn_once(f"streams:{error}", "no stream is polled: %s", error)
        return ()


def poll(stream: Stream) -> list[IncomingFile]:
    """Import the files of one stream that are ready; returns their records.

    Returns an empty list while another process polls the stream, so each file is imported by one
    process. Raises OSError when the folders cannot be read or made.
    """
    with try_lock(LockSpace.STREAM_POLL, stream.lock_key) as won:
        if not won:
            return []
        make_folders(stream)
        stuck = _move_committed(stream)
        found = (_import_and_move(path, stream) for path in ready_files(stream, stuck))
        records = [record for record in found if record is not None]
        _warn_if_overdue(stream)
        return records


def make_folders(stream: Stream) -> None:
    """Make the stream's folder and those for results, where they are missing."""
    for folder in (stream.folder, stream.success_folder, stream.error_folder):
        folder.mkdir(parents=True, exist_ok=True)


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
