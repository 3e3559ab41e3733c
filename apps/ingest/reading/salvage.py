"""Finds the records of malformed CSV that are right, where bad rows are skipped.

A stray quote hides the line ends behind it. A line with the right number of delimiters counts as a
record of its own, whatever its quotes say, so the next record is found there.
"""

import csv
from collections.abc import Iterator

from apps.ingest.reading.quoting import end_of_good_quotes, explained, stray_quote

MOST_LINES = 50  # of one record; longer ones are not looked for behind a stray quote
Record = list[str]


def salvage(lines: list[str], width: int, delimiter: str) -> Iterator[tuple[Record, int, int, str]]:
    """The records that are not blank: the values, the first line and the one behind the last,
    counted from 0, and what is wrong with the record, or an empty text.

    The values of a wrong record are those of its first line, divided at every delimiter.
    """
    at = 0
    while at < len(lines):
        record, end, flaw = _record_at(lines, at, width, delimiter)
        if flaw or len(record) > 1 or (record and record[0].strip()):
            yield record, at, end, flaw
        at = end


def _record_at(lines: list[str], at: int, width: int, delimiter: str) -> tuple[Record, int, str]:
    record, flaw = _read(lines[at], delimiter)
    if not flaw or len(record) == width:
        return record, at + 1, flaw
    for end in range(at + 1, min(at + MOST_LINES, len(lines))):
        if lines[end].count(delimiter) == width - 1:
            return record, end, flaw
        joined, joint_flaw = _read("\n".join(lines[at : end + 1]), delimiter)
        if not joint_flaw and len(joined) == width:
            return joined, end + 1, ""
    return record, at + 1, flaw


def _read(text: str, delimiter: str) -> tuple[Record, str]:
    """The one record of a text, and what is wrong with it."""
    naive = text.split(delimiter)
    if end_of_good_quotes(text, delimiter) != len(text):
        return naive, stray_quote()
    if '"' not in text and "\r" not in text:
        return naive, ""
    try:
        (record,) = csv.reader([text], delimiter=delimiter, strict=True)
    except csv.Error as error:
        return naive, explained(error)
    return record, ""
