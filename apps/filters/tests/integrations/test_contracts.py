"""What BlackList, Casper and Abram may answer, and what breaks their contracts."""

from typing import Any

import pytest

from apps.filters.facts import ClientAnswer, ProductsAnswer
from apps.filters.integrations import abram, blacklist, casper
from common.service_errors import ContractError

RECORD: dict[str, Any] = {"phone": "79131234567", "device_id": None, "blocked_until": None}
PRODUCT: dict[str, Any] = {
    "code": "fast",
    "name": "Fast",
    "min_amount": 1_000,
    "max_amount": 30_000.5,
    "interest_rate": 0.8,
    "min_term": 7,
    "max_term": 30,
    "term_unit": "day",
}


def records(body: Any) -> Any:
    return blacklist._read(body, {"79131234567"})


def results(body: Any) -> Any:
    return abram._read_results(body, ["ML_FACE"])


STRANGER = {**RECORD, "phone": "79139999999"}
OFFER = {"borrower_type": "new", "products": [{**PRODUCT, "min_term": "7"}]}


@pytest.mark.parametrize(
    ("read", "body", "field"),
    [
        (records, [], "(весь ответ)"),
        (records, {"records": {}}, "records"),
        (records, {"records": [{"phone": "79131234567"}]}, "records[0].blocked_until"),
        (records, {"records": [{**RECORD, "phone": 79131234567}]}, "records[0].phone"),
        (records, {"records": [{**RECORD, "blocked_until": "2026"}]}, "records[0].blocked_until"),
        (records, {"records": [RECORD, STRANGER]}, "records[1]"),
        (casper._read, {"found": 1}, "found"),
        (casper._read, {"found": True}, "client"),
        (casper._read, {"found": True, "client": {"loans": [1]}}, "client.loans[0]"),
        (casper._read, {"found": True, "client": {"full_name_en": "79"}}, "client.full_name_en"),
        (abram._read_products, {"borrower_type": "new"}, "products"),
        (abram._read_products, OFFER, "products[0].min_term"),
        (results, {"results": {"ML_FACE": "79131234567"}}, "results.ML_FACE"),
        (results, {"results": {"ML_FACE": []}}, "results.ML_FACE"),
    ],
)
def test_a_broken_contract_names_the_field_and_no_value(read: Any, body: Any, field: str) -> None:
    with pytest.raises(ContractError) as caught:
        read(body)

    assert f"не по договору: поле {field}, ожидается: " in str(caught.value)
    assert "7913" not in str(caught.value)


def test_what_casper_and_abram_tell_beyond_the_contract_is_kept() -> None:
    client = {"loans": None, "applications": [{"id": 1}], "nickname": "Anna"}
    products = [{**PRODUCT, "advert": "!"}]

    assert casper._read({"found": True, "client": client}) == ClientAnswer(client)
    assert casper._read({"found": False, "client": 5}) == ClientAnswer(None)
    assert abram._read_products({"borrower_type": "new", "products": products}) == ProductsAnswer(
        "new", tuple(products)
    )


def test_a_reason_of_another_kind_is_no_reason_to_refuse_a_record() -> None:
    (record,) = records({"records": [{**RECORD, "reason": 5}]})

    assert (record.reason, record.blocked_until) == ("", None)
