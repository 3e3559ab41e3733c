"""Imports one file by hand, or only checks it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from django.utils.translation import gettext as _

from apps.ingest.folder.moving import move_out
from apps.ingest.folder.opened_file import take
from apps.ingest.folder.polling import make_folders
from apps.ingest.importing import Watch, import_file, reject_unread
from apps.ingest.known_streams import get_stream
from apps.ingest.models import FileOutcome, IncomingFile
from apps.ingest.reading.row_validation import Findings, good_rows
from apps.ingest.streams import Stream
from apps.ingest.types import Checked, FileRejectedError, FormatError, Progress, StreamBusyError
from common.clock import now
from common.locks import LockSpace, try_lock

LOCK_PATIENCE_SECONDS = 60.0  # the poller holds the lock while it imports


def check_file(path: Path, stream_name: str, watch: Watch) -> Checked:
    """Check a file as its import would. Nothing is stored or moved.

    ``watch`` gets the progress. Raises OSError and ConfigError.
    """
    stream = get_stream(stream_name)
    findings = Findings()
    try:
        with take(path) as file:
            for _rows in good_rows(file.content, stream, findings, now()):
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
    """Import a file as the poller would.

    A file in the stream's folder is moved as well; one elsewhere stays. ``watch`` gets the
    progress. Raises OSError, FileChangedError, ConfigError, and StreamBusyError when another import
    of the stream takes longer than LOCK_PATIENCE_SECONDS.
    """
    stream = get_stream(stream_name)
    is_inside = path.parent.resolve() == stream.folder.resolve()
    with _stream_lock(stream) if is_inside else nullcontext():
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
    return _summary(record)


@contextmanager
def _stream_lock(stream: Stream) -> Iterator[None]:
    """Wait for the stream's lock and hold it. Raises StreamBusyError when it stays taken."""
    deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with try_lock(LockSpace.STREAM_POLL, stream.lock_key) as won:
            if won:
                yield
                return
        time.sleep(0.05)  # a person waits at a terminal
    raise StreamBusyError(_("another import of the stream goes on: %s") % stream.name)


def _summary(record: IncomingFile) -> Checked:
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
