"""Writes the report on a file with errors: a CSV table that Excel opens with a double click."""

import csv
import io
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from apps.ingest.models import IncomingFile, IncomingFileError
from apps.ingest.reading.columns import column_title

SUFFIX = ".errors.csv"
# the place before a formula; Excel accepts the full-width characters too
FORMULA = re.compile(r"(^|[,;|\t\r\n])(?= *[=+\-@\t\r\n＝＋－＠])")


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
    """The value; with an apostrophe wherever a spreadsheet would see the start of a formula: at its
    beginning, and behind what divides cells where a spreadsheet has another setting than ``;``.
    """
    return FORMULA.sub(r"\1'", value)
