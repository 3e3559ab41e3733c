"""Compares what two versions of the settings make of stored applications. Writes nothing and asks
no service: answers that were not kept are counted as lacking.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from apps.campaigns import selectors as campaigns
from apps.filters.cascade.compiled_cascade import CompiledCascade
from apps.filters.facts import ApplicationFacts, ClientHistory
from apps.filters.judging.kept_answers import KeptAnswers, kept_answers
from apps.filters.rules.communication_history import CommunicationHistory
from common.clock import moscow_today

EXAMPLES = 5  # of each change


def _fields_of(record: Any) -> dict[str, Any]:
    # asdict takes a Counter for a dict and makes nonsense of it
    return {one.name: getattr(record, one.name) for one in fields(record)}


@dataclass(slots=True)
class Trial:
    """What one version of the settings did: how many applications entered the cascade, and how many
    each filter stopped.

    ``passed`` were stopped by no filter whose answer is known. ``unsure`` are those of them about
    which an answer lacked; ``lacking`` says how many answers, by filter.
    """

    entered: int = 0
    passed: int = 0
    unsure: int = 0
    stopped: Counter[str] = field(default_factory=Counter)  # by filter
    lacking: Counter[str] = field(default_factory=Counter)  # by filter

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "Trial":
        counted = {key: Counter(kept.get(key, {})) for key in ("stopped", "lacking")}
        return cls(**{**kept, **counted})

    def to_json(self) -> dict[str, Any]:
        counted = {"stopped": dict(self.stopped), "lacking": dict(self.lacking)}
        return {**_fields_of(self), **counted}


@dataclass(slots=True)
class Comparison:
    """The live and the changed settings over the same applications.

    ``gained`` pass by the changed settings only, ``lost`` by the live ones only; the examples are
    numbers of such applications, for the lost with the reason.
    """

    applications: int = 0
    order: list[str] = field(default_factory=list)  # the filters of the changed settings, in order
    live: Trial = field(default_factory=Trial)
    changed: Trial = field(default_factory=Trial)
    gained: int = 0
    lost: int = 0
    gained_examples: list[str] = field(default_factory=list)
    lost_examples: list[list[str]] = field(default_factory=list)  # number, filter and reason

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "Comparison":
        """The comparison whose ``to_json`` this is; an empty one of an empty mapping."""
        trials = {key: Trial.of_json(kept.get(key, {})) for key in ("live", "changed")}
        return cls(**{**kept, **trials})

    def to_json(self) -> dict[str, Any]:
        trials = {"live": self.live.to_json(), "changed": self.changed.to_json()}
        return {**_fields_of(self), **trials}

    def stopped_by_filter(self) -> list[tuple[str, int, int]]:
        """Filter, how many the live settings stop by it, how many the changed ones."""
        rules = dict.fromkeys((*self.order, *self.live.stopped, *self.changed.stopped))
        return [(rule, self.live.stopped[rule], self.changed.stopped[rule]) for rule in rules]

    def count(self, number: str, *, passed_before: bool, stop: str) -> None:
        """Count one application; ``stop`` is empty when the changed settings let it pass."""
        self.applications += 1
        if not stop and not passed_before:
            self.gained += 1
            if len(self.gained_examples) < EXAMPLES:
                self.gained_examples.append(number)
        elif stop and passed_before:
            self.lost += 1
            if len(self.lost_examples) < EXAMPLES:
                self.lost_examples.append([number, stop])


@dataclass(frozen=True, slots=True)
class Known:
    """What our own tables know of the applications of a page."""

    history: ClientHistory
    answers: KeptAnswers


def compare(
    result: Comparison,
    applications: Sequence[ApplicationFacts],
    before: CompiledCascade | None,
    after: CompiledCascade,
    as_of: datetime,
) -> None:
    """Add these applications to the result. Age and history are those of the moment ``as_of``.

    A cascade that is missing or cannot be read lets nobody pass.
    """
    known = known_of(applications, [cascade for cascade in (before, after) if cascade], as_of)
    for application in applications:
        stop_before = judge_by_kept(result.live, application, before, known)
        stop = judge_by_kept(result.changed, application, after, known)
        result.count(application.application_number, passed_before=not stop_before, stop=stop)


def known_of(
    applications: Sequence[ApplicationFacts],
    cascades: Iterable[CompiledCascade],
    as_of: datetime,
) -> Known:
    """What the cascades need to know; a few queries for any number of applications."""
    rules = [rule for cascade in cascades for rule in cascade.internal_rules]
    questions = {rule.question for cascade in cascades for rule in cascade.service_rules}
    history = ClientHistory(as_of, moscow_today(as_of))
    if any(isinstance(rule, CommunicationHistory) for rule in rules):
        phones = list({application.phone for application in applications})
        history = ClientHistory(
            as_of,
            moscow_today(as_of),
            last_called_at=campaigns.last_called_at(phones, before=as_of),
            refused_phones=frozenset(campaigns.refused_phones(phones, before=as_of)),
        )
    return Known(history, kept_answers(applications, frozenset(questions)))


def judge_by_kept(
    trial: Trial, application: ApplicationFacts, cascade: CompiledCascade | None, known: Known
) -> str:
    """The filter that stops the application, and why; empty when it passes. Counts in ``trial``."""
    if cascade is None or cascade.flaw or not cascade.takes(application):
        return "—"
    trial.entered += 1
    stop = cascade.first_stop(application, known.history)
    if stop:
        trial.stopped[stop.rule] += 1
        return f"{stop.rule}: {stop.reason}"
    lacking = []
    for rule in cascade.service_rules:
        outcome = known.answers.outcome(rule, application, known.history)
        if outcome.reason:
            trial.stopped[rule.name] += 1
            return f"{rule.name}: {outcome.reason}"
        if not outcome.is_known:
            lacking.append(rule.name)
    trial.passed += 1
    trial.unsure += bool(lacking)
    trial.lacking.update(lacking)
    return ""
