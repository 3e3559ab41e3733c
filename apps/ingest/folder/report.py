"""The report that lies beside a file with errors: a table that Excel opens with a double click."""

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from apps.ingest.models import IncomingFile, IncomingFileError
from apps.ingest.reading.columns import TITLES

SUFFIX = ".errors.csv"
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")  # Excel takes the wide ones too


def report_of(record: IncomingFile) -> bytes | None:
    """The same bytes for the same record; None where nothing was wrong. UTF-8 with a BOM, ``;``."""
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
    title = TITLES.get(error.column, "")
    return [line, error.column, title, defused(error.value), error.rule]


def defused(value: str) -> str:
    """A value that a spreadsheet would run as a formula, made text by an apostrophe."""
    return f"'{value}" if value.lstrip(" ").startswith(FORMULA_STARTS) else value
