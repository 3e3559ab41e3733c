"""Judges applications by cascades. Pure: facts and answers in, judgements out.

First come our own filters (``apply_own_filters``). What they let through and still needs a service
goes on as a ``PendingJudgement``, as far as the answers reach.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from apps.filters.cascade.compiled_cascade import SETTINGS, CompiledCascade
from apps.filters.facts import ApplicationFacts, ClientHistory, Question, ServiceAnswers
from apps.filters.judging.service_calls import is_answered, service_of
from apps.filters.rules.base import ServiceRule
from apps.filters.states import VerdictState
from common.service_errors import ContractError, PermanentError, ServiceError

# What a verdict names as the filter where an unexpected error kept our own filters from judging.
UNEXPECTED_ERROR = "UNEXPECTED_ERROR"
# What a verdict names as the filter where a newer snapshot of the application is stored.
OUTDATED = "OUTDATED"
LONGEST_REASON = 500  # a service's own words may be of any length


class VerdictKey(NamedTuple):
    """An application has one verdict in each campaign."""

    application_id: int
    campaign_id: int

    def __str__(self) -> str:
        """How items that need attention are named: ``17:3``."""
        return f"{self.application_id}:{self.campaign_id}"


class Entry(NamedTuple):
    """An application that one campaign's cascade is to judge."""

    application: ApplicationFacts
    cascade: CompiledCascade
    entered_at: datetime  # when this cascade first saw it: services are waited for from then on
    told: str = ""  # why it has waited so far, in words, as the ledger tells; "": it has not

    @property
    def key(self) -> VerdictKey:
        return VerdictKey(self.application.id, self.cascade.campaign_id)


class Judgement(NamedTuple):
    """What a campaign's cascade says of an application."""

    entry: Entry
    state: VerdictState
    rule: str = ""  # the filter that stopped the application, or whose service it waits for
    reason: str = ""  # in words, for people; of a pass, what the filters remarked
    answers: ServiceAnswers | None = None  # None: the services were not needed
    waits_for: str = ""  # of a waiting one: the service, or "" when our own filters come first
    # our own filters let it pass, and a service is to be asked now; nothing has failed
    is_handed_over: bool = False
    error: Exception | None = None  # an unexpected one, for which the verdict is set aside

    @property
    def key(self) -> VerdictKey:
        return self.entry.key

    @property
    def application(self) -> ApplicationFacts:
        return self.entry.application

    @property
    def campaign_id(self) -> int:
        return self.entry.cascade.campaign_id

    def passed_rules(self) -> tuple[str, ...]:
        """The entry conditions and filters that it passed before its end, in their order."""
        order = self.entry.cascade.judging_order()
        if self.state is VerdictState.PASSED:
            return order
        return order[: order.index(self.rule)] if self.rule in order else ()


@dataclass(slots=True)
class PendingJudgement:
    """An entry that our own filters let through and that filters with services judge next.

    ``answers`` and ``errors``, the questions that could not be answered, are shared by all entries
    of the same application. ``position`` counts the filters that it has passed, ``remarks`` what
    they said of that.
    """

    entry: Entry
    answers: ServiceAnswers
    errors: dict[Question, Exception]
    position: int = 0
    remarks: list[str] = field(default_factory=list)

    @property
    def next_rule(self) -> ServiceRule | None:
        """The filter to judge by next; None when all were passed."""
        rules = self.entry.cascade.service_rules
        return rules[self.position] if self.position < len(rules) else None

    def handed_over(self) -> Judgement:
        """The judgement that it waits for its turn at the service of the next filter."""
        rule = self.entry.cascade.service_rules[self.position]
        return Judgement(
            self.entry,
            VerdictState.WAITING,
            rule=rule.name,
            reason=self.entry.told,
            waits_for=service_of(rule.question),
            is_handed_over=True,
        )

    def advance(self, history: ClientHistory, patience: timedelta) -> Judgement | None:
        """Judge by the answers that are there; None when another answer is needed first."""
        while rule := self.next_rule:
            judgement = None
            try:
                if is_answered(rule.question, self.answers, rule.check):
                    judgement = self._judge_by_answer(rule, history)
                elif error := self.errors.get(rule.question):
                    judgement = self._judge_without_answer(rule, error, history, patience)
                else:
                    return None
            except Exception as error:  # noqa: BLE001 - the barrier: an answer that the filter cannot read
                judgement = self._judge_without_answer(rule, error, history, patience)
            if judgement:
                return judgement
            self.position += 1
        return self._judgement(VerdictState.PASSED, reason="; ".join(self.remarks))

    def _judge_by_answer(self, rule: ServiceRule, history: ClientHistory) -> Judgement | None:
        """None when the filter is passed."""
        reason = rule.stops(self.entry.application, self.answers, history)
        if reason:
            return self._judgement(VerdictState.STOPPED, rule.name, reason)
        if remark := rule.remark(self.entry.application, self.answers):
            self.remarks.append(remark)
        return None

    def _judge_without_answer(
        self, rule: ServiceRule, error: Exception, history: ClientHistory, patience: timedelta
    ) -> Judgement | None:
        """Wait while there is patience, then stop; None where the filter may be skipped then."""
        service = service_of(rule.question)
        if history.now - self.entry.entered_at < patience:
            return self._judgement(
                VerdictState.WAITING, rule.name, _why_it_waits(service, error), waits_for=service
            )._replace(error=None if isinstance(error, ServiceError) else error)
        if rule.may_go_unanswered():
            return None
        return self._judgement(VerdictState.STOPPED, rule.name, _why_it_ends(service, error))

    def _judgement(
        self, state: VerdictState, rule: str = "", reason: str = "", *, waits_for: str = ""
    ) -> Judgement:
        return Judgement(
            self.entry,
            state,
            rule=rule,
            reason=reason[:LONGEST_REASON],
            answers=self.answers,
            waits_for=waits_for,
        )


class OwnFilters(NamedTuple):
    """What our own filters made of entries: judgements, and those that services are needed for."""

    judgements: list[Judgement]
    pending: list[PendingJudgement]


def apply_own_filters(
    entries: Sequence[Entry], history: ClientHistory, patience: timedelta
) -> OwnFilters:
    """Judge all entries as far as that needs no service. An entry whose filter raises waits."""
    result = OwnFilters([], [])
    shared: dict[int, tuple[ServiceAnswers, dict[Question, Exception]]] = {}
    for entry in entries:
        try:
            judgement = _judge_by_own_filters(entry, history)
        except Exception as error:  # noqa: BLE001 - the barrier: only this verdict waits
            judgement = failed(entry, error, history.now, patience)
        if judgement:
            result.judgements.append(judgement)
        else:
            answers, errors = shared.setdefault(entry.application.id, (ServiceAnswers(), {}))
            result.pending.append(PendingJudgement(entry, answers, errors))
    return result


def failed(entry: Entry, error: Exception, now: datetime, patience: timedelta) -> Judgement:
    """The judgement of an entry that could not be judged for an unexpected error: it waits while
    there is patience, and is stopped then."""
    if now - entry.entered_at < patience:
        return Judgement(
            entry,
            VerdictState.WAITING,
            rule=UNEXPECTED_ERROR,
            reason=_why_it_waits("", error),
            error=error,
        )
    return Judgement(
        entry, VerdictState.STOPPED, rule=UNEXPECTED_ERROR, reason=_why_it_ends("", error)
    )


def outdated(judgement: Judgement) -> Judgement:
    """What is said instead, once a newer snapshot of the application is stored."""
    reason = _("a newer version of this application is stored")
    return Judgement(judgement.entry, VerdictState.STOPPED, rule=OUTDATED, reason=reason)


def _judge_by_own_filters(entry: Entry, history: ClientHistory) -> Judgement | None:
    """None when only filters with services are left."""
    cascade = entry.cascade
    if cascade.flaw:
        reason = _("the settings of the filters cannot be read: %s") % cascade.flaw
        return Judgement(entry, VerdictState.WAITING, rule=SETTINGS, reason=reason)
    if stop := cascade.first_stop(entry.application, history):
        return Judgement(entry, VerdictState.STOPPED, rule=stop.rule, reason=stop.reason)
    return None if cascade.service_rules else Judgement(entry, VerdictState.PASSED)


def _why_it_waits(service: str, error: Exception) -> str:
    """In words, without any value of an answer or an application."""
    match error:
        case ContractError():
            return f"{service}: {error.what}"
        case PermanentError():
            return _("service %(service)s rejects the request: %(what)s") % _parts(error)
        case ServiceError():
            return _("service %s does not answer") % service
        case _:
            return _("unexpected error: %s") % type(error).__name__


def _why_it_ends(service: str, error: Exception) -> str:
    match error:
        case ContractError() | PermanentError():
            return _("service unavailable: %(service)s (%(what)s)") % _parts(error)
        case ServiceError():
            return _("service unavailable: %s") % service
        case _:
            return _("could not be judged, unexpected error: %s") % type(error).__name__


def _parts(error: ServiceError) -> Mapping[str, str]:
    return {"service": error.service, "what": error.what}
