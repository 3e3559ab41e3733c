"""CLIENT_DATA: what Casper knows of the client."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.filters.facts import ApplicationFacts, ClientHistory, Question, ServiceAnswers
from apps.filters.rules import client_conditions
from apps.filters.rules.base import ServiceRule


class ClientData(ServiceRule):
    """Passes when none of the conditions holds; nothing forbids a client whom Casper knows not."""

    name = "CLIENT_DATA"
    title = gettext_lazy("client data")
    question = Question.CLIENT
    keys = {"casper-conditions": client_conditions.read}
    needs_one_of = ("casper-conditions",)

    def stops(
        self, application: ApplicationFacts, answers: ServiceAnswers, known: ClientHistory
    ) -> str | None:
        client = answers.client.client if answers.client else None
        if client is None:
            return None
        conditions: list[dict[str, Any]] = self.settings.get("casper-conditions", [])
        for condition in conditions:
            if client_conditions.forbids(condition, client):
                return _("client data forbid the call: %s") % str(condition["field"])
        return None
