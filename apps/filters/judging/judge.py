"""Judges applications by cascades: our own knowledge first, then the services. Writes nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from apps.filters.cascade.compiled_cascade import SETTINGS, Cascade
from apps.filters.facts import Answers, Facts, Known, Question
from apps.filters.integrations.blacklist import CLIENTS_PER_SEARCH
from apps.filters.judging.service_calls import Asked, ask, is_answered
from apps.filters.rules.base import OutsideRule
from apps.filters.states import VerdictState
from common.service_errors import OutsideError

HEAT_APPLICATIONS = CLIENTS_PER_SEARCH  # smaller parts would make more searches of BlackList


class Judgement(NamedTuple):
    """What a cascade says of an application. ``answers`` is what the services told on the way."""

    application: Facts
    campaign_id: int
    version: int
    state: VerdictState
    rule: str = ""
    reason: str = ""
    answers: Answers | None = None


@dataclass(slots=True)
class Contender:
    """An application in the race for a campaign. ``entered_at``: when it first had to wait."""

    application: Facts
    cascade: Cascade
    answers: Answers
    entered_at: datetime
    position: int = 0
    errors: dict[Question, OutsideError] = field(default_factory=dict)

    @property
    def next_rule(self) -> OutsideRule | None:
        rules = self.cascade.outside
        return rules[self.position] if self.position < len(rules) else None

    def judgement(self, state: VerdictState, rule: str = "", reason: str = "") -> Judgement:
        campaign_id, version = self.cascade.campaign_id, self.cascade.version
        return Judgement(self.application, campaign_id, version, state, rule, reason, self.answers)


Entry = tuple[Facts, Cascade, datetime]


def judge(entries: Sequence[Entry], known: Known, patience: timedelta) -> list[Judgement]:
    """One judgement for each entry: application, cascade, and when the application entered it.

    Services are asked only about applications that no internal filter stops, and once about an
    application, however many cascades want to know.
    """
    judgements, contenders = _judge_inside(entries, known)
    heats = _heats(contenders)
    if not heats:
        return judgements
    race, language = _Race(known, patience), get_language()

    def run(heat: Sequence[Contender]) -> list[Judgement]:
        with override(language):  # which a thread does not inherit
            return race.run(heat)

    with ThreadPoolExecutor(len(heats), thread_name_prefix="heat") as threads:
        return judgements + [judgement for found in threads.map(run, heats) for judgement in found]


def _heats(contenders: Sequence[Contender]) -> list[list[Contender]]:
    """The contenders in parts that race side by side: while one part is at Abram, another is at
    Casper. All contenders of an application are in the same part, so that it is asked about once.
    """
    of_application: dict[int, list[Contender]] = defaultdict(list)
    for contender in contenders:
        of_application[contender.application.id].append(contender)
    groups = list(of_application.values())
    return [
        [contender for group in groups[start : start + HEAT_APPLICATIONS] for contender in group]
        for start in range(0, len(groups), HEAT_APPLICATIONS)
    ]


def _judge_inside(
    entries: Sequence[Entry], known: Known
) -> tuple[list[Judgement], list[Contender]]:
    judgements, contenders = [], []
    answers: dict[int, Answers] = {}
    for application, cascade, entered_at in entries:
        campaign_id, version = cascade.campaign_id, cascade.version
        if cascade.flaw:
            reason = _("the settings of the filters cannot be read: %s") % cascade.flaw
            judgements.append(
                Judgement(application, campaign_id, version, VerdictState.WAITING, SETTINGS, reason)
            )
        elif refusal := cascade.refusal(application, known):
            judgements.append(
                Judgement(application, campaign_id, version, VerdictState.STOPPED, *refusal)
            )
        elif cascade.outside:
            shared = answers.setdefault(application.id, Answers())
            contenders.append(Contender(application, cascade, shared, entered_at))
        else:
            judgements.append(Judgement(application, campaign_id, version, VerdictState.PASSED))
    return judgements, contenders


class _Race:
    """Rounds: every contender goes as far as the answers reach, then what is missing is asked."""

    def __init__(self, known: Known, patience: timedelta) -> None:
        self._known = known
        self._patience = patience

    def run(self, contenders: Sequence[Contender]) -> list[Judgement]:
        judgements = []
        running = list(contenders)
        while running:
            still_running = []
            for contender in running:
                judgement = self._advance(contender)
                if judgement:
                    judgements.append(judgement)
                else:
                    still_running.append(contender)
            self._ask_for(still_running)
            running = still_running
        return judgements

    def _advance(self, contender: Contender) -> Judgement | None:
        """Judge by the answers that are there; None when the next one must be asked for first."""
        while rule := contender.next_rule:
            if is_answered(rule.question, contender.answers, rule.check):
                reason = rule.stops(contender.application, contender.answers, self._known)
                if reason:
                    return contender.judgement(VerdictState.STOPPED, rule.name, reason)
            elif error := contender.errors.get(rule.question):
                judgement = self._without_answer(contender, rule, error)
                if judgement:
                    return judgement
            else:
                return None
            contender.position += 1
        return contender.judgement(VerdictState.PASSED)

    def _without_answer(
        self, contender: Contender, rule: OutsideRule, error: OutsideError
    ) -> Judgement | None:
        """Wait; after the patience stop, or go on where the filter may be skipped."""
        if self._known.now - contender.entered_at < self._patience:
            reason = _("service %s does not answer") % error.service
            return contender.judgement(VerdictState.WAITING, rule.name, reason)
        if rule.may_go_unanswered():
            return None
        reason = _("service unavailable: %s") % error.service
        return contender.judgement(VerdictState.STOPPED, rule.name, reason)

    def _ask_for(self, contenders: Sequence[Contender]) -> None:
        """Ask every question that holds somebody up, about each application once."""
        waiting: Mapping[Question, dict[int, list[Contender]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for contender in contenders:
            if rule := contender.next_rule:
                waiting[rule.question][contender.application.id].append(contender)
        for question, groups in waiting.items():
            asked = [_asked(group) for group in groups.values()]
            errors = ask(question, asked, self._known.now)
            for group, error in zip(groups.values(), errors, strict=True):
                if error:
                    for contender in group:
                        contender.errors[question] = error


def _asked(group: Sequence[Contender]) -> Asked:
    checks = dict.fromkeys(check for c in group for check in c.cascade.checks())
    return Asked(group[0].application, group[0].answers, tuple(checks))
