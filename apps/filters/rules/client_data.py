"""CLIENT_DATA: what Casper knows of the client."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from apps.filters.facts import ApplicationFacts, ClientHistory, Question, ServiceAnswers
from apps.filters.person_check import is_another_person
from apps.filters.rules.base import ServiceRule
from apps.filters.rules.client_conditions import Conditions, forbids

FORBIDDEN = gettext_noop("client data forbid the call: %s")
CONDITIONS = "casper-conditions"


class ClientData(ServiceRule):
    """Passes when none of the conditions holds, when Casper does not know the client, and when it
    knows the phone as another person's: nobody is refused for somebody else's loans."""

    name = "CLIENT_DATA"
    title = gettext_lazy("client data")
    question = Question.CLIENT
    reasons = (FORBIDDEN,)
    settings = (
        Conditions(
            key=CONDITIONS,
            label=gettext_lazy("conditions that forbid the call"),
            help=gettext_lazy(
                "What forbids a call, in YAML: - {field: loans.status, in: [overdue]}"
            ),
        ),
    )
    needs_a_setting = True

    def stops(
        self, application: ApplicationFacts, answers: ServiceAnswers, history: ClientHistory
    ) -> str | None:
        client = answers.client.client if answers.client else None
        if client is None or is_another_person(application, client):
            return None
        conditions: list[dict[str, Any]] = self.values.get(CONDITIONS, [])
        for condition in conditions:
            if forbids(condition, client):
                return _(FORBIDDEN) % str(condition["field"])
        return None

    def remark(self, application: ApplicationFacts, answers: ServiceAnswers) -> str:
        client = answers.client.client if answers.client else None
        if client is None or not is_another_person(application, client):
            return ""
        return _("client data not judged: Casper knows the phone as another person's")
