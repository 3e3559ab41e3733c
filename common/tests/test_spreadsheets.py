"""Tables as .xlsx: what is written is what a reader of Excel files reads."""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from common import spreadsheets
from common.spreadsheets import Cell, Column, Sheet, TooManyRowsError, write_workbook


def read_back(sheet: Sheet) -> CalamineWorkbook:
    target = io.BytesIO()
    write_workbook(target, sheet)
    return CalamineWorkbook.from_filelike(io.BytesIO(target.getvalue()))


def sheet_of(*rows: Sequence[Cell], title: str = "Calls", columns: int = 1) -> Sheet:
    return Sheet(title=title, columns=[Column(f"c{n}") for n in range(columns)], rows=rows)


def cells(sheet: Sheet) -> list[list[object]]:
    return [[*row] for row in read_back(sheet).get_sheet_by_index(0).to_python()[1:]]


@pytest.mark.parametrize("text", ["=1+1", "+7 913", "@SUM(A1)", "https://example.org", "007", "ё"])
def test_text_stays_text(text: str) -> None:
    assert cells(sheet_of([text])) == [[text]]


def test_numbers_and_dates_keep_their_kind() -> None:
    row: Sequence[Cell] = [5, Decimal("12.50"), date(2026, 11, 25), None]

    assert cells(sheet_of(row, [1, 1, date(2026, 1, 1), "x"], columns=4))[0] == [
        5,
        12.5,
        date(2026, 11, 25),
        "",
    ]


def test_a_time_with_a_zone_is_written_in_moscow_s() -> None:
    at = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
    naive = datetime(2026, 11, 25, 1, 30)  # noqa: DTZ001

    assert cells(sheet_of([at])) == [[naive]]


def test_a_text_longer_than_a_cell_is_cut() -> None:
    ((found,),) = cells(sheet_of(["я" * (spreadsheets.MOST_CHARACTERS + 1)]))

    assert found == "я" * spreadsheets.MOST_CHARACTERS


def test_a_title_that_excel_refuses_is_made_plain() -> None:
    book = read_back(sheet_of(title="Звонки: 01/02 [все] " + "x" * 40))

    assert book.sheet_names == ["Звонки  01 02  все  " + "x" * 11]


def test_a_title_in_apostrophes_loses_them() -> None:
    assert read_back(sheet_of(title="'list'")).sheet_names == ["list"]


def test_notes_stand_on_a_sheet_of_their_own() -> None:
    book = read_back(Sheet(title="T", columns=[Column("c")], rows=[], notes=[("by", "=Иванова")]))

    assert book.get_sheet_by_index(0).to_python() == [["c"]]
    assert book.get_sheet_by_index(1).to_python() == [["by", "=Иванова"]]


def test_more_rows_than_a_sheet_can_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 2)

    with pytest.raises(TooManyRowsError):
        write_workbook(io.BytesIO(), sheet_of([1], [2], [3]))


def test_rows_are_taken_one_by_one_and_counted() -> None:
    def rows() -> Iterator[Sequence[Cell]]:
        yield from ([number] for number in range(3))

    assert write_workbook(io.BytesIO(), Sheet(title="T", columns=[Column("c")], rows=rows())) == 3
