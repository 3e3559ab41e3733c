"""Abram: products that a client may be offered, and ML checks of what the client showed."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.filters.facts import ProductsAnswer
from apps.filters.integrations import contract
from apps.filters.integrations.endpoints import service
from common.service_errors import ContractError

NAME = "abram"
RESULTS = frozenset({"PASSED", "FAILED", "ERROR"})
NUMBERS = ("min_amount", "max_amount", "interest_rate", "min_term", "max_term")
TEXTS = ("code", "name", "term_unit")


def find_products(features: Mapping[str, Any]) -> ProductsAnswer:
    """What Abram offers to a client of these features. Raises ServiceError."""
    answer: ProductsAnswer = service(NAME).call(
        "POST", "/api/v1/products", json=dict(features), read=_read_products
    )
    return answer


def _read_products(body: Any) -> ProductsAnswer:
    answer = contract.mapping(NAME, body, "the answer")
    borrower_type = contract.field(NAME, answer, "borrower_type", str, "the answer")
    products = contract.objects(NAME, answer.get("products"), "products")
    for number, product in enumerate(products):
        for key in TEXTS:
            contract.field(NAME, product, key, str, f"products[{number}]")
        for key in NUMBERS:
            contract.field(NAME, product, key, (int, float), f"products[{number}]")
    return ProductsAnswer(borrower_type, tuple(products))


def check(checks: Sequence[str], subject: Mapping[str, str | None]) -> dict[str, str]:
    """The result of each check: PASSED, FAILED or ERROR. Raises ServiceError."""

    def read(body: Any) -> dict[str, str]:
        answer = contract.mapping(NAME, body, "the answer")
        results = contract.mapping(NAME, answer.get("results"), "results")
        for name in checks:
            if results.get(name) not in RESULTS:
                raise ContractError(NAME, f"results.{name} is not PASSED, FAILED or ERROR")
        return {name: results[name] for name in checks}

    results: dict[str, str] = service(NAME).call(
        "POST", "/api/v1/checks", json={"checks": list(checks), **subject}, read=read
    )
    return results
