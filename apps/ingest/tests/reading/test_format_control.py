"""Format control: rows made from the rules pass, and are refused when broken in one place."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.filters.types import COUNTRY_CODES
from apps.ingest.reading.columns import COLUMNS, NAMES, Column, Kind
from apps.ingest.reading.row_validation import Findings, good_rows
from apps.ingest.tests.reading.findings import NOW, STREAM, findings_of
from apps.ingest.types import FormatError
from testing.factories.ingest import csv_text, row

DIGITS = "0123456789"
PLAIN_TEXT = st.text(
    st.characters(exclude_characters=';"\r\n\0', exclude_categories=["Cs"]), max_size=60
).map(str.strip)
DATES = st.dates(min_value=date(1900, 1, 1), max_value=NOW.date() - timedelta(days=1)).map(
    lambda day: f"{day.day:02}.{day.month:02}.{day.year:04}"
)
# what a name may not hold, but for the line ends that PLAIN_TEXT does not hold either
MARKS = [*"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"]
UNSEEN = st.characters(categories=["Cc"], exclude_characters="\r\n\0") | st.sampled_from(MARKS)
PLAIN_NAME = st.text(
    st.characters(exclude_characters=';"', exclude_categories=["Cs", "Cc", "Cf"]), max_size=60
).map(str.strip)
RIGHT = {
    Kind.DIGITS: st.text(DIGITS, min_size=1, max_size=32),
    Kind.DATE: DATES,
    Kind.TIME: st.times().map(lambda time: time.strftime("%H:%M:%S")),
    Kind.PHONE: st.text(DIGITS, min_size=10, max_size=10).map("7{}".format),
    Kind.COUNTRY: st.sampled_from(sorted(COUNTRY_CODES)),
    Kind.TEXT: PLAIN_TEXT,
    Kind.AMOUNT: st.from_regex(r"[0-9]{1,12}([.,][0-9]{1,2})?", fullmatch=True),
    Kind.WHOLE: st.integers(0, 2**31 - 1).map(str),
}
WRONG = {
    Kind.DIGITS: ["12a", "1" * 33, "-1", "٣٤", "1 2", "1.0"],
    Kind.DATE: ["30.02.2024", "29.02.2023", "1.1.2020", "2020-01-01", "01.13.2020", "00.01.2020",
                "01.01.0000", "01.01.20200", "01. 1.2020", "٠١.٠١.٢٠٢٠", "32.01.2020",
                "+1.01.2020"],
    Kind.TIME: ["24:00:00", "12:60:00", "12:00:60", "1:00:00", "12:00", "12:00:00.5", "١٢:٠٠:٠٠"],
    Kind.CHOICE: ["other", "CREATED", "m"],
    Kind.PHONE: ["89131234567", "+79131234567", "7913123456", "791312345678", "7٩131234567"],
    Kind.COUNTRY: ["RU", "kgz", "XXX", "РОС"],
    Kind.TEXT: ["я" * 256],
    Kind.AMOUNT: ["1e5", "-1", "1.234", "1 000", "1" * 13, "1.", ".5", "NaN", "1,2,3"],
    Kind.WHOLE: ["1.5", "2147483648", "-1", "9" * 30, "٣"],
}  # fmt: skip


def right_value(column: Column) -> st.SearchStrategy[str]:
    choices = [*column.choices, *column.synonyms]
    right = st.sampled_from(choices) if choices else RIGHT[column.kind]
    right = PLAIN_NAME if column.is_name else right
    return right if column.required else st.one_of(st.just(""), right)


@st.composite
def right_rows(draw: st.DrawFn) -> dict[str, str]:
    values = {column.name: draw(right_value(column)) for column in COLUMNS}
    moments = [(values[f"{name}_date"], values[f"{name}_time"]) for name in ("created", "changed")]
    moments.sort(key=lambda moment: (moment[0][6:], moment[0][3:5], moment[0][:2], moment[1]))
    for name, moment in zip(("created", "changed"), moments, strict=True):
        values[f"{name}_date"], values[f"{name}_time"] = moment
    if values["scoring_result"]:
        values["application_status"] = "scored"
    if not values["loan_changed_date"]:
        values["loan_changed_time"] = ""
    return values


@settings(deadline=None, max_examples=60)
@given(st.lists(right_rows(), min_size=1, max_size=5))
def test_rows_made_from_the_rules_pass(rows: list[dict[str, str]]) -> None:
    findings = findings_of(csv_text(rows))

    assert (findings.errors, findings.rows) == ([], len(rows))


@settings(deadline=None, max_examples=150)
@given(right_rows(), right_rows(), st.data())
def test_a_row_broken_in_one_place_is_refused_for_that_place(
    first: dict[str, str], second: dict[str, str], data: st.DataObject
) -> None:
    column = data.draw(st.sampled_from(COLUMNS))
    wrong = data.draw(st.sampled_from(WRONG[column.kind]))
    broken = {**second, column.name: wrong}
    if column.name == "loan_changed_time":
        broken["loan_changed_date"] = "01.01.2020"
    if column.name == "loan_changed_date":
        broken["loan_changed_time"] = ""

    findings = findings_of(csv_text([first, broken]))

    assert [(error.line, error.column, error.value) for error in findings.errors] in (
        [(3, column.name, wrong[:200])],
        # a wrong application status makes a scoring result wrong as well
        [(3, column.name, wrong), (3, "scoring_result", broken["scoring_result"])],
    )
    assert (findings.rows, findings.bad_rows) == (2, 1)


@pytest.mark.parametrize("column", [column for column in COLUMNS if column.required])
def test_a_required_value_must_not_be_empty(column: Column) -> None:
    values = row(scoring_result="")
    values[column.name] = " "

    findings = findings_of(csv_text([values]))

    assert [error.column for error in findings.errors] == [column.name]


def test_a_scoring_result_needs_a_scored_application() -> None:
    findings = findings_of(csv_text([row(application_status="registered")]))

    assert [error.column for error in findings.errors] == ["scoring_result"]


@pytest.mark.parametrize("name", NAMES)
def test_surrounding_spaces_are_cut_in_every_column(name: str) -> None:
    values = row()
    values[name] = f"  {values[name]}\t"
    findings = Findings()

    (rows,) = good_rows(BytesIO(csv_text([values]).encode()), STREAM, findings, NOW)

    assert rows[name][0] == values[name].strip()
    assert findings.errors == []


def test_broken_rules_of_a_row_come_in_the_order_of_columns() -> None:
    findings = findings_of(csv_text([row(phone="8", sex="x", term="x")]))

    assert [error.column for error in findings.errors] == ["phone", "sex", "term"]
    assert findings.bad_rows == 1


def test_a_thousand_errors_are_kept_and_all_are_counted() -> None:
    bad = row(phone="8", sex="x")

    findings = findings_of(csv_text([bad] * 700))

    assert (len(findings.errors), findings.error_count, findings.bad_rows) == (1000, 1400, 700)
    assert findings.errors[-1] == FormatError(
        501, "sex", "x", findings.errors[1].rule, bad["application_number"]
    )


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"birth_date": "25.11.2026"}, "birth_date"),
        ({"changed_date": "25.11.2026"}, "changed_date"),
        ({"changed_date": "24.11.2026", "changed_time": "12:35:01"}, "changed_date"),
        ({"loan_changed_date": "01.01.2030", "loan_changed_time": ""}, "loan_changed_date"),
        ({"created_date": "01.01.2030"}, "created_date"),
        ({"changed_date": "06.10.2022"}, "changed_date"),
        (
            {"changed_date": "07.10.2022", "changed_time": "11:59:59", "created_time": "12:00:00"},
            "changed_date",
        ),
    ],
)
def test_a_date_that_cannot_be_is_a_bad_value(values: dict[str, str], column: str) -> None:
    findings = findings_of(csv_text([row(), row(**values)]))

    assert [(error.line, error.column) for error in findings.errors] == [(3, column)]


@pytest.mark.parametrize(
    "values",
    [
        {"birth_date": "24.11.2026"},
        {"changed_date": "24.11.2026", "changed_time": "12:34:59"},  # clocks differ
        {"changed_date": "07.10.2022", "changed_time": "00:00:00"},
        {"loan_changed_date": "01.10.2022"},
    ],
)
def test_a_date_that_may_be_is_right(values: dict[str, str]) -> None:
    assert findings_of(csv_text([row(**values)])).errors == []


@pytest.mark.parametrize("name", ["last_name", "first_name", "middle_name"])
@settings(deadline=None, max_examples=20)
@given(mark=UNSEEN)
def test_a_name_holds_no_control_characters_and_no_marks_of_direction(name: str, mark: str) -> None:
    findings = findings_of(csv_text([row(**{name: f"БЕК{mark}ИШОВ"})]))

    assert [error.column for error in findings.errors] == [name]
