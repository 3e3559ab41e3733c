"""What the client card gets, with services that answer and services that are down."""

from decimal import Decimal
from typing import Any

import pytest

from apps.arm.types import ClientRecord, DictionaryItem, FullName
from apps.filters.adapters.client_records import LoanRecords
from apps.filters.models import Application
from apps.filters.tests.answers import DEAL
from testing.factories.filters import ApplicationFactory
from testing.simulators import Simulators

pytestmark = pytest.mark.django_db


def record_of(application: Application, **info: Any) -> ClientRecord:
    told = {"first_name": "Айбек", "last_name": "Асанов", "citizenship": "KGZ", **info}
    return LoanRecords().record_of(application.phone, told, f"application:{application.pk}")


def fall_ill(services: Simulators, *names: str) -> None:
    for name in names:
        services.put_faults(name, error_rate=1, error_status=500)


def test_with_all_services_well_the_record_is_whole(services: Simulators) -> None:
    application = ApplicationFactory.create()

    record = record_of(application)

    assert record.unavailable == ()
    assert record.name_ru
    assert record.name_en
    assert {product.kind for product in record.products} >= {"APPLICATION"}
    assert application.application_number in {product.number for product in record.products}


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


def test_what_was_kept_with_the_task_stands_in_for_a_service_that_is_down(
    services: Simulators,
) -> None:
    fall_ill(services, "casper", "abram")
    kept = {
        "casper": {"full_name_ru": {"first": "Нурбек", "last": "Исаев"}, "loans": [DEAL]},
        "abram": {"borrower_type": "NEW", "products": []},
    }

    record = record_of(ApplicationFactory.create(), **kept)

    assert record.unavailable == ()
    assert record.name_ru == FullName("Нурбек", "Исаев")
    assert {product.kind for product in record.products} == {"APPLICATION", "LOAN"}


def test_a_task_without_an_application_is_shown_by_what_services_know(
    services: Simulators,
) -> None:
    record = LoanRecords().record_of("79000000001", {"first_name": "Анна"}, "list:5")

    assert record.unavailable == ()
    assert record.products
