"""Abram: products that a client may be offered, and ML checks of what the client showed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.filters.facts import ProductsAnswer
from apps.filters.integrations.endpoints import service
from common.contracts import AnswerModel, Items, Number, broken_contract, read_answer

NAME = "abram"
RESULTS = frozenset({"PASSED", "FAILED", "ERROR"})


class _Product(AnswerModel):
    code: str
    name: str
    min_amount: Number
    max_amount: Number
    interest_rate: Number
    min_term: Number
    max_term: Number
    term_unit: str


class _Products(AnswerModel):
    borrower_type: str
    products: Items[_Product]


class _CheckResults(AnswerModel):
    results: dict[str, Any]  # by the check's name; more may be there than was asked for


def find_products(features: Mapping[str, Any]) -> ProductsAnswer:
    """Return what Abram offers to a client of these features. Raises ServiceError."""
    answer: ProductsAnswer = service(NAME).call(
        "POST", "/api/v1/products", json=dict(features), read=_read_products
    )
    return answer


def _read_products(body: Any) -> ProductsAnswer:
    """The products are handed on as they came, with fields that the contract does not name."""
    answer = read_answer(NAME, _Products, body)
    return ProductsAnswer(answer.borrower_type, tuple(body["products"]))


def check(checks: Sequence[str], subject: Mapping[str, str | None]) -> dict[str, str]:
    """Return the result of each check: PASSED, FAILED or ERROR. Raises ServiceError."""
    results: dict[str, str] = service(NAME).call(
        "POST",
        "/api/v1/checks",
        json={"checks": list(checks), **subject},
        read=lambda body: _read_results(body, checks),
    )
    return results


def _read_results(body: Any, checks: Sequence[str]) -> dict[str, str]:
    results = read_answer(NAME, _CheckResults, body).results
    for name in checks:
        result = results.get(name)
        if not isinstance(result, str) or result not in RESULTS:
            raise broken_contract(NAME, f"results.{name}", _("PASSED, FAILED or ERROR"))
    return {name: results[name] for name in checks}
