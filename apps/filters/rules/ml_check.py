"""What the filters by Abram's checks have in common."""

from django.utils.translation import gettext as _

from apps.filters.facts import ApplicationFacts, ClientHistory, Question, ServiceAnswers
from apps.filters.rules.base import ServiceRule
from apps.filters.rules.settings import flag


class MlCheck(ServiceRule):
    """Passes when the check is PASSED.

    With ``ml-skip-error: true`` a check that ends in ERROR, or is not answered in the time that
    services are waited for, is skipped; else it stops the client.
    """

    question = Question.CHECKS
    keys = {"ml-skip-error": flag}

    def stops(
        self, application: ApplicationFacts, answers: ServiceAnswers, known: ClientHistory
    ) -> str | None:
        result = answers.checks[self.check]
        if result == "PASSED" or (result == "ERROR" and self.may_go_unanswered()):
            return None
        if result == "ERROR":
            return _("the check could not be made: ML error")
        return _("the check was not passed")

    def may_go_unanswered(self) -> bool:
        return bool(self.settings.get("ml-skip-error"))
