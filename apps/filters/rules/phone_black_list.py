"""PHONE_BLACK_LIST: the company's own blacklist, the service BlackList."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from apps.filters.facts import ApplicationFacts, ClientHistory, Question, ServiceAnswers
from apps.filters.rules.base import ServiceRule

LISTED = gettext_noop("is on the blacklist")
LISTED_BECAUSE = gettext_noop("is on the blacklist: %s")


class PhoneBlackList(ServiceRule):
    """Passes when no live record names the phone or the device; never without an answer."""

    name = "PHONE_BLACK_LIST"
    title = gettext_lazy("blacklist")
    question = Question.BLACKLIST
    reasons = (LISTED, LISTED_BECAUSE)

    def stops(
        self, application: ApplicationFacts, answers: ServiceAnswers, history: ClientHistory
    ) -> str | None:
        found = answers.blacklist
        if found is None or not found.blocked:
            return None
        if not found.reason:
            return _(LISTED)
        return _(LISTED_BECAUSE) % found.reason
