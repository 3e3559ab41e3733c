"""What the client card gets, with services that answer and services that are down."""

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from apps.arm.types import (
    ClientRecord,
    DictionaryItem,
    FullName,
    PersonAttribute,
    PersonCheck,
    PersonStatus,
)
from apps.filters.adapters import client_records
from apps.filters.adapters.client_records import LoanRecords
from apps.filters.models import Application
from apps.filters.tests.answers import DEAL
from common.clock import MOSCOW
from common.http import http_service
from simulators.casper.people import make_person
from testing.factories.filters import ApplicationFactory, person_behind
from testing.simulators import Simulators

pytestmark = pytest.mark.django_db

HUNG_FOR_SECONDS = 6.0  # what a request to a service that hangs takes


def record_of(application: Application, **info: Any) -> ClientRecord:
    told = {"first_name": "Айбек", "last_name": "Асанов", "citizenship": "KGZ", **info}
    return LoanRecords().record_of(application.phone, told, f"application:{application.pk}")


def fall_ill(services: Simulators, *names: str) -> None:
    for name in names:
        services.put_faults(name, error_rate=1, error_status=500)


def test_with_all_services_well_the_record_is_whole(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    application = ApplicationFactory.create(**person_behind(unused_phone()))

    record = record_of(application)

    assert record.unavailable == ()
    assert record.person_check == PersonCheck(PersonStatus.SAME)
    assert record.name_ru == FullName(**ordinary_name(application))
    assert record.name_en
    assert {product.kind for product in record.products} >= {"APPLICATION"}
    assert application.application_number in {product.number for product in record.products}
    assert len(record.products) > 1


def ordinary_name(application: Application) -> dict[str, str]:
    """The applicant's name as Casper writes it, not in capitals."""
    names = make_person(int(application.phone)).name_ru
    return {part: name or "" for part, name in names.items()}


def test_nothing_of_another_person_is_in_the_record(services: Simulators) -> None:
    application = ApplicationFactory.create()

    record = record_of(application)

    assert record.person_check is not None
    assert record.person_check.status == PersonStatus.DIFFERENT
    assert record.unavailable == ()
    assert (record.name_ru, record.name_en) == (FullName("Айбек", "Асанов"), None)
    assert record.citizenship == "Киргизия"
    assert [product.number for product in record.products] == [application.application_number]


def test_where_too_little_is_known_the_applications_name_stands(services: Simulators) -> None:
    application = ApplicationFactory.create(birth_date=None, last_name="", document_number="")
    services.control(
        "PUT",
        f"/casper/clients/{application.phone}",
        json={"full_name_ru": {"first": "Айбек", "last": "Асанбеков"}},
    ).raise_for_status()

    record = record_of(application)

    assert record.person_check == PersonCheck(PersonStatus.UNKNOWN)
    assert record.name_ru == FullName("Айбек", "Асанов")
    assert record.name_en
    assert len(record.products) > 1


NOT_WORDS: list[Any] = [{"code": "received"}, ["received"], [[]], 5, True, "", "я" * 10_000]
NOT_FIELDS: list[Any] = [
    {"a": 1}, ["a"], -1, 10**30, 1e300, "9999-12-31T23:59:59Z", "0001-01-01T00:00",
]  # fmt: skip
HOSTILE: list[dict[str, Any]] = [
    *({"loans": [{**DEAL, "status": odd}], "applications": [DEAL, DEAL]} for odd in NOT_WORDS),
    *({"loans": [{**DEAL, field: odd}]} for field in DEAL for odd in NOT_FIELDS),
    {"birth_date": {"year": 1990}, "citizenship": {"code": "KGZ"}},
    {"full_name_ru": {"first": {"x": 1}, "last": ["y"]}, "full_name_en": {}},
    {"loans": [{**DEAL, "documents": [5, {"name": [], "status": {}, "errors": 7}]}]},
    {"loans": [{**DEAL, "documents": {"name": "Паспорт"}}]},
]


def test_whatever_casper_answers_the_card_is_served(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    application = ApplicationFactory.create(**person_behind(unused_phone()))
    path = f"/casper/clients/{application.phone}"

    for changes in HOSTILE:
        services.control("PUT", path, json=changes).raise_for_status()
        record = record_of(application)

        assert record.unavailable == (), changes
        assert application.application_number in {product.number for product in record.products}
        for product in record.products:
            assert product.started_at.astimezone(MOSCOW), changes


@pytest.mark.parametrize("answer", [{"loans": 5}, {"loans": [None]}, {"full_name_ru": "Айбек"}])
def test_an_answer_that_breaks_the_contract_costs_its_part_alone(
    services: Simulators, unused_phone: Callable[[], str], answer: dict[str, Any]
) -> None:
    application = ApplicationFactory.create(**person_behind(unused_phone()))
    services.control("PUT", f"/casper/clients/{application.phone}", json=answer).raise_for_status()

    record = record_of(application)

    assert record.unavailable == ("applications",)
    assert record.person_check is None
    assert [product.number for product in record.products] == [application.application_number]


def test_what_nobody_can_read_costs_its_part_alone(services: Simulators) -> None:
    """A task of an earlier version may hold anything."""
    fall_ill(services, "casper", "abram")

    record = record_of(ApplicationFactory.create(), casper=["x"], abram={"products": [{}]})

    assert record.unavailable == ("applications", "offers")
    assert len(record.products) == 1


def test_with_casper_and_abram_down_the_application_itself_is_still_there(
    services: Simulators,
) -> None:
    fall_ill(services, "casper", "abram")
    application = ApplicationFactory.create(desired_amount=Decimal("30000.50"))

    record = record_of(application)

    assert record.unavailable == ("applications", "offers")
    (product,) = record.products
    assert (product.kind, product.number) == ("APPLICATION", application.application_number)
    assert product.requested_amount == 3_000_050
    assert product.status == DictionaryItem("registered", "Зарегистрирована")
    assert (record.name_ru, record.citizenship) == (FullName("Айбек", "Асанов"), "Киргизия")


def test_services_that_hang_cost_the_card_its_patience_and_no_more(
    services: Simulators,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    unused_phone: Callable[[], str],
) -> None:
    for limits in settings.SERVICE_LIMITS.values():
        limits["read_seconds"] = HUNG_FOR_SECONDS
    http_service.cache_clear()
    monkeypatch.setattr(client_records, "PATIENCE_SECONDS", HUNG_FOR_SECONDS / 20)
    for name in ("casper", "abram"):
        services.put_faults(name, hang=1)
    application = ApplicationFactory.create(phone=unused_phone())
    started = time.monotonic()

    record = record_of(application)

    assert time.monotonic() - started < HUNG_FOR_SECONDS / 2
    assert record.unavailable == ("applications", "offers")
    assert record.name_ru == FullName(first="Айбек", last="Асанов")


def test_what_was_kept_with_the_task_stands_in_for_a_service_that_is_down(
    services: Simulators,
) -> None:
    fall_ill(services, "casper", "abram")
    kept = {
        "casper": {
            "full_name_ru": {"first": "Айбек", "last": "Асанов"},
            "full_name_en": {"first": "Aibek", "last": "Asanov"},
            "birth_date": "1995-05-12",
            "loans": [DEAL],
        },
        "abram": {"borrower_type": "NEW", "products": []},
    }

    record = record_of(ApplicationFactory.create(), **kept)

    assert record.unavailable == ()
    assert record.name_en == FullName("Aibek", "Asanov")
    assert {product.kind for product in record.products} == {"APPLICATION", "LOAN"}


def test_what_an_earlier_version_kept_of_another_person_is_withheld_too(
    services: Simulators,
) -> None:
    fall_ill(services, "casper")
    kept = {"full_name_ru": {"first": "Нурбек", "last": "Исаев"}, "loans": [DEAL]}

    record = record_of(ApplicationFactory.create(), casper=kept)

    assert record.person_check == PersonCheck(PersonStatus.DIFFERENT, (PersonAttribute.NAME,))
    assert [product.kind for product in record.products] == ["APPLICATION"]


def test_a_task_without_an_application_is_shown_by_what_services_know(
    services: Simulators,
) -> None:
    phone = "79000000001"
    person = make_person(int(phone))
    info = {"first_name": person.name_ru["first"], "birth_date": person.birth_date.isoformat()}

    record = LoanRecords().record_of(phone, info, "list:5")

    assert record.unavailable == ()
    assert record.products
