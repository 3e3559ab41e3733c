"""ML_DEVICE, ML_DOCUMENT, ML_FACE, ML_PHONE, and ML_<NAME> of each check that settings name: the
checks that Abram makes.

A new check of Abram needs no class: ``ml-checks: INCOME`` makes the filter ML_INCOME.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Annotated

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from apps.filters.facts import ApplicationFacts, ClientHistory, Question, ServiceAnswers
from apps.filters.rules.base import ServiceRule
from apps.filters.rules.settings import Flag, Word, Words
from common.configuration import expecting

ML_ERROR = gettext_noop("the check could not be made: ML error")
NOT_PASSED = gettext_noop("the check was not passed")

PREFIX = "ML_"  # of the filter's name, before the check's
ML_CHECKS = "ml-checks"
SKIP_ERROR = "ml-skip-error"
CHECK = re.compile(r"[A-Z][A-Z0-9_]{0,31}")
CheckName = Annotated[
    Word, expecting(lambda: _("the name of a check of Abram, e.g. INCOME"), CHECK.fullmatch)
]


class MlCheck(ServiceRule):
    """Passes when the check is PASSED.

    With ``ml-skip-error: true`` a check is skipped that ends in ERROR or is not answered in the
    time that services are waited for; without it such a check stops the client.
    """

    question = Question.CHECKS
    reasons = (ML_ERROR, NOT_PASSED)
    settings = (
        Flag(
            key=SKIP_ERROR,
            label=gettext_lazy("skip errors of ML"),
            help=gettext_lazy(
                "On: a check that fails for ML's own reasons is skipped. Off: it stops."
            ),
        ),
        Words(
            key=ML_CHECKS,
            label=gettext_lazy("other ML checks"),
            help=gettext_lazy(
                "Further checks that Abram makes, e.g. INCOME. Each is a filter of its own, "
                "ML_INCOME, which has a place in the order once this is saved."
            ),
            word=CheckName,
        ),
    )

    def stops(
        self, application: ApplicationFacts, answers: ServiceAnswers, history: ClientHistory
    ) -> str | None:
        result = answers.checks[self.check]
        if result == "PASSED" or (result == "ERROR" and self.may_go_unanswered()):
            return None
        if result == "ERROR":
            return _(ML_ERROR)
        return _(NOT_PASSED)

    def may_go_unanswered(self) -> bool:
        return bool(self.values.get(SKIP_ERROR))

    def result_behind(self, reason: str) -> str | None:
        """The result that made this filter stop for ``reason``, or pass where that is empty; None
        where it does not follow.
        """
        if not reason:
            return None if self.may_go_unanswered() else "PASSED"
        return {_(ML_ERROR): "ERROR", _(NOT_PASSED): "FAILED"}.get(reason)


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


def checks_named(names: Iterable[str]) -> dict[str, type[MlCheck]]:
    """Name of the filter → its rule, for the checks that ``ml-checks`` names."""
    return {PREFIX + name: _check_named(name) for name in names if CHECK.fullmatch(name)}


@cache
def _check_named(name: str) -> type[MlCheck]:
    title = format_lazy(gettext_lazy("check {name}"), name=name)
    return type(f"Ml_{name}", (MlCheck,), {"name": PREFIX + name, "title": title, "check": name})
