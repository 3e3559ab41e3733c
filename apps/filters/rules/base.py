"""What a filter is: a small class with a name, its settings and a verdict in words.

A filter is added by one file in ``rules/``; nothing else names it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from apps.filters.facts import ApplicationFacts, ClientHistory, Question, ServiceAnswers
from apps.filters.rules.settings import Reader


class Rule(ABC):
    """A filter with its settings. It is made once for a version of a cascade, then judges many."""

    name: ClassVar[str]
    title: ClassVar[Any]  # a lazy translation; its type is django-stubs' own secret
    # settings of this filter: key of the YAML file → how its value is read
    keys: ClassVar[Mapping[str, Reader]] = {}
    # the filter says nothing unless at least one of these is set
    needs_one_of: ClassVar[tuple[str, ...]] = ()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """``settings`` is the whole cascade's, as ``cascade_settings.read`` returned it."""
        self.settings = settings


class InternalRule(Rule):
    """A filter that needs no service."""

    @abstractmethod
    def stops(self, application: ApplicationFacts, known: ClientHistory) -> str | None:
        """Why the application does not pass, in words; None when it passes."""


class ServiceRule(Rule):
    """A filter that judges by a service's answer."""

    question: ClassVar[Question]
    # for Question.CHECKS: which of Abram's checks
    check: ClassVar[str] = ""

    @abstractmethod
    def stops(
        self, application: ApplicationFacts, answers: ServiceAnswers, known: ClientHistory
    ) -> str | None:
        """Why the application does not pass. The question has been answered."""

    def may_go_unanswered(self) -> bool:
        """Whether the check is skipped once the service was waited for long enough."""
        return False
