"""What people upload: kinds of files, encodings, delimiters, and files that must not be read."""

import io
import stat
import zipfile
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest
import xlsxwriter

from apps.ingest.call_lists import list_files
from apps.ingest.call_lists.asking import NewList, add_piece, begin_list
from apps.ingest.call_lists.list_files import rows_path, uploaded_path
from apps.ingest.states import CallListState
from apps.ingest.uploaded_rows import read_rows
from apps.ingest.uploads import MOST_BYTES, UploadRefusedError
from common.clock import now
from testing.call_lists import (
    HEADINGS,
    ROWS,
    checked,
    csv_list,
    imported,
    uploaded,
    workbook,
    worked_on,
)
from testing.factories.filters import CascadeFactory
from testing.factories.security import SeniorOperatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stream")]
TEXT = "Телефон;ФИО\r\n79131112233;Иванов Иван\r\n"
EXPECTED = "ожидается файл Excel .xlsx или текстовый файл .csv"


def cells(content: bytes) -> list[list[str]]:
    call_list = uploaded(content)
    assert call_list.state == CallListState.MAPPING, call_list.reason
    return [row.cells for row in read_rows(rows_path(call_list))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_text_is_read_in_every_encoding_and_with_every_delimiter(
    encoding: str, delimiter: str
) -> None:
    text = TEXT.replace(";", delimiter)

    assert cells(text.encode(encoding)) == [["Телефон", "ФИО"], ["79131112233", "Иванов Иван"]]


def test_what_excel_leaves_in_text_is_no_row() -> None:
    text = 'sep=,\r\nТелефон,ФИО,,\r\n,,,\r\n79131112233,"Иванов, Иван",,\r\n\x1a'

    assert cells(text.encode()) == [["Телефон", "ФИО"], ["79131112233", "Иванов, Иван"]]


def test_a_workbook_gives_values_as_people_read_them() -> None:
    row = (
        79131112233,
        date(1990, 10, 7),
        datetime(2022, 10, 7, 12, 30),  # noqa: DTZ001 - Excel knows no zones
        30000.5,
        7.0,
        "=1+1",
        True,
    )

    found = cells(workbook(("Телефон",), row, strings_to_formulas=False))

    expected = ["79131112233", "07.10.1990", "07.10.2022 12:30:00", "30000.5", "7", "=1+1", "1"]
    assert found == [["Телефон", "", "", "", "", "", ""], expected]


def test_a_formula_gives_the_value_that_excel_saved_and_is_not_computed() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Телефон", "ФИО"])
        page.write_formula(1, 0, '=WEBSERVICE("http://example.com")', value="79131112233")

    assert cells(target.getvalue())[1][0] == "79131112233"


def repacked(content: bytes, **entries: bytes) -> bytes:
    """The workbook with these entries in addition."""
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, value in entries.items():
            archive.writestr(name.replace("__", "/"), value)
    return target.getvalue()


def far_cells() -> bytes:
    """5 KB, of which a reader makes a table of 17 thousand million cells."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        page = book.add_worksheet()
        page.write(0, 0, "Телефон")
        page.write(1_048_575, 16_383, "x")
    return target.getvalue()


def document() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    return target.getvalue()


REFUSED = {
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0", EXPECTED),
    "a Word document": (document(), EXPECTED),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1", "старый файл Excel .xls"),
    "macros": (repacked(workbook(*ROWS), xl__vbaProject_bin=b"x").replace(
        b"xl/vbaProject_bin", b"xl/vbaProject.bin"), "макрос"),
    "a bomb": (repacked(workbook(*ROWS), xl__big=b"0" * 30_000_000), "распаковывается"),
    "far cells": (far_cells(), "лист слишком велик"),
    "a broken archive": (workbook(*ROWS)[:300], "повреждён"),
    "UTF-16": (TEXT.encode("utf-16-be"), EXPECTED),
    "a stray quote": ('Телефон;ФИО\n"7913;Иванов\n'.encode(), "кавычка"),
    "nothing": (b" \r\n;;\r\n", "файл пуст"),
    "headings alone": (csv_list(), "ни одной строки"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_no_list_is_refused_with_what_was_expected(what: str) -> None:
    content, reason = REFUSED[what]

    call_list = uploaded(content)

    assert call_list.state == CallListState.REFUSED
    assert reason in call_list.reason
    assert not rows_path(call_list).exists()


def test_a_file_comes_in_pieces_and_a_piece_may_come_twice() -> None:
    content = csv_list(*ROWS)
    new = NewList(CascadeFactory.create().campaign_id, SeniorOperatorFactory.create().pk, "a", 50)
    call_list = begin_list(NewList(new.campaign_id, new.author_id, "a.csv", len(content)))

    places = [
        add_piece(call_list, start, content[start:end])
        for start, end in [(0, 30), (0, 30), (20, 60), (60, len(content)), (60, len(content))]
    ]

    assert places == [30, 30, 60, len(content), len(content)]
    assert uploaded_path(call_list).read_bytes() == content
    assert worked_on(call_list).headings == list(HEADINGS)


def test_a_piece_that_leaves_a_gap_or_is_too_long_is_refused() -> None:
    new = NewList(CascadeFactory.create().campaign_id, SeniorOperatorFactory.create().pk, "a", 50)
    call_list = begin_list(new)

    for start, piece in [(1, b"x"), (0, b"x" * 51)]:
        with pytest.raises(UploadRefusedError):
            add_piece(call_list, start, piece)

    assert worked_on(call_list).state == CallListState.UPLOADING


@pytest.mark.parametrize("size", [0, MOST_BYTES + 1])
def test_a_size_that_is_not_taken_is_refused_before_the_first_piece(size: int) -> None:
    campaign = CascadeFactory.create().campaign_id

    with pytest.raises(UploadRefusedError):
        begin_list(NewList(campaign, SeniorOperatorFactory.create().pk, "a.csv", size))


def test_nobody_but_the_owner_may_read_what_was_uploaded() -> None:
    call_list = uploaded(workbook(HEADINGS, *ROWS))

    paths = [uploaded_path(call_list), rows_path(call_list)]
    assert [stat.S_IMODE(path.stat().st_mode) for path in paths] == [0o600, 0o600]
    assert stat.S_IMODE(paths[0].parent.stat().st_mode) == 0o700
    assert sorted(Path(paths[0].parent).iterdir()) == sorted(paths)


def test_files_of_lists_are_deleted_when_they_are_old_or_not_wanted() -> None:
    done, unfinished, refused = (
        imported(csv_list(ROWS[0], ("1", "", ""))),
        checked(csv_list(*ROWS)),
        uploaded(b"\0"),
    )

    assert list_files.delete_old_lists(now()) == 1  # the refused one
    assert list_files.delete_old_lists(now() + timedelta(days=8)) == 1
    assert worked_on(unfinished).state == CallListState.CANCELLED
    assert list_files.delete_old_lists(now() + timedelta(days=91)) == 1
    assert not list(chain(uploaded_path(done).parent.iterdir()))
    assert not done.left_out.exists()
    assert worked_on(refused).files_deleted_at
