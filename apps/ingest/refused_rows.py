"""Finds the rows of an application that were not stored: in the reports, and in rejected files.

Reports hold the bad rows that come first. Any other row of a rejected file, right or wrong, is
looked up in the file itself, as long as it lies where it was moved to.
"""

import mmap
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from pathlib import Path

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.filters.types import RefusedRow
from apps.ingest.folder.opened_file import take
from apps.ingest.models import FileOutcome, IncomingFile, IncomingFileError
from apps.ingest.types import FileRejectedError, sentence
from common.clock import now

NUMBER = re.compile("[0-9]{1,32}")
FILES_SEARCHED = 50  # the newest; a large one takes some hundredths of a second
SEARCHED_DAYS = 30


class RowsOfFiles:
    """Answers the port ``filters.ports.IncomingRows``."""

    def refused(self, application_number: str) -> list[RefusedRow]:
        """See ``IncomingRows``."""
        if not NUMBER.fullmatch(application_number):
            return []
        reported = list(_reported(application_number))
        known = {(row.page, row.line) for row in reported}
        in_files = (
            row for row in _in_files(application_number) if (row.page, row.line) not in known
        )
        return sorted([*reported, *in_files], key=lambda row: (row.at, row.page, row.line))


def _reported(number: str) -> Iterator[RefusedRow]:
    errors = IncomingFileError.objects.filter(application_number=number).select_related("file")
    in_rows = groupby(errors.order_by("file_id", "id"), key=lambda row: (row.file, row.line_number))
    for (file, line), broken in in_rows:
        yield _row(file, line, tuple(sentence(error.column, error.rule) for error in broken))


def _in_files(number: str) -> Iterator[RefusedRow]:
    since = now() - timedelta(days=SEARCHED_DAYS)
    rejected = IncomingFile.objects.filter(outcome=FileOutcome.REJECTED, finished_at__gte=since)
    for file in rejected.exclude(moved_to="").order_by("-pk")[:FILES_SEARCHED]:
        for line in _lines_with(Path(file.moved_to), number):
            yield _row(file, line, (file.reason,))


def _lines_with(path: Path, number: str) -> Iterator[int]:
    """The lines of a file in which the number stands as a value. Empty for a file that is gone."""
    value = re.compile(rb"(?<![^;,\t|\n\"])%b(?![^;,\t|\r\n\"])" % number.encode())
    try:
        with take(path) as file, mmap.mmap(file.content.fileno(), 0, prot=mmap.PROT_READ) as text:
            end, line = 0, 1
            for found in value.finditer(text):
                line += text[end : found.start()].count(b"\n")
                end = found.start()
                yield line
    except (OSError, FileRejectedError, ValueError):  # ValueError: the file is empty
        return


def _row(file: IncomingFile, line: int, reasons: tuple[str, ...]) -> RefusedRow:
    is_rejected = file.outcome == FileOutcome.REJECTED
    return RefusedRow(
        at=file.finished_at,
        stream=file.stream,
        file=file.name,
        line=line,
        outcome=_("the file was rejected") if is_rejected else _("the row was left out"),
        reasons=reasons,
        page=reverse("admin:ingest_incomingfile_change", args=[file.pk]),
    )
