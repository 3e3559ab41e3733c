"""Judges applications by cascades: our own filters first, then those that ask services.

Writes nothing. Services may take seconds to answer, so ``judge`` is called outside a transaction.
"""

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

APPLICATIONS_PER_GROUP = CLIENTS_PER_SEARCH  # smaller groups would make more searches of BlackList


class VerdictKey(NamedTuple):
    """An application has one verdict in each campaign."""

    application_id: int
    campaign_id: int


class Judgement(NamedTuple):
    """What a campaign's cascade says of an application."""

    application: ApplicationFacts
    campaign_id: int
    version: int  # of the cascade's settings
    state: VerdictState
    rule: str = ""  # the filter that stopped the application, or whose service it waits for
    reason: str = ""  # in words, for people; of a pass, what the filters remarked
    answers: ServiceAnswers | None = None  # None: the services were not needed

    @property
    def key(self) -> VerdictKey:
        return VerdictKey(self.application.id, self.campaign_id)


class Entry(NamedTuple):
    """An application that one campaign's cascade is to judge."""

    application: ApplicationFacts
    cascade: CompiledCascade
    entered_at: datetime  # when this cascade first saw it: services are waited for from then on

    @property
    def key(self) -> VerdictKey:
        return VerdictKey(self.application.id, self.cascade.campaign_id)

    def judgement(
        self,
        state: VerdictState,
        rule: str = "",
        reason: str = "",
        answers: ServiceAnswers | None = None,
    ) -> Judgement:
        return Judgement(
            self.application,
            self.cascade.campaign_id,
            version=self.cascade.version,
            state=state,
            rule=rule,
            reason=reason,
            answers=answers,
        )


@dataclass(slots=True)
class PendingJudgement:
    """An entry that our own filters let through and that filters with services judge next.

    ``answers`` are shared by all entries of the same application. ``position`` counts the filters
    that it has passed, ``remarks`` what they said of that; ``errors`` are the questions that a
    service failed to answer.
    """

    entry: Entry
    answers: ServiceAnswers
    position: int = 0
    errors: dict[Question, ServiceError] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def next_rule(self) -> ServiceRule | None:
        """The filter to judge by next; None when all were passed."""
        rules = self.entry.cascade.service_rules
        return rules[self.position] if self.position < len(rules) else None

    def judgement(self, state: VerdictState, rule: str = "", reason: str = "") -> Judgement:
        return self.entry.judgement(state, rule, reason, self.answers)


def judge(entries: Sequence[Entry], history: ClientHistory, patience: timedelta) -> list[Judgement]:
    """Return one judgement for each entry, in no particular order.

    Services are asked only about applications that no internal filter stops, and each question is
    asked once about an application, however many cascades need the answer. A service that fails
    raises nothing: the application waits for it, for ``patience`` at most.
    """
    judgements, pending = _apply_internal_rules(entries, history)
    groups = _split_into_groups(pending)
    if not groups:
        return judgements
    group_judge, language = _GroupJudge(history, patience), get_language()

    def judge_group(group: Sequence[PendingJudgement]) -> list[Judgement]:
        with override(language):  # a thread does not inherit the language
            return group_judge.judge(group)

    with ThreadPoolExecutor(len(groups), thread_name_prefix="judging") as threads:
        for judged in threads.map(judge_group, groups):
            judgements += judged
    return judgements


def _apply_internal_rules(
    entries: Sequence[Entry], history: ClientHistory
) -> tuple[list[Judgement], list[PendingJudgement]]:
    """The entries that are judged without any service, and those that services are needed for."""
    judgements: list[Judgement] = []
    pending: list[PendingJudgement] = []
    answers: dict[int, ServiceAnswers] = {}
    for entry in entries:
        if entry.cascade.flaw:
            reason = _("the settings of the filters cannot be read: %s") % entry.cascade.flaw
            judgements.append(entry.judgement(VerdictState.WAITING, SETTINGS, reason))
        elif stop := entry.cascade.first_stop(entry.application, history):
            judgements.append(entry.judgement(VerdictState.STOPPED, stop.rule, stop.reason))
        elif entry.cascade.service_rules:
            shared = answers.setdefault(entry.application.id, ServiceAnswers())
            pending.append(PendingJudgement(entry, shared))
        else:
            judgements.append(entry.judgement(VerdictState.PASSED))
    return judgements, pending


def _split_into_groups(pending: Sequence[PendingJudgement]) -> list[list[PendingJudgement]]:
    """Groups that are judged in parallel: while Abram answers about one, Casper answers about
    another. All judgements of an application are in one group, so that it is asked about once.
    """
    of_application: dict[int, list[PendingJudgement]] = defaultdict(list)
    for judgement in pending:
        of_application[judgement.entry.application.id].append(judgement)
    applications = list(of_application.values())
    return [
        [
            judgement
            for judgements in applications[start : start + APPLICATIONS_PER_GROUP]
            for judgement in judgements
        ]
        for start in range(0, len(applications), APPLICATIONS_PER_GROUP)
    ]


class _GroupJudge:
    """Judges a group in rounds: every application goes as far as the answers reach, then the
    services are asked for the answers that are missing.
    """

    def __init__(self, history: ClientHistory, patience: timedelta) -> None:
        self._history = history
        self._patience = patience

    def judge(self, group: Sequence[PendingJudgement]) -> list[Judgement]:
        judgements = []
        undecided = list(group)
        while undecided:
            still_undecided = []
            for pending in undecided:
                judgement = self._advance(pending)
                if judgement:
                    judgements.append(judgement)
                else:
                    still_undecided.append(pending)
            self._ask_services(still_undecided)
            undecided = still_undecided
        return judgements

    def _advance(self, pending: PendingJudgement) -> Judgement | None:
        """Judge by the answers that are there; None when another answer is needed first."""
        while rule := pending.next_rule:
            if is_answered(rule.question, pending.answers, rule.check):
                judgement = self._judge_by_answer(pending, rule)
            elif error := pending.errors.get(rule.question):
                judgement = self._judge_without_answer(pending, rule, error)
            else:
                return None
            if judgement:
                return judgement
            pending.position += 1
        return pending.judgement(VerdictState.PASSED, reason="; ".join(pending.remarks))

    def _judge_by_answer(self, pending: PendingJudgement, rule: ServiceRule) -> Judgement | None:
        """None when the filter is passed. An answer that it cannot read is as good as none."""
        try:
            reason = rule.stops(pending.entry.application, pending.answers, self._history)
        except ServiceError as error:
            return self._judge_without_answer(pending, rule, error)
        if reason:
            return pending.judgement(VerdictState.STOPPED, rule.name, reason)
        if remark := rule.remark(pending.entry.application, pending.answers):
            pending.remarks.append(remark)
        return None

    def _judge_without_answer(
        self, pending: PendingJudgement, rule: ServiceRule, error: ServiceError
    ) -> Judgement | None:
        """Wait while there is patience, then stop; None where the filter may be skipped then."""
        if self._history.now - pending.entry.entered_at < self._patience:
            reason = _("service %s does not answer") % error.service
            return pending.judgement(VerdictState.WAITING, rule.name, reason)
        if rule.may_go_unanswered():
            return None
        reason = _("service unavailable: %s") % error.service
        return pending.judgement(VerdictState.STOPPED, rule.name, reason)

    def _ask_services(self, undecided: Sequence[PendingJudgement]) -> None:
        """Ask each question that is open, once about each application; keep answers and errors."""
        open_questions: Mapping[Question, dict[int, list[PendingJudgement]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for pending in undecided:
            if rule := pending.next_rule:
                open_questions[rule.question][pending.entry.application.id].append(pending)
        for question, of_application in open_questions.items():
            requests = [_request_for(same) for same in of_application.values()]
            errors = ask(question, requests, self._history.now)
            for same, error in zip(of_application.values(), errors, strict=True):
                if error:
                    for pending in same:
                        pending.errors[question] = error


def _request_for(same_application: Sequence[PendingJudgement]) -> ServiceRequest:
    """One request for all cascades that judge the application; each check is named once."""
    first = same_application[0]
    checks = dict.fromkeys(
        check for pending in same_application for check in pending.entry.cascade.checks()
    )
    return ServiceRequest(first.entry.application, first.answers, checks=tuple(checks))
