"""Checks a whole file piece by piece and passes on the rows that are right."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import polars as pl
from django.utils.translation import gettext as _

from apps.ingest.reading.columns import NAMES
from apps.ingest.reading.csv_reader import Piece, Rows, read_pieces, read_rows, split_header
from apps.ingest.reading.format_control import (
    arrange,
    broken_rows,
    count_errors,
    errors_of,
    without_spaces,
)
from apps.ingest.reading.header import columns_of
from apps.ingest.streams import Stream
from apps.ingest.types import FileRejectedError, FormatError

KEPT_ERRORS = 1_000  # nobody reads more in a report


@dataclass(slots=True)
class Findings:
    """What was found in a file so far."""

    rows: int = 0
    bad_rows: int = 0
    error_count: int = 0
    errors: list[FormatError] = field(default_factory=list)  # the first KEPT_ERRORS

    def add(self, errors: list[FormatError], count: int) -> None:
        """Count ``count`` more errors; ``errors`` are the first of them."""
        self.error_count += count
        self.errors += errors[: KEPT_ERRORS - len(self.errors)]


def good_rows(content: BinaryIO, stream: Stream, findings: Findings) -> Iterator[pl.DataFrame]:
    """The rows that break no rule, piece by piece, with all columns by their names.

    Every piece adds to ``findings``. Raises FileRejectedError when the file cannot be split into
    rows.
    """
    pieces = read_pieces(content, stream.dialect)
    names: tuple[str, ...] = NAMES
    if stream.has_header:
        first = next(pieces, Piece(1, b""))
        header, line, rest = split_header(first, stream.dialect)
        names = columns_of(header, line, stream.dialect.delimiter)
        yield _checked(read_rows(rest, len(names), stream.dialect), names, findings)
    for piece in pieces:
        yield _checked(read_rows(piece, len(names), stream.dialect), names, findings)
    if not stream.has_header and not findings.rows:
        raise FileRejectedError(_("the file is empty"))


def _checked(rows: Rows, names: tuple[str, ...], findings: Findings) -> pl.DataFrame:
    frame = arrange(rows.frame, names)
    broken = broken_rows(frame)
    if broken is not None:
        frame = without_spaces(frame)  # they break most rules, so they are cut only now
        broken = broken_rows(frame)
    errors, count = rows.misshapen, len(rows.misshapen)
    findings.rows += frame.height + count
    findings.bad_rows += count
    if broken is not None:
        bad = frame.filter(broken)
        findings.bad_rows += bad.height
        count += count_errors(bad)
        shown = bad.head(KEPT_ERRORS - len(findings.errors))
        errors = sorted([*errors, *errors_of(shown)], key=lambda error: error.line)
        frame = frame.filter(~broken)
    if count:
        findings.add(errors, count)
    return frame
