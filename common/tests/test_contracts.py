"""Answers of outside services: read strictly, and refused without a word of what they hold."""

from datetime import UTC, datetime
from typing import Any

import pytest

from common.contracts import AnswerModel, Items, Key, Moment, Number, UtcMoment, read_answer
from common.service_errors import ContractError


class _Person(AnswerModel):
    phone: str | None
    age: int = 0
    sum: Number = 0.0
    blocked: bool = False


class _Answer(AnswerModel):
    people: Items[_Person]
    name: Key = ""
    at: Moment | None = None
    utc: UtcMoment | None = None


PERSON: dict[str, Any] = {"phone": "79131234567"}


def flaw(body: Any) -> str:
    with pytest.raises(ContractError) as caught:
        read_answer("some", _Answer, body)
    return str(caught.value).removeprefix("some: ответ сервиса не по договору: поле ")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (None, "(весь ответ), ожидается: объект"),
        ({}, "people, ожидается: значение"),
        ({"people": {}}, "people, ожидается: список"),
        ({"people": ["79131234567"]}, "people[0], ожидается: объект"),
        ({"people": [PERSON, {}]}, "people[1].phone, ожидается: значение"),
        ({"people": [{"phone": 79131234567}]}, "people[0].phone, ожидается: текст"),
        ({"people": [{**PERSON, "age": "18"}]}, "people[0].age, ожидается: целое число"),
        ({"people": [{**PERSON, "age": True}]}, "people[0].age, ожидается: целое число"),
        ({"people": [{**PERSON, "age": 18.0}]}, "people[0].age, ожидается: целое число"),
        ({"people": [{**PERSON, "sum": "1"}]}, "people[0].sum, ожидается: число"),
        ({"people": [{**PERSON, "sum": True}]}, "people[0].sum, ожидается: число"),
        ({"people": [{**PERSON, "sum": 10**400}]}, "people[0].sum, ожидается: число"),
        ({"people": [{**PERSON, "blocked": 1}]}, "people[0].blocked, ожидается: true или false"),
        ({"people": [], "name": True}, "name, ожидается: текст"),
        ({"people": [], "at": "tomorrow"}, "at, ожидается: дата и время по ISO 8601"),
        ({"people": [], "at": 1_700_000_000}, "at, ожидается: дата и время по ISO 8601"),
        ({"people": [], "at": "2026-01-01T00:00:00"}, "at, ожидается: время с часовым поясом"),
    ],
)
def test_a_flaw_names_its_field_and_what_was_expected_and_no_value(body: Any, told: str) -> None:
    assert flaw(body) == told


def test_what_fits_is_read_and_more_than_the_contract_names_is_ignored() -> None:
    body = {
        "people": [{"phone": None, "sum": 5, "new": 1}],
        "name": 17,
        "at": "2026-01-01T03:00:00+03:00",
        "utc": "2026-01-01T00:00:00",
    }

    found = read_answer("some", _Answer, body)

    assert (found.people[0].phone, found.people[0].sum, found.name) == (None, 5, "17")
    assert found.at == found.utc == datetime(2026, 1, 1, tzinfo=UTC)


def test_the_first_flaw_of_a_long_list_ends_the_reading() -> None:
    assert flaw({"people": [1] * 100_000}) == "people[0], ожидается: объект"
