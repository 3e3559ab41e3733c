"""Looks into the folder of a stream and imports what lies there, oldest first."""

import logging
import os
import traceback
from collections.abc import Iterator
from pathlib import Path

from django.core.cache import cache
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from apps.ingest.folder.moving import move_out
from apps.ingest.folder.opened_file import name_text, take
from apps.ingest.folder.progress import publish, withdraw
from apps.ingest.importing import import_file, reject_unread
from apps.ingest.models import IncomingFile
from apps.ingest.selectors import find_overdue
from apps.ingest.streams import Stream
from apps.ingest.types import FileChangedError, FileRejectedError
from common.clock import now
from common.locks import LockSpace, try_lock

logger = logging.getLogger(__name__)

ENDING = ".csv"
UNFINISHED_ENDINGS = (".tmp", ".part")
HIDDEN_STARTS = (".", "~")
REPORT_AGAIN_SECONDS = 24 * 60 * 60  # a file that is still in the way the next day


def poll(stream: Stream) -> list[IncomingFile]:
    """Import the files of a stream that are ready, the oldest first; the records of them.

    Nothing when somebody else polls this stream: each file is imported by one.
    """
    with try_lock(LockSpace.STREAM_POLL, stream.lock_key) as won:
        if not won:
            return []
        make_folders(stream)
        stuck = _move_committed(stream)
        taken = (_take_in(path, stream) for path in ready_files(stream, stuck))
        records = [record for record in taken if record is not None]
        _report_overdue(stream)
        return records


def make_folders(stream: Stream) -> None:
    """Make the stream's folder and those for results, where they are missing."""
    for folder in (stream.folder, stream.success_folder, stream.error_folder):
        folder.mkdir(parents=True, exist_ok=True)


def _move_committed(stream: Stream) -> set[str]:
    """Move files whose import is committed already; the names of those that could not be moved."""
    stuck = set()
    for record in IncomingFile.objects.filter(stream=stream.name, moved_at=None).order_by("id"):
        if not _moved(record, stream.folder / record.name, stream):
            stuck.add(record.name)
    return stuck


def _moved(record: IncomingFile, path: Path, stream: Stream) -> bool:
    try:
        move_out(record, path, stream)
    except OSError as error:
        report_once(f"move:{record.id}", "file %d cannot be moved: %s", record.id, error.strerror)
        return False
    return True


def ready_files(stream: Stream, stuck: set[str]) -> Iterator[Path]:
    """What is to be imported, by modification time, then name."""
    at = now().timestamp()
    found = []
    with os.scandir(stream.folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if not _is_ours(path, stream) or name_text(path) in stuck:
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # somebody took it away
            # a time in the future is no time of change; the file system's own is
            changed = status.st_mtime if status.st_mtime <= at else status.st_ctime
            if at - changed >= stream.settle_seconds:
                found.append((status.st_mtime_ns, entry.name, path))
    yield from (path for _modified, _name, path in sorted(found))


def _is_ours(path: Path, stream: Stream) -> bool:
    name = path.name.lower()
    if name.startswith(HIDDEN_STARTS) or name.endswith(UNFINISHED_ENDINGS):
        return False
    if path in (stream.success_folder, stream.error_folder):
        return False
    if not name.endswith(ENDING):
        key = f"foreign:{stream.name}:{name_text(path)}"
        report_once(key, "stream %s: %r is no .csv file and is left alone", stream.name, path.name)
        return False
    return True


def _take_in(path: Path, stream: Stream) -> IncomingFile | None:
    """Import a file and move it. None when it is to be tried again at the next poll."""
    try:
        with take(path) as file:
            record = import_file(file, stream, publish)
    except FileRejectedError as rejection:
        record = reject_unread(path, stream, rejection)
    except (FileNotFoundError, FileChangedError):
        return None  # somebody took it away, or still writes to it
    except (OperationalError, InterfaceError):
        raise  # the database is not there: nothing is wrong with the file
    except Exception as error:  # noqa: BLE001 - one file must not stop those behind it
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
    """Logged without the error's message: what the database says quotes the row."""
    kind, place = type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
    logger.error("stream %s: a file failed with %s\n%s", stream.name, kind, place)
    return FileRejectedError(_("the import failed: %s, the log tells where") % kind)


def _report_overdue(stream: Stream) -> None:
    overdue = find_overdue(stream, now())
    if overdue:
        last = overdue.last_file_at
        report_once(
            f"overdue:{stream.name}:{last}",
            "stream %s: no file since %s, one is expected every %s",
            *(stream.name, last, overdue.expected_every),
        )


def report_once(key: str, message: str, *arguments: object) -> None:
    """Warn, unless the cache remembers that it was said."""
    if cache.add(f"ingest:said:{key}", 1, REPORT_AGAIN_SECONDS):
        logger.warning(message, *arguments)
