"""Writes the report on a file with errors: a CSV table that Excel opens with a double click."""

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from apps.ingest.models import IncomingFile, IncomingFileError
from apps.ingest.reading.columns import column_title

SUFFIX = ".errors.csv"
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")  # Excel accepts the full-width ones too


def report_of(record: IncomingFile) -> bytes | None:
    """The report in UTF-8 with a BOM, divided by ``;``. None when no rule was broken.

    The same record always gives the same bytes.
    """
    if not record.error_count:
        return None
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow([_("Line"), _("Column"), _("Title"), _("Value"), _("What is wrong")])
    writer.writerows(_rows(record))
    return out.getvalue().encode("utf-8-sig")


def _rows(record: IncomingFile) -> Iterator[list[str]]:
    errors = list(record.errors.order_by("id"))
    for error in errors:
        yield _row(error)
    rest = record.error_count - len(errors)
    if rest > 0:
        yield ["", "", "", "", _("more broken rules: %d") % rest]


def _row(error: IncomingFileError) -> list[str]:
    line = str(error.line_number) if error.line_number else ""
    return [line, error.column, column_title(error.column), defused(error.value), error.rule]


def defused(value: str) -> str:
    """The value; with an apostrophe before it where a spreadsheet would run it as a formula."""
    return f"'{value}" if value.lstrip(" ").startswith(FORMULA_STARTS) else value
