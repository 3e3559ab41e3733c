"""A file that somebody gives by hand: imported, or only checked."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from django.utils.translation import gettext as _

from apps.ingest.folder.moving import move_out
from apps.ingest.folder.opened_file import take
from apps.ingest.folder.polling import make_folders
from apps.ingest.importing import Watch, import_file, reject_unread
from apps.ingest.models import FileOutcome, IncomingFile
from apps.ingest.reading.row_validation import Findings, good_rows
from apps.ingest.streams import Stream, get_stream
from apps.ingest.types import Checked, FileRejectedError, FormatError, Progress, StreamsConfigError
from common.clock import now
from common.locks import LockSpace, try_lock

LOCK_PATIENCE_SECONDS = 60.0  # the poller holds the lock as long as it imports


def check_file(path: Path, stream_name: str, watch: Watch) -> Checked:
    """What is wrong in the file; nothing is stored, nothing moved. Raises OSError."""
    stream = get_stream(stream_name)
    findings = Findings()
    try:
        with take(path) as file:
            for _rows in good_rows(file.content, stream, findings):
                read = file.content.tell()
                watch(Progress(stream.name, file.name, file.identity.size, read, findings.rows))
    except FileRejectedError as rejection:
        findings.add([FormatError(rejection.line, "", "", rejection.reason)], 1)
    is_whole = not findings.error_count
    outcome = _("the file is right") if is_whole else _("the file is wrong")
    counts = {"outcome": outcome, "rows": findings.rows, "bad": findings.bad_rows}
    summary = _("%(outcome)s: rows read %(rows)d, bad rows %(bad)d") % counts
    return Checked(is_whole, tuple(findings.errors), findings.error_count, summary)


def ingest_file(path: Path, stream_name: str, watch: Watch) -> Checked:
    """Import the file as the poller would; one that lies in the stream's folder is moved as well.

    Raises OSError, FileChangedError and StreamsConfigError.
    """
    stream = get_stream(stream_name)
    is_inside = path.parent.resolve() == stream.folder.resolve()
    with _alone(stream) if is_inside else nullcontext():
        try:
            with take(path) as file:
                record = import_file(file, stream, watch)
        except FileRejectedError as rejection:
            record = reject_unread(path, stream, rejection)
        if is_inside:
            make_folders(stream)
            move_out(record, path, stream)
        else:
            record.moved_at = now()
            record.save(update_fields=["moved_at"])
    return _told(record)


@contextmanager
def _alone(stream: Stream) -> Iterator[None]:
    """Hold the stream's lock, as soon as the poller lets it go. Raises StreamsConfigError."""
    deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with try_lock(LockSpace.STREAM_POLL, stream.lock_key) as won:
            if won:
                yield
                return
        time.sleep(0.05)  # a person waits at a terminal
    raise StreamsConfigError(_("another import of the stream goes on: %s") % stream.name)


def _told(record: IncomingFile) -> Checked:
    counts = {
        "outcome": record.get_outcome_display(),
        "rows": record.rows,
        "bad": record.bad_rows,
        "duplicates": record.duplicates,
    }
    summary = _("%(outcome)s: rows %(rows)d, bad rows %(bad)d, duplicates %(duplicates)d") % counts
    errors = tuple(
        FormatError(error.line_number, error.column, error.value, error.rule)
        for error in record.errors.order_by("id")
    )
    is_whole = record.outcome != FileOutcome.REJECTED and not record.bad_rows
    return Checked(is_whole, errors, record.error_count, summary)
