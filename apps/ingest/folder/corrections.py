"""Puts a corrected file into the folder of its stream, where it is taken like any other."""

import csv
import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.utils.translation import gettext as _

from apps.ingest.folder.moving import LONGEST_NAME
from apps.ingest.folder.polling import make_folders
from apps.ingest.known_streams import get_stream
from apps.ingest.models import Correction, FileOutcome, IncomingFile
from apps.ingest.streams import Stream
from apps.ingest.uploaded_rows import UnreadableFileError, read_rows, write_rows
from apps.ingest.uploads import (
    OWNER_ONLY,
    UNFINISHED_DAYS,
    UploadRefusedError,
    append_piece,
    refuse_full_disk,
    refuse_size,
    upload_folder,
)
from common.spreadsheet_reading import SpreadsheetRefusedError, is_spreadsheet


def begin_correction(rejected: IncomingFile, author_id: int, size: int) -> Correction:
    """A correction without its content. Raises UploadRefusedError, also for a file that was not
    rejected."""
    if rejected.outcome != FileOutcome.REJECTED:
        raise UploadRefusedError(_("the file was not rejected"))
    refuse_size(size)
    refuse_full_disk(size)
    return Correction.objects.create(rejected=rejected, author_id=author_id, size=size)


def add_piece(correction: Correction, start: int, piece: bytes) -> int:
    """Add a piece; returns how many bytes are there. With the last one the file goes into the
    folder of its stream: text as it is, an Excel file as text in the stream's own form.

    Raises UploadRefusedError, and ConfigError where the stream is gone.
    """
    if correction.name:
        return correction.size  # the answer to the last piece was lost
    path = upload_folder() / f"correction-{correction.pk}.upload"
    present = append_piece(path, start, piece, correction.size)
    if present == correction.size:
        _put(correction, path)
    return present


def delete_abandoned_corrections(now: datetime) -> None:
    """Delete the pieces of files that nobody went on to send."""
    oldest = (now - timedelta(days=UNFINISHED_DAYS)).timestamp()
    for path in upload_folder().glob("correction-*"):
        with suppress(FileNotFoundError):  # its last piece came just now
            if path.stat().st_mtime < oldest:
                path.unlink()


def taken_corrections(file: IncomingFile) -> list[tuple[Correction, IncomingFile | None]]:
    """The corrections of a rejected file, oldest first, each with the record of the new file once
    it was taken."""
    corrections = list(file.corrections.exclude(name="").order_by("pk"))
    names = [correction.name for correction in corrections]
    records = IncomingFile.objects.filter(stream=file.stream, name__in=names).order_by("pk")
    found = {record.name: record for record in records}
    return [(correction, found.get(correction.name)) for correction in corrections]


def corrected_file(file: IncomingFile) -> IncomingFile | None:
    """The rejected file that this one is the correction of."""
    same = Correction.objects.filter(name=file.name, rejected__stream=file.stream)
    correction = same.select_related("rejected").first()
    return correction.rejected if correction else None


def _put(correction: Correction, path: Path) -> None:
    stream = get_stream(correction.rejected.stream)
    make_folders(stream)
    # hidden until it is whole, as every writer of files into a stream's folder does it
    draft = stream.folder / f".correction-{correction.pk}.tmp"
    draft.unlink(missing_ok=True)
    rows = path.with_suffix(".rows")
    try:
        _write(path, rows, draft, stream)
        name = _name(correction)
        draft.rename(stream.folder / name)
    except (UnreadableFileError, SpreadsheetRefusedError) as error:
        raise UploadRefusedError(error.reason) from error
    finally:
        for left in (draft, rows, path):
            left.unlink(missing_ok=True)
    correction.name = name
    correction.save(update_fields=["name"])


def _write(path: Path, rows: Path, draft: Path, stream: Stream) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(draft, flags, OWNER_ONLY), "wb") as out:
        with path.open("rb") as file:
            is_excel = is_spreadsheet(file.read(8))
            file.seek(0)
            if not is_excel:
                while piece := file.read(1024 * 1024):
                    out.write(piece)
                return
        write_rows(path, rows)
        writer = csv.writer(
            _Encoded(out, stream.dialect.encoding), delimiter=stream.dialect.delimiter
        )
        for number, row in enumerate(read_rows(rows)):
            if number or stream.has_header:
                writer.writerow(row.cells)


class _Encoded:
    """A target of ``csv.writer`` in the encoding of a stream."""

    def __init__(self, out: "object", encoding: str) -> None:
        self._out = out
        self._encoding = encoding

    def write(self, text: str) -> None:
        try:
            self._out.write(text.encode(self._encoding))  # type: ignore[attr-defined]
        except UnicodeEncodeError as error:
            sign = error.object[error.start]
            words = {"sign": sign, "encoding": self._encoding}
            raise UnreadableFileError(
                _("the stream is in %(encoding)s, which has no «%(sign)s»") % words
            ) from error


def _name(correction: Correction) -> str:
    """A name that no other file of the stream has had: with the number of the correction."""
    stem = Path(correction.rejected.name).stem
    ending = f"-corrected-{correction.pk}.csv"
    room = LONGEST_NAME - len(ending) - len(".errors.csv")
    return os.fsencode(stem)[:room].decode("utf-8", "ignore").lstrip(".~") + ending
