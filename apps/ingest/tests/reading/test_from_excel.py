"""What Excel and old programs make of a file is taken where it can mean only one thing."""

from dataclasses import replace
from io import BytesIO

import pytest

from apps.ingest.reading.columns import NAMES
from apps.ingest.reading.row_validation import Findings, good_rows
from apps.ingest.tests.reading.findings import NOW, STREAM, findings_of
from apps.ingest.types import FileRejectedError
from testing.factories.ingest import csv_text, row, rows

GOOD = csv_text(rows(3))
HEADLESS = csv_text(rows(3), header="none")


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\n" + GOOD,
        "\ufeffSEP=;\r\n" + GOOD,
        '"sep=;"\r\n' + GOOD,
        "sep=|\n" + GOOD.replace(";", "|"),
        GOOD.replace("\n", ";\n"),
        GOOD.replace("\n", ";;;\r\n"),
        GOOD.replace("\n", "; ;\n"),
        GOOD + ";" * (len(NAMES) - 1) + "\n",
        GOOD.replace("\n", "\n" + ";" * (len(NAMES) - 1) + "\n", 2),
        GOOD + ";;;\n",
        GOOD + " ; ;\n",
        GOOD + "\x1a",
        GOOD + "\x1a\x1a\r\n",
        GOOD.rstrip("\n") + "\x1a",
    ],
)
def test_it_is_taken_without_a_bad_row(text: str) -> None:
    findings = findings_of(text)

    assert (findings.errors, findings.rows) == ([], 3)


@pytest.mark.parametrize("text", [HEADLESS.replace("\n", ";;\n"), "sep=;\n" + HEADLESS])
def test_a_file_without_a_header_is_taken_too(text: str) -> None:
    findings = findings_of(text, replace(STREAM, has_header=False))

    assert (findings.errors, findings.rows) == ([], 3)


def test_lines_are_counted_with_the_line_of_the_separator() -> None:
    findings = findings_of("sep=;\n" + csv_text([row(), row(phone="8")]))

    assert [error.line for error in findings.errors] == [4]


def test_values_stay_in_their_columns_before_a_delimiter_at_the_end() -> None:
    content = csv_text([row(grace_unit="day")]).replace("\n", ";;\n")

    (frame,) = good_rows(BytesIO(content.encode()), STREAM, Findings(), NOW)

    assert (frame["phone"][0], frame["grace_unit"][0]) == ("79057896050", "day")


def test_a_value_behind_the_last_column_is_a_bad_row() -> None:
    lines = GOOD.replace("\n", ";\n").splitlines()
    lines[2] += "more"

    findings = findings_of("\n".join(lines))

    assert [(error.line, error.application_number != "") for error in findings.errors] == [
        (3, True)
    ]


def test_delimiters_at_the_end_of_the_header_alone_are_refused() -> None:
    header, rest = GOOD.split("\n", 1)

    assert findings_of(f"{header};\n{rest}").bad_rows == 3


def test_ctrl_z_inside_a_file_is_no_end_of_it() -> None:
    findings = findings_of(csv_text([row(last_name="A\x1aB"), row()]))

    assert [(error.line, error.column) for error in findings.errors] == [(2, "last_name")]


def test_a_file_of_nothing_but_a_separator_line_is_empty() -> None:
    with pytest.raises(FileRejectedError):
        findings_of("sep=;\n")
