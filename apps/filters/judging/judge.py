"""Judges applications by cascades: our own knowledge first, then the services. Writes nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from apps.filters.cascade.compiled_cascade import SETTINGS, CompiledCascade
from apps.filters.facts import ApplicationFacts, ClientHistory, Question, ServiceAnswers
from apps.filters.integrations.blacklist import CLIENTS_PER_SEARCH
from apps.filters.judging.service_calls import ServiceRequest, ask, is_answered
from apps.filters.rules.base import ServiceRule
from apps.filters.states import VerdictState
from common.service_errors import ServiceError

GROUP_SIZE = CLIENTS_PER_SEARCH  # smaller parts would make more searches of BlackList


class Judgement(NamedTuple):
    """What a cascade says of an application. ``answers`` is what the services told on the way."""

    application: ApplicationFacts
    campaign_id: int
    version: int
    state: VerdictState
    rule: str = ""
    reason: str = ""
    answers: ServiceAnswers | None = None


@dataclass(slots=True)
class PendingJudgement:
    """An application in the evaluation for a campaign. ``entered_at``: when it first had to
    wait."""

    application: ApplicationFacts
    cascade: CompiledCascade
    answers: ServiceAnswers
    entered_at: datetime
    position: int = 0
    errors: dict[Question, ServiceError] = field(default_factory=dict)

    @property
    def next_rule(self) -> ServiceRule | None:
        rules = self.cascade.service_rules
        return rules[self.position] if self.position < len(rules) else None

    def judgement(self, state: VerdictState, rule: str = "", reason: str = "") -> Judgement:
        campaign_id, version = self.cascade.campaign_id, self.cascade.version
        return Judgement(self.application, campaign_id, version, state, rule, reason, self.answers)


Entry = tuple[ApplicationFacts, CompiledCascade, datetime]


def judge(entries: Sequence[Entry], known: ClientHistory, patience: timedelta) -> list[Judgement]:
    """One judgement for each entry: application, cascade, and when the application entered it.

    Services are asked only about applications that no internal filter stops, and once about an
    application, however many cascades want to know.
    """
    judgements, pending = _apply_internal_rules(entries, known)
    groups = _groups(pending)
    if not groups:
        return judgements
    evaluation, language = _Evaluation(known, patience), get_language()

    def run(group: Sequence[PendingJudgement]) -> list[Judgement]:
        with override(language):  # which a thread does not inherit
            return evaluation.run(group)

    with ThreadPoolExecutor(len(groups), thread_name_prefix="group") as threads:
        return judgements + [judgement for found in threads.map(run, groups) for judgement in found]


def _groups(pending: Sequence[PendingJudgement]) -> list[list[PendingJudgement]]:
    """The pending in parts that evaluation side by side: while one part is at Abram, another is at
    Casper. All pending of an application are in the same part, so that it is asked about once.
    """
    of_application: dict[int, list[PendingJudgement]] = defaultdict(list)
    for one in pending:
        of_application[one.application.id].append(one)
    groups = list(of_application.values())
    return [
        [one for group in groups[start : start + GROUP_SIZE] for one in group]
        for start in range(0, len(groups), GROUP_SIZE)
    ]


def _apply_internal_rules(
    entries: Sequence[Entry], known: ClientHistory
) -> tuple[list[Judgement], list[PendingJudgement]]:
    judgements, pending = [], []
    answers: dict[int, ServiceAnswers] = {}
    for application, cascade, entered_at in entries:
        campaign_id, version = cascade.campaign_id, cascade.version
        if cascade.flaw:
            reason = _("the settings of the filters cannot be read: %s") % cascade.flaw
            judgements.append(
                Judgement(application, campaign_id, version, VerdictState.WAITING, SETTINGS, reason)
            )
        elif stop := cascade.first_stop(application, known):
            judgements.append(
                Judgement(application, campaign_id, version, VerdictState.STOPPED, *stop)
            )
        elif cascade.service_rules:
            shared = answers.setdefault(application.id, ServiceAnswers())
            pending.append(PendingJudgement(application, cascade, shared, entered_at))
        else:
            judgements.append(Judgement(application, campaign_id, version, VerdictState.PASSED))
    return judgements, pending


class _Evaluation:
    """Rounds: every one goes as far as the answers reach, then what is missing is asked."""

    def __init__(self, known: ClientHistory, patience: timedelta) -> None:
        self._known = known
        self._patience = patience

    def run(self, pending: Sequence[PendingJudgement]) -> list[Judgement]:
        judgements = []
        running = list(pending)
        while running:
            still_running = []
            for one in running:
                judgement = self._advance(one)
                if judgement:
                    judgements.append(judgement)
                else:
                    still_running.append(one)
            self._ask_for(still_running)
            running = still_running
        return judgements

    def _advance(self, one: PendingJudgement) -> Judgement | None:
        """Judge by the answers that are there; None when the next one must be asked for first."""
        while rule := one.next_rule:
            if is_answered(rule.question, one.answers, rule.check):
                reason = rule.stops(one.application, one.answers, self._known)
                if reason:
                    return one.judgement(VerdictState.STOPPED, rule.name, reason)
            elif error := one.errors.get(rule.question):
                judgement = self._without_answer(one, rule, error)
                if judgement:
                    return judgement
            else:
                return None
            one.position += 1
        return one.judgement(VerdictState.PASSED)

    def _without_answer(
        self, one: PendingJudgement, rule: ServiceRule, error: ServiceError
    ) -> Judgement | None:
        """Wait; after the patience stop, or go on where the filter may be skipped."""
        if self._known.now - one.entered_at < self._patience:
            reason = _("service %s does not answer") % error.service
            return one.judgement(VerdictState.WAITING, rule.name, reason)
        if rule.may_go_unanswered():
            return None
        reason = _("service unavailable: %s") % error.service
        return one.judgement(VerdictState.STOPPED, rule.name, reason)

    def _ask_for(self, pending: Sequence[PendingJudgement]) -> None:
        """Ask every question that holds somebody up, about each application once."""
        waiting: Mapping[Question, dict[int, list[PendingJudgement]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for one in pending:
            if rule := one.next_rule:
                waiting[rule.question][one.application.id].append(one)
        for question, groups in waiting.items():
            asked = [_asked(group) for group in groups.values()]
            errors = ask(question, asked, self._known.now)
            for group, error in zip(groups.values(), errors, strict=True):
                if error:
                    for one in group:
                        one.errors[question] = error


def _asked(group: Sequence[PendingJudgement]) -> ServiceRequest:
    checks = dict.fromkeys(check for c in group for check in c.cascade.checks())
    return ServiceRequest(group[0].application, group[0].answers, tuple(checks))
