"""Reading: what is unusual but right is accepted, what is not CSV is refused with its line."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.ingest.reading import csv_reader
from apps.ingest.reading.columns import NAMES
from apps.ingest.reading.csv_reader import Dialect, Piece, read_pieces, read_rows
from apps.ingest.tests.reading.findings import STREAM, findings_of
from apps.ingest.types import FileRejectedError
from testing.factories.ingest import csv_text, row, rows

DIALECT = Dialect(";", "utf-8")
VALUES = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=8)


def read_all(content: bytes, width: int) -> list[list[str]]:
    found: list[list[str]] = []
    for piece in read_pieces(io.BytesIO(content), DIALECT):
        frame = read_rows(piece, width, DIALECT).frame
        found += [list(values[:-1]) for values in frame.rows()]
    return found


@settings(deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=8), st.integers(1, 40))
@example([("a", "", "")], 1)
@example([("", "", "")], 1)
def test_values_come_back_as_they_were_written_wherever_a_piece_ends(
    values: list[tuple[str, str, str]], piece_bytes: int
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="\n").writerows(values)

    longest = max((len(";".join(record).encode()) * 2 for record in values), default=0) + 8
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_reader, "PIECE_BYTES", longest + piece_bytes)
        found = read_all(out.getvalue().encode(), 3)

    assert found == [list(record) for record in values]


def test_pieces_are_whole_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_reader, "PIECE_BYTES", 16)
    content = b'a;"b\nb"\nc;d\n"e\n\ne";f\ng;h'

    pieces = list(read_pieces(io.BytesIO(content), DIALECT))

    assert b"".join(piece.records for piece in pieces) == content
    assert read_all(content, 2) == [
        ["a", "b\nb"], ["c", "d"], ["e\n\ne", "f"], ["g", "h"],
    ]  # fmt: skip


def test_a_row_is_named_by_the_line_where_it_begins() -> None:
    first = row(last_name='"АЙ\nБЕК;\n"""', first_name="")
    text = csv_text([first, row(phone="8")])

    findings = findings_of(text)

    assert [(error.line, error.column) for error in findings.errors] == [(5, "phone")]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text + "\n\n  \n",
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.replace("БЕКИШОВ", '"БЕК ""О"";\r\nшов"'),
        lambda text: text.replace(";express;", ';"express";'),
    ],
    ids=["CRLF", "BOM", "blank lines", "no last line end", "blank between", "quotes", "quoted"],
)
def test_what_is_unusual_but_right_is_accepted(change: Callable[[str], str]) -> None:
    findings = findings_of(change(csv_text(rows(3))))

    assert (findings.errors, findings.rows) == ([], 3)


@pytest.mark.parametrize("count", [len(NAMES) - 1, len(NAMES) + 1])
def test_a_row_of_another_width_is_refused_with_its_line(count: int) -> None:
    lines = csv_text(rows(2)).splitlines()
    lines[2] = ";".join([*lines[2].split(";"), "more"][:count])

    findings = findings_of("\n".join(lines))

    assert [(error.line, error.column) for error in findings.errors] == [(3, "")]
    assert (findings.rows, findings.bad_rows) == (2, 1)


def test_short_and_long_rows_do_not_make_up_for_each_other() -> None:
    lines = csv_text(rows(2)).splitlines()
    lines[1], lines[2] = lines[1] + ";x", lines[2].rpartition(";")[0]

    assert [error.line for error in findings_of("\n".join(lines)).errors] == [2, 3]


GOOD = csv_text(rows(2))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 0),
        (b"\xef\xbb\xbf", 0),
        (b"\n \n", 0),
        (bytes(range(256)) * 10, 1),
        (GOOD.encode().replace(b"KGZ", b"K\0Z", 1), 2),
        (GOOD.encode("windows-1251"), 2),
        (GOOD.encode("utf-16"), 1),
        (GOOD.replace("express", '"express', 1).encode(), 2),
        (GOOD.replace("express", 'exp"ress', 1).encode(), 2),
        (GOOD.replace("express", '"exp"ress', 1).encode(), 2),
        (GOOD.replace("express", "exp\rress", 1).encode(), 2),
        (GOOD.replace("express", f'"{"x" * 200_000}"', 1).encode(), 2),
        (GOOD.replace("phone", "fone", 1).encode(), 1),
        (GOOD.replace(";phone;", ";sex;", 1).encode(), 1),
        (GOOD.replace(";phone;", ";;", 1).encode(), 1),
        (b"application_number;phone\n1;79131234567\n", 1),
    ],
    ids=["empty", "only a BOM", "only blanks", "binary", "NUL", "other encoding", "UTF-16",
         "open quote", "quote inside", "text behind a quote", "lone CR", "endless value",
         "unknown column", "repeated column", "nameless column", "missing columns"],
)  # fmt: skip
def test_what_cannot_be_read_as_rows_is_refused_with_its_line(content: bytes, line: int) -> None:
    with pytest.raises(FileRejectedError) as refusal:
        findings_of(content)

    assert refusal.value.line == line
    assert refusal.value.reason


@pytest.mark.parametrize("quote", [b"", b'"'], ids=["plain", "quoted"])
def test_a_value_of_a_hundred_megabytes_is_refused_after_a_few(quote: bytes) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            start = GOOD.encode() + quote if self.given == size else b""
            return start + b"x" * (size - len(start))

    file = Endless()
    with pytest.raises(FileRejectedError):
        list(read_pieces(file, DIALECT))  # type: ignore[arg-type]

    assert file.given <= 4 * csv_reader.PIECE_BYTES


def test_windows_1251_is_read() -> None:
    stream = replace(STREAM, dialect=Dialect(";", "windows-1251"))

    findings = findings_of(GOOD.encode("windows-1251"), stream)

    assert (findings.errors, findings.rows) == ([], 2)


def test_columns_may_come_in_any_order_by_either_name() -> None:
    shuffled = tuple(reversed(NAMES))

    for header in ("names", "titles"):
        findings = findings_of(csv_text(rows(2), shuffled, header))
        assert (findings.errors, findings.rows) == ([], 2)


def test_without_a_header_columns_come_in_their_order() -> None:
    stream = replace(STREAM, has_header=False)

    findings = findings_of(csv_text(rows(2), header="none"), stream)

    assert (findings.errors, findings.rows) == ([], 2)


def test_a_header_without_rows_is_a_file_of_no_rows() -> None:
    findings = findings_of(csv_text([]))

    assert (findings.errors, findings.rows) == ([], 0)


def test_optional_columns_may_be_missing() -> None:
    names = tuple(name for name in NAMES if name not in {"face_id", "sex", "grace"})

    findings = findings_of(csv_text(rows(2), names))

    assert (findings.errors, findings.rows) == ([], 2)


def test_a_plain_piece_is_read_as_the_strict_reader_reads_it() -> None:
    plain = Piece(1, b"a;b\nc;\n;\n")

    frame = read_rows(plain, 2, DIALECT).frame

    assert frame.rows() == [("a", "b", 1), ("c", "", 2), ("", "", 3)]
