"""Reads the header row: which column is in which place."""

from collections.abc import Sequence
from itertools import takewhile

from django.utils.translation import gettext as _

from apps.ingest.reading.columns import COLUMNS, NAMES, REQUIRED
from apps.ingest.types import FileRejectedError


def _plain(text: str) -> str:
    """The text without differences in spaces and letter case, which people type as they like."""
    return " ".join(text.split()).casefold()


_NAME_OF = {_plain(text): column.name for column in COLUMNS for text in (column.name, column.title)}


def find_names(header: Sequence[str]) -> list[str | None]:
    """The English name of each column, None where a heading names none."""
    return [_NAME_OF.get(_plain(text)) for text in header]


def columns_of(header: Sequence[str], line: int, delimiter: str) -> tuple[str, ...]:
    """The English names of the columns, in the order of the file.

    Delimiters behind the last name make columns without a name: ``""``. Raises FileRejectedError
    when a column is unknown, comes twice, or is required but missing.
    """
    nameless = surplus_of(header)
    header = header[: len(header) - nameless]
    found = find_names(header)
    if not any(found):
        # the row is not quoted: it may be an application
        raise FileRejectedError(
            _("no column name in the first row: a header is expected, its names divided by «%s»")
            % (delimiter if delimiter.isprintable() else repr(delimiter)[1:-1]),
            line,
        )
    unknown = [text for text, name in zip(header, found, strict=True) if name is None]
    if unknown:
        raise FileRejectedError(_("unknown column: %s") % _listed(unknown), line)
    names = [name for name in found if name is not None]
    repeated = sorted({name for name in names if names.count(name) > 1}, key=NAMES.index)
    if repeated:
        raise FileRejectedError(_("repeated column: %s") % _listed(repeated), line)
    missing = [name for name in NAMES if name in REQUIRED and name not in names]
    if missing:
        raise FileRejectedError(_("missing required column: %s") % _listed(missing), line)
    return (*names, *[""] * nameless)


def surplus_of(record: Sequence[str]) -> int:
    """How many values at the end of a record are blank."""
    blank = takewhile(lambda text: not text.strip(), reversed(record))
    return sum(1 for _text in blank)


SHOWN_NAMES = 5  # of those that are wrong; the first few are enough to see why
SHOWN_LETTERS = 60


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"«{name[:SHOWN_LETTERS]}»" for name in names[:SHOWN_NAMES])
    rest = len(names) - SHOWN_NAMES
    return (
        shown if rest <= 0 else _("%(names)s and %(count)d more") % {"names": shown, "count": rest}
    )
