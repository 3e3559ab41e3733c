"""ML_DEVICE, ML_DOCUMENT, ML_FACE, ML_PHONE: the checks that Abram makes."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.filters.facts import ApplicationFacts, ClientHistory, Question, ServiceAnswers
from apps.filters.rules.base import ServiceRule
from apps.filters.rules.settings import Flag

SKIP_ERROR = "ml-skip-error"


class MlCheck(ServiceRule):
    """Passes when the check is PASSED.

    With ``ml-skip-error: true`` a check is skipped that ends in ERROR or is not answered in the
    time that services are waited for; without it such a check stops the client.
    """

    question = Question.CHECKS
    settings = (
        Flag(
            key=SKIP_ERROR,
            label=gettext_lazy("skip errors of ML"),
            help=gettext_lazy(
                "On: a check that fails for ML's own reasons is skipped. Off: it stops."
            ),
        ),
    )

    def stops(
        self, application: ApplicationFacts, answers: ServiceAnswers, history: ClientHistory
    ) -> str | None:
        result = answers.checks[self.check]
        if result == "PASSED" or (result == "ERROR" and self.may_go_unanswered()):
            return None
        if result == "ERROR":
            return _("the check could not be made: ML error")
        return _("the check was not passed")

    def may_go_unanswered(self) -> bool:
        return bool(self.values.get(SKIP_ERROR))


class MlDevice(MlCheck):
    name = "ML_DEVICE"
    title = gettext_lazy("device check")
    check = "DEVICE"


class MlDocument(MlCheck):
    name = "ML_DOCUMENT"
    title = gettext_lazy("document check")
    check = "DOCUMENT"


class MlFace(MlCheck):
    name = "ML_FACE"
    title = gettext_lazy("face check")
    check = "FACE"


class MlPhone(MlCheck):
    name = "ML_PHONE"
    title = gettext_lazy("phone check")
    check = "PHONE"
