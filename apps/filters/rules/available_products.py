"""AVAILABLE_PRODUCTS: what Abram offers."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.filters.facts import ApplicationFacts, ClientHistory, Question, ServiceAnswers
from apps.filters.rules.base import ServiceRule
from apps.filters.rules.settings import open_set


class AvailableProducts(ServiceRule):
    """Passes when at least one product is offered, of those listed where some are."""

    name = "AVAILABLE_PRODUCTS"
    title = gettext_lazy("available products")
    question = Question.PRODUCTS
    keys = {"products": open_set}

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self._wanted = frozenset(code.casefold() for code in settings.get("products", ()))

    def stops(
        self, application: ApplicationFacts, answers: ServiceAnswers, known: ClientHistory
    ) -> str | None:
        found = answers.products.products if answers.products else ()
        if not found:
            return _("no product is available")
        if self._wanted and not any(p["code"].casefold() in self._wanted for p in found):
            return _("none of the wanted products is available")
        return None
