"""Imports one file in one transaction, which stores its rows and its record, or neither."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.campaigns import services as campaigns
from apps.campaigns.types import DecisionVerdict, NewDecision, Step
from apps.filters import services as filters
from apps.ingest.folder.opened_file import Identity, OpenedFile, find_identity, name_text
from apps.ingest.models import FileOutcome, IncomingFile, IncomingFileError
from apps.ingest.reading.row_validation import Findings, good_rows
from apps.ingest.reading.snapshot_rows import snapshots
from apps.ingest.streams import Stream
from apps.ingest.types import FileRejectedError, FormatError, Progress, RowKey, sentence
from common.clock import now

Watch = Callable[[Progress], None]


def import_file(file: OpenedFile, stream: Stream, watch: Watch) -> IncomingFile:
    """Import the file or reject it; returns its record, which says which.

    ``watch`` gets the progress. Raises FileChangedError when somebody wrote to the file meanwhile,
    and ``django.db.OperationalError``; then nothing is stored.
    """
    record = IncomingFile(
        stream=stream.name,
        name=file.name,
        size=file.identity.size,
        modified_ns=file.identity.modified_ns,
        sha256=file.sha256(),
        started_at=now(),
    )
    findings = Findings(passing=deque() if stream.skips_bad_rows else None)
    try:
        return _import_rows(record, file, stream, findings, watch)
    except FileRejectedError as rejection:
        file.refuse_change()  # half of a file is no reason to reject it
        return reject(record, findings, rejection)
    except (DataError, IntegrityError) as error:
        file.refuse_change()
        if _is_imported(record):  # another process imported the same content meanwhile
            return _repeat(record)
        # the lines after the first quote the row
        said = str(error).partition("\n")[0]
        return reject(record, findings, FileRejectedError(_("the database refused it: %s") % said))


def _import_rows(
    record: IncomingFile, file: OpenedFile, stream: Stream, findings: Findings, watch: Watch
) -> IncomingFile:
    if _is_imported(record):
        file.refuse_change()
        return _repeat(record)
    with transaction.atomic():
        record.outcome, record.finished_at = FileOutcome.IMPORTED, record.started_at
        record.save(force_insert=True)
        progress = _ProgressReporter(stream.name, file, findings, watch)
        chunks = _recording(record, findings, _ahead(_chunks(record, file, stream, progress)))
        imported = filters.import_applications(record.id, chunks, progress.stored)
        record.duplicates = imported.duplicates
        _complete(record, findings)
    return record


def _recording(
    record: IncomingFile, findings: Findings, chunks: Iterator[filters.SnapshotChunk]
) -> Iterator[filters.SnapshotChunk]:
    """The chunks that hold rows. The ledger gets an entry for each row that is left out, after the
    chunk in which it was found, so that millions of them are never in memory together.
    """
    for chunk in chunks:
        if chunk.rows:
            yield chunk
        _record_refused(record, findings)
    _record_refused(record, findings)


def _record_refused(record: IncomingFile, findings: Findings) -> None:
    if passing := findings.passing:
        # the thread that reads ahead may be adding to them
        errors = [passing.popleft() for _ in range(len(passing))]
        campaigns.record_decisions(_decisions(record, errors))


class _ProgressReporter:
    """Reports the progress of one import to its watcher."""

    def __init__(self, stream: str, file: OpenedFile, findings: Findings, watch: Watch) -> None:
        self._file = file
        self.findings = findings
        self._watch = watch
        self._progress = Progress(stream, file.name, file.identity.size)

    def read(self) -> None:
        self._progress = replace(
            self._progress, bytes_read=self._file.content.tell(), rows=self.findings.rows
        )
        self._watch(self._progress)

    def stored(self, rows: int) -> None:
        self._watch(replace(self._progress, rows_stored=rows))


def _chunks(
    record: IncomingFile, file: OpenedFile, stream: Stream, progress: "_ProgressReporter"
) -> Iterator[filters.SnapshotChunk]:
    """The good rows as chunks of snapshots.

    Raises FileRejectedError at the end of a file with bad rows, unless the stream skips them.
    """
    findings = progress.findings
    for rows in good_rows(file.content, stream, findings, record.started_at):
        progress.read()
        if rows.height and (stream.skips_bad_rows or not findings.bad_rows):
            yield snapshots(rows, stream.name, record.id)
        elif findings.passing:
            yield filters.SnapshotChunk(0, b"")
    file.refuse_change()
    if findings.bad_rows and not stream.skips_bad_rows:
        raise FileRejectedError(_("bad rows: %d") % findings.bad_rows)


def _ahead(chunks: Iterator[filters.SnapshotChunk]) -> Iterator[filters.SnapshotChunk]:
    """The same chunks. A thread makes the next one while the database stores the current one."""
    with ThreadPoolExecutor(max_workers=1) as maker:
        coming = maker.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = maker.submit(next, chunks, None)
            yield chunk


def reject(record: IncomingFile, findings: Findings, rejection: FileRejectedError) -> IncomingFile:
    """Record a rejected file with its errors; the reason of the rejection is one of them."""
    if not findings.bad_rows or rejection.line:
        findings.add([FormatError(rejection.line, "", "", rejection.reason)], 1)
    record.id = None  # the row of that id was rolled back
    record.outcome, record.reason = FileOutcome.REJECTED, rejection.reason
    with transaction.atomic():
        _complete(record, findings)
        campaigns.record_decisions(_decisions(record, findings.errors))
    return record


def reject_unread(path: Path, stream: Stream, rejection: FileRejectedError) -> IncomingFile:
    """Record the rejection of a file that could not be opened or read."""
    identity = find_identity(path) or Identity(0, 0)
    record = IncomingFile(
        stream=stream.name,
        name=name_text(path),
        size=identity.size,
        modified_ns=identity.modified_ns,
        started_at=now(),
    )
    return reject(record, Findings(), rejection)


def _repeat(record: IncomingFile) -> IncomingFile:
    record.id = None
    record.outcome, record.finished_at = FileOutcome.REPEATED, now()
    record.save(force_insert=True)
    return record


def _is_imported(record: IncomingFile) -> bool:
    return IncomingFile.objects.filter(
        stream=record.stream, sha256=record.sha256, outcome=FileOutcome.IMPORTED
    ).exists()


def _complete(record: IncomingFile, findings: Findings) -> None:
    record.rows, record.bad_rows = findings.rows, findings.bad_rows
    record.error_count, record.finished_at = findings.error_count, now()
    record.save()
    IncomingFileError.objects.bulk_create(
        IncomingFileError(
            file=record,
            line_number=error.line,
            application_number=error.application_number,
            column=error.column,
            value=error.value,
            rule=error.rule,
        )
        for error in findings.errors
    )


def _decisions(record: IncomingFile, errors: Iterable[FormatError]) -> Iterator[NewDecision]:
    """An entry of the ledger for each row that these errors are about."""
    row_errors = (error for error in errors if error.line)
    for line, errors in groupby(row_errors, key=lambda error: error.line):
        broken = list(errors)
        yield NewDecision(
            step=Step.FORMAT_CONTROL,
            verdict=DecisionVerdict.STOPPED,
            rule=broken[0].column,
            reason="; ".join(sentence(error.column, error.rule) for error in broken),
            phone=broken[0].phone,
            source_key=str(RowKey(record.pk, line)),
        )
