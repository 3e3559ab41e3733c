"""Checks a whole file piece by piece and passes on the rows that are right."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import BinaryIO

import polars as pl
from django.utils.translation import gettext as _

from apps.ingest.reading.columns import NAMES
from apps.ingest.reading.csv_reader import (
    Misshapen,
    Piece,
    Rows,
    announced_dialect,
    read_pieces,
    read_rows,
    split_header,
    without_end_mark,
)
from apps.ingest.reading.format_control import (
    Rule,
    arrange,
    broken_rows,
    count_errors,
    error_in,
    errors_of,
    rules_at,
    without_spaces,
)
from apps.ingest.reading.header import columns_of, surplus_of
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
    # every error, for whoever takes them away while the file is read; None: nobody does
    passing: deque[FormatError] | None = None

    def rows_to_explain(self) -> int | None:
        """Of how many more bad rows the errors are wanted; None: of all."""
        return KEPT_ERRORS - len(self.errors) if self.passing is None else None

    def add(self, errors: list[FormatError], count: int) -> None:
        """Count ``count`` more errors; ``errors`` are the first of them."""
        self.error_count += count
        self.errors += errors[: KEPT_ERRORS - len(self.errors)]
        if self.passing is not None:
            self.passing.extend(errors)


def good_rows(
    content: BinaryIO, stream: Stream, findings: Findings, at: datetime
) -> Iterator[pl.DataFrame]:
    """The rows that break no rule, piece by piece, with all columns by their names.

    Every piece adds to ``findings``. ``at`` is the moment behind which no date may lie. Raises
    FileRejectedError when the file cannot be split into rows, and after the last piece when all
    rows of a stream that skips bad rows are bad.
    """
    skips = stream.skips_bad_rows
    dialect, line = announced_dialect(content, stream.dialect)
    pieces = without_end_mark(read_pieces(content, dialect, first_line=line, skips=skips))
    first = next(pieces, Piece(line, b""))
    header, header_line, rest = split_header(first, dialect, skips=skips)
    if stream.has_header:
        names = columns_of(header, header_line, dialect.delimiter)
    else:
        # nobody but the rows themselves says that they end with delimiters
        names, rest = (*NAMES, *[""] * min(surplus_of(header), len(header) - len(NAMES))), first
    rules = rules_at(at)
    for piece in chain([rest], pieces):
        rows = read_rows(piece, len(names), dialect, skips=skips)
        yield _checked(_without_surplus(rows, names), names, rules, findings)
    if skips and findings.rows and findings.rows == findings.bad_rows:
        raise FileRejectedError(_("no row is right: %d") % findings.rows)


def _checked(
    rows: Rows, names: tuple[str, ...], rules: tuple[Rule, ...], findings: Findings
) -> pl.DataFrame:
    frame = arrange(rows.frame, names)
    broken = broken_rows(frame, rules)
    if broken is not None:
        # spaces break most rules, and delimiters alone are no row: both are cut only now
        frame = _without_blank(without_spaces(frame))
        broken = broken_rows(frame, rules)
    errors = [_error_of(wrong, names) for wrong in rows.misshapen]
    count = len(errors)
    findings.rows += frame.height + count
    findings.bad_rows += count
    if broken is not None:
        bad = frame.filter(broken)
        findings.bad_rows += bad.height
        count += count_errors(bad, rules)
        wanted = findings.rows_to_explain()
        found = [*errors, *errors_of(bad if wanted is None else bad.head(wanted), rules)]
        errors = sorted(found, key=lambda error: error.line)
        frame = frame.filter(~broken)
    if count:
        findings.add(errors, count)
    return frame


def _without_surplus(rows: Rows, names: tuple[str, ...]) -> Rows:
    """The rows; those with a value in a column without a name are misshapen."""
    nameless = [str(position) for position, name in enumerate(names) if not name]
    if not nameless:
        return rows
    has_surplus = pl.any_horizontal(pl.col(name).str.strip_chars() != "" for name in nameless)
    surplus = rows.frame.filter(has_surplus)
    reason = _("a value in a column without a name")
    wrong = [Misshapen(line, values, reason) for *values, line in surplus.iter_rows()]
    return Rows(rows.frame.filter(~has_surplus), [*rows.misshapen, *wrong])


def _without_blank(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.any_horizontal(pl.col(name) != "" for name in NAMES))


def _error_of(wrong: Misshapen, names: tuple[str, ...]) -> FormatError:
    row = {name: value.strip() for name, value in zip(names, wrong.values, strict=False)}
    return error_in(row, FormatError(wrong.line, "", "", wrong.reason))
