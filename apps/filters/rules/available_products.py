"""AVAILABLE_PRODUCTS: the products that Abram offers the client."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from apps.filters.facts import ApplicationFacts, ClientHistory, Question, ServiceAnswers
from apps.filters.rules.base import ServiceRule
from apps.filters.rules.settings import Words

NO_PRODUCT = gettext_noop("no product is available")
NONE_WANTED = gettext_noop("none of the wanted products is available")


class AvailableProducts(ServiceRule):
    """Passes when a product is offered; when products are listed, one of these."""

    name = "AVAILABLE_PRODUCTS"
    title = gettext_lazy("available products")
    question = Question.PRODUCTS
    reasons = (NO_PRODUCT, NONE_WANTED)
    settings = (
        Words(
            key="products",
            label=gettext_lazy("wanted products"),
            help=gettext_lazy("Any of these products; empty: any product at all."),
        ),
    )

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self._wanted = frozenset(code.casefold() for code in values.get("products", ()))

    def stops(
        self, application: ApplicationFacts, answers: ServiceAnswers, history: ClientHistory
    ) -> str | None:
        found = answers.products.products if answers.products else ()
        if not found:
            return _(NO_PRODUCT)
        if self._wanted and not any(p["code"].casefold() in self._wanted for p in found):
            return _(NONE_WANTED)
        return None
