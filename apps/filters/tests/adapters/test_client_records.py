"""What the card shows of a client, with services well and ill."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from apps.arm.types import ClientRecord, DictionaryItem, FullName
from apps.filters.adapters import card_mapping
from apps.filters.adapters.client_records import LoanRecords
from apps.filters.facts import ClientAnswer, ProductsAnswer, ServiceAnswers
from apps.filters.judging.task_payload import LARGEST_ANSWER_CHARACTERS, client_info
from apps.filters.models import Application
from apps.filters.tests.factories import ApplicationFactory, facts
from simulators.tests.running import Simulators

pytestmark = pytest.mark.django_db

DEAL = {
    "number": "31000001",
    "status": "received",
    "product": "express",
    "requested_amount": 120000,
    "approved_amount": 100000.5,
    "term": 21,
    "term_unit": "day",
    "grace": 3,
    "grace_unit": "day",
    "interest_rate": 0.8,
    "started_at": "2026-10-01T10:00:00Z",
    "ended_at": "2026-10-22T10:00:00Z",
    "documents": [
        {
            "name": "Селфи/ДУЛ",
            "status": "ERROR",
            "errors": [{"error_description": "Плохое качество", "advice": "Дождитесь фокуса"}],
            "advice": "Дождитесь фокуса",
        }
    ],
}


def record_of(application: Application, **info: Any) -> ClientRecord:
    told = {"first_name": "Айбек", "last_name": "Асанов", "citizenship": "KGZ", **info}
    return LoanRecords().record_of(application.phone, told, f"application:{application.pk}")


def fall_ill(services: Simulators, *names: str) -> None:
    for name in names:
        services.control("PUT", f"/faults/{name}", json={"error_rate": 1, "error_status": 500})


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


def test_amounts_are_kopecks_rates_hundredths_and_words_russian() -> None:
    (loan,) = card_mapping.products({"loans": [DEAL]}, None)

    assert (loan.requested_amount, loan.approved_amount) == (12_000_000, 10_000_050)
    assert loan.interest_rate == 80
    assert loan.status == DictionaryItem("received", "Деньги получены")
    assert loan.term_unit == DictionaryItem("day", "дн.")
    assert loan.started_at == datetime(2026, 10, 1, 10, tzinfo=UTC)
    assert loan.documents[0].errors[0].advice == "Дождитесь фокуса"


@pytest.mark.parametrize("nonsense", [None, "", [], [{}], [{"started_at": "yesterday"}], "x"])
def test_deals_that_cannot_be_read_are_left_out(nonsense: Any) -> None:
    assert card_mapping.products({"loans": nonsense, "applications": nonsense}, None) == ()


def test_answers_are_kept_with_the_task_within_a_size_limit() -> None:
    client = {"loans": [DEAL] * 500, "trace": "x" * LARGEST_ANSWER_CHARACTERS, "citizenship": "KGZ"}
    answers = ServiceAnswers(
        client=ClientAnswer(client), products=ProductsAnswer("NEW", ({"code": "express"},))
    )

    info = client_info(facts(), answers)

    assert len(str(info["casper"])) < 1.2 * LARGEST_ANSWER_CHARACTERS
    assert info["casper"]["shortened"] is True
    assert 0 < len(info["casper"]["loans"]) < 500
    assert info["abram"]["products"] == [{"code": "express"}]


def test_an_answer_within_the_limit_is_kept_with_its_unknown_fields() -> None:
    client = {"citizenship": "KGZ", "segments": ["payroll"]}

    info = client_info(facts(), ServiceAnswers(client=ClientAnswer(client)))

    assert info["casper"] == client
