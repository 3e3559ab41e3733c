"""PHONE_BLACK_LIST: the company's own blacklist, the service BlackList."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.filters.facts import ApplicationFacts, ClientHistory, Question, ServiceAnswers
from apps.filters.rules.base import ServiceRule


class PhoneBlackList(ServiceRule):
    """Passes when no live record names the phone or the device; never without an answer."""

    name = "PHONE_BLACK_LIST"
    title = gettext_lazy("blacklist")
    question = Question.BLACKLIST

    def stops(
        self, application: ApplicationFacts, answers: ServiceAnswers, history: ClientHistory
    ) -> str | None:
        found = answers.blacklist
        if found is None or not found.blocked:
            return None
        if not found.reason:
            return _("is on the blacklist")
        return _("is on the blacklist: %s") % found.reason
