"""The report on a rejected file: a table that a person opens in Excel."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import translation

from apps.ingest.folder.report import defused
from apps.ingest.models import IncomingFile, IncomingFileError
from apps.ingest.streams import Stream
from testing.factories.ingest import csv_text, row
from testing.incoming import take_all_files

pytestmark = pytest.mark.django_db


def report_rows(stream: Stream, name: str = "a.csv") -> list[list[str]]:
    content = (stream.error_folder / f"{name}.errors.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(content.decode("utf-8-sig").splitlines(), delimiter=";"))


def test_a_broken_rule_is_a_line_with_both_names_of_the_column(
    stream: Stream, drop: Callable[..., Path]
) -> None:
    drop("a.csv", csv_text([row(), row(phone="89131234567", sex="Ж")]))

    take_all_files()

    _titles, phone, sex = report_rows(stream)
    assert phone[:4] == ["3", "phone", "Номер телефона", "89131234567"]
    assert sex[:4] == ["3", "sex", "Пол", "Ж"]


def test_rules_are_written_in_russian(stream: Stream, drop: Callable[..., Path]) -> None:
    drop("a.csv", csv_text([row(phone="8", birth_date="30.02.1990")]))

    with translation.override("ru"):
        take_all_files()

    titles, phone, birth = report_rows(stream)
    assert titles == ["Строка", "Столбец", "Название", "Значение", "Что не так"]
    assert phone[4] == "нужны 11 цифр, первая — 7, без плюса"
    assert birth[4] == "нужна существующая дата в виде ДД.ММ.ГГГГ"


@pytest.mark.parametrize("value", ["=1+1", "+7913", "-1", "@SUM(A1)", "＝1", "=cmd|'/c calc'!A1"])
def test_a_formula_is_defused(stream: Stream, drop: Callable[..., Path], value: str) -> None:
    drop("a.csv", csv_text([row(citizenship=value)]))

    take_all_files()

    assert report_rows(stream)[1][3] == f"'{value}"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("x,=cmd|'/c calc'!A1,y", "x,'=cmd|'/c calc'!A1,y"),
        ("x; =1+1", "x;' =1+1"),
        ("x\t@SUM(A1)", "x\t'@SUM(A1)"),
        ("x\n＝1", "x\n'＝1"),
        ("8-913, a+b", "8-913, a+b"),
    ],
)
def test_a_formula_behind_what_another_spreadsheet_divides_by_is_defused(
    value: str, written: str
) -> None:
    assert defused(value) == written


def test_at_most_a_thousand_lines_and_then_a_count(
    stream: Stream, drop: Callable[..., Path]
) -> None:
    drop("a.csv", csv_text([row(phone="8", sex="x")] * 600))

    take_all_files()

    lines = report_rows(stream)
    assert len(lines) == 1 + 1000 + 1
    assert "200" in lines[-1][4]
    assert IncomingFileError.objects.count() == 1000
    assert IncomingFile.objects.get().error_count == 1200


def test_a_file_that_cannot_be_read_has_its_reason_in_the_report(
    stream: Stream, drop: Callable[..., Path]
) -> None:
    drop("a.csv", "nonsense")

    take_all_files()

    (_titles, line) = report_rows(stream)
    assert line[0] == "1"
    assert line[4] == IncomingFile.objects.get().reason
    assert "«;»" in line[4]


def test_a_header_that_is_somebodys_row_is_not_quoted(
    stream: Stream, drop: Callable[..., Path]
) -> None:
    drop("a.csv", csv_text([row(phone="79131234567")], header="none").replace(";", ","))

    (record,) = take_all_files()

    assert "79131234567" not in record.reason
    assert "«;»" in record.reason
