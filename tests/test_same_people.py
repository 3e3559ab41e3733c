"""Files that are made up or shipped and the simulated Casper tell of the same people."""

import csv
from datetime import date
from io import StringIO
from pathlib import Path

import pytest

from apps.ingest.sample_applications import write_sample
from simulators.casper.clients import Clients
from simulators.casper.people import CITIZENSHIPS, make_person
from simulators.options import read_options

SAMPLE = Path(__file__).resolve().parents[1] / "config" / "sample_mobile_loans.csv"
ROWS = 3_000  # every name of the lists comes more than once


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text), delimiter=";"))


def made_up(seed: int) -> list[dict[str, str]]:
    out = StringIO()
    write_sample(out, ROWS, seed)
    return rows_of(out.getvalue())


def casper_would_say(phone: str) -> dict[str, str]:
    """The columns of a file, as the simulated Casper knows them of the person with this phone."""
    person = make_person(int(phone))
    return {
        "phone": phone,
        "citizenship": person.citizenship,
        "document_series": person.document_series,
        "document_number": person.document_number,
        **{f"{part}_name": (name or "").upper() for part, name in person.name_ru.items()},
        "birth_date": f"{person.birth_date:%d.%m.%Y}",
        "sex": person.sex,
    }


def assert_casper_agrees(rows: list[dict[str, str]]) -> None:
    for row in rows:
        told = casper_would_say(row["phone"])
        assert {column: row[column] for column in told} == told


@pytest.mark.parametrize("seed", [1, 7])
def test_a_phone_belongs_to_the_same_person_in_made_up_files_and_at_casper(seed: int) -> None:
    assert_casper_agrees(made_up(seed))


def test_the_people_of_the_shipped_sample_are_known_at_casper() -> None:
    assert_casper_agrees(rows_of(SAMPLE.read_text(encoding="utf-8")))


def test_one_number_of_the_sample_has_changed_hands_and_casper_knows_not_everybody() -> None:
    options = read_options([])
    casper = Clients(options.seed, options.casper_found_share, options.casper_other_person_share)
    sample = rows_of(SAMPLE.read_text(encoding="utf-8"))
    known = {
        row["application_number"]: (row, client)
        for row in sample
        if (client := casper.find({"phone": row["phone"]}))
    }

    strangers = [
        number
        for number, (row, client) in known.items()
        if client["birth_date"] != date_of(row).isoformat()
    ]

    assert strangers == ["104000009"]
    assert 0 < len(sample) - len(known) < len(sample) / 4


def date_of(row: dict[str, str]) -> date:
    day, month, year = map(int, row["birth_date"].split("."))
    return date(year, month, day)


def test_people_are_of_many_kinds() -> None:
    rows = made_up(1)

    women = sum(row["sex"] == "F" for row in rows) / ROWS
    without_middle_name = sum(not row["middle_name"] for row in rows) / ROWS
    assert 0.37 < women < 0.43
    assert 0.22 < without_middle_name < 0.28
    assert {row["citizenship"] for row in rows} == set(CITIZENSHIPS)
    assert len({(row["last_name"], row["first_name"]) for row in rows}) > 500
