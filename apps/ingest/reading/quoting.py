"""Which quotes are right in CSV, and what is said of the others."""

import csv
import re
from functools import cache

from django.utils.translation import gettext as _


def end_of_good_quotes(text: str, delimiter: str) -> int:
    """Where the first quote stands that opens or closes inside a value; the length of the text when
    there is none.

    The standard reader takes such a quote as part of the value. Then counting quotes would no
    longer show whether a line end is inside them.
    """
    match = _well_quoted(delimiter).match(text)
    return match.end() if match else 0


@cache
def _well_quoted(delimiter: str) -> re.Pattern[str]:
    edge = re.escape(delimiter)
    return re.compile(
        rf'[^"]*+(?:(?<![^{edge}\r\n])"[^"]*+(?:""[^"]*+)*+"(?![^{edge}\r\n])[^"]*+)*+'
    )


def stray_quote() -> str:
    """What is said of such a quote."""
    return _("malformed CSV: a quote is not closed or stands inside a value")


def explained(error: csv.Error) -> str:
    """What is said of an error of the standard reader."""
    return _("malformed CSV: %s") % _in_words(str(error))


def _in_words(text: str) -> str:
    if "field limit" in text or "larger than" in text:
        return _("a value is too long")
    if "new-line" in text:
        return _("a carriage return without a line feed outside quotes")
    return text
