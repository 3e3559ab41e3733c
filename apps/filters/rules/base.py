"""Base classes of the rules: a rule is the class that implements one filter.

Another rule is another class in this folder; nothing else names it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from apps.filters.facts import ApplicationFacts, ClientHistory, Question, ServiceAnswers
from apps.filters.rules.settings import Setting


class Rule(ABC):
    """A filter with the values of its settings. One is made for each version of a cascade and
    judges many applications."""

    # the filter's name in ``filters-order`` and in verdicts; only a class that has one is a filter
    name: ClassVar[str]
    title: ClassVar[Any]  # a lazy translation, for which django-stubs names no public type
    settings: ClassVar[tuple[Setting, ...]] = ()
    # the filter stops nobody unless at least one of its settings is set
    needs_a_setting: ClassVar[bool] = False

    def __init__(self, values: Mapping[str, Any]) -> None:
        """``values`` are those of the whole cascade, as ``read_settings`` returned them."""
        self.values = values


class InternalRule(Rule):
    """A filter that needs no service."""

    @abstractmethod
    def stops(self, application: ApplicationFacts, history: ClientHistory) -> str | None:
        """Return why the application is stopped, in words; None when it passes."""


class ServiceRule(Rule):
    """A filter that judges by a service's answer."""

    question: ClassVar[Question]
    # for Question.CHECKS: which of Abram's checks
    check: ClassVar[str] = ""
    # every reason of ``stops``, untranslated; what follows a % varies
    reasons: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def stops(
        self, application: ApplicationFacts, answers: ServiceAnswers, history: ClientHistory
    ) -> str | None:
        """Return why the application is stopped, in words; None when it passes.

        Called once ``answers`` hold the answer to ``question``.
        """

    def remark(self, application: ApplicationFacts, answers: ServiceAnswers) -> str:
        """What people should know about a pass, in words; "" where there is nothing to tell."""
        return ""

    def follows_from_an_answer(self, reason: str) -> bool:
        """Whether a stored reason is one of this filter's own, and does not tell of a service that
        gave no answer.
        """
        return any(reason.startswith(_(own).partition("%")[0]) for own in self.reasons)

    def may_go_unanswered(self) -> bool:
        """Whether the check is skipped when the service has not answered for long enough."""
        return False
