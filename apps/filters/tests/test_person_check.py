"""Who counts as the same person: a table of what an application and Casper may say."""

import unicodedata
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from apps.filters.person_check import (
    compare,
    is_another_person,
    person_at_casper,
    person_of_application,
    person_of_task,
)
from testing.factories.filters import facts

APPLICATION: dict[str, Any] = {
    "last_name": "ФЁДОРОВА",
    "first_name": "НАТАЛЬЯ",
    "middle_name": "АЛЕКСЕЕВНА",
    "birth_date": date(1990, 3, 8),
    "document_series": "4512",
    "document_number": "123456",
}
NAME = {"last": "Федорова", "first": "Наталья", "middle": "Алексеевна"}
CLIENT: dict[str, Any] = {
    "full_name_ru": NAME,
    "full_name_en": {"last": "Fedorova", "first": "Natalia", "middle": "Alekseevna"},
    "birth_date": "1990-03-08",
    "document_series": "4512",
    "document_number": "123456",
}
OTHER_NAME = {"last": "Ким", "first": "Вера", "middle": "Олеговна"}
NOBODY: dict[str, Any] = dict.fromkeys(CLIENT)
NO_DOCUMENT = {"document_series": None, "document_number": None}
TWO_SIGNS_A_LETTER = unicodedata.normalize("NFD", "СОЛОВЬЁВ")
RENEWED = {"document_series": "4520", "document_number": "654321"}


def name(**changes: str | None) -> dict[str, Any]:
    return {"full_name_ru": {**NAME, **changes}, "full_name_en": None}


def verdict(ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[str, list[str]]:
    application = person_of_application(facts(**{**APPLICATION, **ours}))
    check = compare(application, person_at_casper({**CLIENT, **theirs}))
    return check.status.value, [attribute.value for attribute in check.differs]


@pytest.mark.parametrize(
    ("ours", "theirs", "status", "differs"),
    [
        # the same person, written in another way
        ({}, {}, "SAME", []),
        ({"last_name": "  фёдорова "}, NO_DOCUMENT, "SAME", []),
        ({"middle_name": ""}, NO_DOCUMENT, "SAME", []),
        ({}, name(middle=None) | NO_DOCUMENT, "SAME", []),
        ({"last_name": "ИВАНОВА - ПЕТРОВА"}, name(last="Иванова\u2011Петрова"), "SAME", []),
        ({"first_name": "МАР'ЯНА"}, name(first="Мар’яна") | NO_DOCUMENT, "SAME", []),
        ({"last_name": TWO_SIGNS_A_LETTER}, name(last="Соловьев"), "SAME", []),
        ({"document_series": "45 12", "document_number": "12-34-56"}, {}, "SAME", []),
        ({"document_series": "", "document_number": "4512123456"}, {}, "SAME", []),
        (
            {"document_series": "АМ", "document_number": "1"},  # in Cyrillic letters
            {"document_series": "am", "document_number": "1"},
            "SAME",
            [],
        ),
        ({"last_name": "FEDOROVA", "first_name": "NATALIA"}, NO_DOCUMENT, "SAME", []),
        # the same person, though something differs
        ({}, RENEWED, "SAME", ["document"]),
        ({}, name(last="Ким") | NO_DOCUMENT, "SAME", ["name"]),  # married
        ({}, name(middle="Олеговна") | NO_DOCUMENT, "SAME", ["name"]),  # a typing error
        ({}, {"full_name_ru": OTHER_NAME, "full_name_en": None}, "SAME", ["name"]),
        ({}, {"birth_date": "1990-08-03"}, "SAME", ["birthDate"]),  # a typing error
        # another person
        ({}, {"full_name_ru": OTHER_NAME, "full_name_en": None, "birth_date": "1971-01-01"}
            | RENEWED, "DIFFERENT", ["name", "birthDate", "document"]),
        ({}, {"full_name_ru": OTHER_NAME, "full_name_en": None} | NO_DOCUMENT,
            "DIFFERENT", ["name"]),
        ({}, name(first="Вера") | NO_DOCUMENT, "DIFFERENT", ["name"]),  # a twin
        ({}, name(last="Ким", middle="Олеговна") | NO_DOCUMENT, "DIFFERENT", ["name"]),
        ({}, {"birth_date": "1961-03-08"} | NO_DOCUMENT, "DIFFERENT", ["birthDate"]),  # a namesake
        ({"birth_date": None}, name(last="Ким") | NO_DOCUMENT, "DIFFERENT", ["name"]),
        ({"birth_date": None}, {"full_name_ru": OTHER_NAME, "full_name_en": None},
            "DIFFERENT", ["name"]),  # a document alone proves nothing
        # too little is known
        ({}, NOBODY, "UNKNOWN", []),
        ({}, NOBODY | {"birth_date": "1990-03-08"}, "UNKNOWN", []),
        ({}, NOBODY | {"full_name_ru": NAME}, "UNKNOWN", []),
        ({}, NOBODY | {"document_series": "4512", "document_number": "123456"}, "UNKNOWN", []),
        ({}, NOBODY | RENEWED, "UNKNOWN", ["document"]),
        ({"birth_date": None}, NO_DOCUMENT, "UNKNOWN", []),
        ({"last_name": "FEDOROVA", "first_name": "NATALIA", "middle_name": ""},
            name() | {"birth_date": None} | NO_DOCUMENT, "UNKNOWN", []),  # another alphabet
        ({"last_name": "", "first_name": "", "middle_name": ""}, NO_DOCUMENT, "UNKNOWN", []),
    ],
)  # fmt: skip
def test_who_counts_as_the_same_person(
    ours: dict[str, Any], theirs: dict[str, Any], status: str, differs: list[str]
) -> None:
    assert verdict(ours, theirs) == (status, differs)


@pytest.mark.parametrize("nonsense", [5, [], {}, [{}], {"last": {}}, True, "\u202e", "1990-13-45"])
@pytest.mark.parametrize("field", CLIENT)
def test_what_cannot_be_read_is_unknown(field: str, nonsense: object) -> None:
    known = {**CLIENT, "full_name_en": None, "document_series": None, "document_number": None}

    assert verdict({}, known | {field: nonsense})[0] in {"SAME", "UNKNOWN"}


def test_a_task_knows_no_document() -> None:
    person = person_of_task({"last_name": "Ким", "first_name": "Вера", "birth_date": "1990-03-08"})

    assert compare(person, replace(person, document="4512123456")).status == "SAME"


def test_a_rule_asks_for_another_person_alone() -> None:
    application = facts(**APPLICATION)

    assert is_another_person(application, CLIENT | {"birth_date": "1971-01-01"} | NO_DOCUMENT)
    assert not is_another_person(application, CLIENT)
    assert not is_another_person(application, NOBODY)
