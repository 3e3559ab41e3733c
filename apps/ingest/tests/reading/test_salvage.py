"""Where bad rows are skipped, a row that cannot be read costs no row but itself."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.ingest.reading import csv_reader
from apps.ingest.reading.csv_reader import Dialect
from apps.ingest.reading.row_validation import Findings
from apps.ingest.tests.reading.findings import STREAM, findings_of
from apps.ingest.types import FileRejectedError
from testing.factories.ingest import csv_text, row, rows

SKIPPING = replace(STREAM, skips_bad_rows=True)
GOOD = csv_text(rows(4))


def bad_lines(content: str | bytes, dialect: Dialect = STREAM.dialect) -> list[int]:
    return [error.line for error in findings(content, dialect).errors]


def findings(content: str | bytes, dialect: Dialect = STREAM.dialect) -> Findings:
    return findings_of(content, replace(SKIPPING, dialect=dialect))


def with_line(number: int, old: str, new: bytes, text: str = GOOD) -> bytes:
    """The file with a change in one of its lines, counted from 1."""
    lines = text.encode().splitlines(keepends=True)
    assert old.encode() in lines[number - 1]
    lines[number - 1] = lines[number - 1].replace(old.encode(), new, 1)
    return b"".join(lines)


@pytest.mark.parametrize(
    "value",
    ['"express', 'exp"ress', '"exp"ress', 'express"', "exp\rress", '"', "express;more"],
    ids=["open", "inside", "text behind", "closing alone", "lone CR", "alone", "too many values"],
)
@pytest.mark.parametrize("line", [2, 3, 5])
def test_a_stray_quote_makes_one_bad_row(value: str, line: int) -> None:
    found = findings(with_line(line, "express", value.encode()))

    assert ([error.line for error in found.errors], found.rows, found.bad_rows) == ([line], 4, 1)


def test_two_stray_quotes_do_not_swallow_the_rows_between_them() -> None:
    content = with_line(2, ";express;", b';"express;')
    content = with_line(4, ";express;", b';express";', content.decode())

    assert bad_lines(content) == [2, 4]


@pytest.mark.parametrize("content", [b"\xff\xfe", "экспресс".encode("windows-1251"), b"a\0b"])
def test_a_row_in_another_encoding_is_one_bad_row(content: bytes) -> None:
    found = findings(with_line(3, "express", content))

    assert ([error.line for error in found.errors], found.rows, found.bad_rows) == ([3], 4, 1)


def test_a_byte_that_the_encoding_does_not_have_is_one_bad_row() -> None:
    content = csv_text(rows(3)).encode("windows-1251").replace(b"express", b"\x98", 1)

    assert bad_lines(content, Dialect(";", "windows-1251")) == [2]


def test_a_value_of_several_lines_stays_right_beside_a_stray_quote() -> None:
    long = csv_text([row(last_name='"БЕК\nИ ""О""\nШОВ"'), row(), row()])

    found = findings(with_line(6, "express", b'exp"ress', long))

    assert ([error.line for error in found.errors], found.rows) == ([6], 3)


def test_the_number_of_a_row_that_cannot_be_read_is_kept_where_it_can() -> None:
    text = csv_text([row(application_number="34697463"), row(application_number="34697464")])

    found = findings(with_line(3, "express", b'"express', text))

    assert [error.application_number for error in found.errors] == ["34697464"]


@pytest.mark.parametrize(
    "content",
    [csv_text([row(phone="8")] * 3), GOOD.replace("express", 'exp"ress')],
    ids=["wrong values", "stray quotes"],
)
def test_a_file_of_which_nothing_is_left_is_rejected(content: str) -> None:
    with pytest.raises(FileRejectedError):
        findings(content)


def test_a_header_that_cannot_be_read_rejects_the_file() -> None:
    with pytest.raises(FileRejectedError):
        findings(with_line(1, "phone", b'pho"ne'))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(["good", "quote", "bytes", "wide"]), min_size=3, max_size=30),
    st.integers(1, 4),
)
def test_wherever_a_piece_ends_every_bad_row_is_found_and_every_good_one_kept(
    kinds: list[str], rows_of_a_piece: int
) -> None:
    breaks = {"good": b"express", "quote": b'exp"ress', "bytes": b"\xff", "wide": b"a;b"}
    header, *lines = csv_text(rows(len(kinds))).encode().splitlines(keepends=True)
    pairs = zip(lines, kinds, strict=True)
    broken = [line.replace(b"express", breaks[kind]) for line, kind in pairs]
    bad = [number + 2 for number, kind in enumerate(kinds) if kind != "good"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_reader, "PIECE_BYTES", len(header) + rows_of_a_piece * len(lines[0]))
        if len(bad) == len(kinds):
            with pytest.raises(FileRejectedError):
                findings(header + b"".join(broken))
            return
        found = findings(header + b"".join(broken))

    assert [error.line for error in found.errors] == bad
    assert (found.rows, found.bad_rows) == (len(kinds), len(bad))
