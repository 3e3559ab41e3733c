"""What services have answered about applications before, as far as our own tables have kept it.

Kept are: BlackList's last answer about a client; what Casper and Abram said of an application that
became a task; and each verdict, from which follows what the filters before the one that stopped it
were answered. A dry run judges by these and asks no service.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from apps.campaigns import selectors as campaigns
from apps.filters.cascade.settings import ORDER
from apps.filters.facts import (
    ApplicationFacts,
    BlacklistAnswer,
    ClientAnswer,
    ClientHistory,
    ProductsAnswer,
    Question,
    ServiceAnswers,
)
from apps.filters.integrations import casper
from apps.filters.judging.service_calls import is_answered
from apps.filters.models import CascadeRevision, Verdict
from apps.filters.rules import rules_of
from apps.filters.rules.base import ServiceRule
from apps.filters.rules.client_data import CONDITIONS, ClientData
from apps.filters.rules.ml_checks import ML_CHECKS, MlCheck
from apps.filters.states import VerdictState
from common.service_errors import ServiceError

KEPT_WITH_TASKS = frozenset({Question.CLIENT, Question.PRODUCTS})
BLACKLIST_CHECKS = """
SELECT phone, device_id, blocked
FROM unnest(%s::text[], %s::text[]) AS asked (phone, device_id)
JOIN "tm$blacklist_checks" USING (phone, device_id)
"""


class Version(NamedTuple):
    """Names the settings by which a verdict was made."""

    campaign_id: int
    number: int


class Outcome(NamedTuple):
    """What a filter made of a service's answer. ``reason`` is empty where the filter was passed.

    ``is_known`` is False where the answer that it needs was not kept.
    """

    is_known: bool
    reason: str = ""


LACKING = Outcome(is_known=False)


@dataclass(frozen=True, slots=True)
class _Earlier:
    """A filter of an earlier verdict, with the settings that it had, and its reason to stop."""

    rule: ServiceRule
    reason: str

    def speaks_for(self, rule: ServiceRule) -> bool:
        """Whether the other filter would have decided the same by the same answer."""
        keys = [setting.key for setting in rule.settings if setting.key != ML_CHECKS]
        same = all(self.rule.values.get(key) == rule.values.get(key) for key in keys)
        return self.rule.name == rule.name and same


class KeptAnswers:
    """The kept answers about some applications, for filters of any settings."""

    def __init__(
        self, answers: Mapping[int, ServiceAnswers], earlier: Mapping[int, Sequence[_Earlier]]
    ) -> None:
        self._answers = answers
        self._earlier = earlier

    def outcome(
        self, rule: ServiceRule, application: ApplicationFacts, history: ClientHistory
    ) -> Outcome:
        """What this filter says of the application, by what was answered before."""
        answers = self._answers[application.id]
        if is_answered(rule.question, answers, rule.check) and _looks_at_what_is_kept(rule):
            try:
                reason = rule.stops(application, answers, history)
            except ServiceError:  # the answer that was kept cannot be read
                return LACKING
            return Outcome(is_known=True, reason=reason or "")
        for earlier in self._earlier.get(application.id, ()):
            if earlier.speaks_for(rule):
                return Outcome(is_known=True, reason=earlier.reason)
        return LACKING


def _looks_at_what_is_kept(rule: ServiceRule) -> bool:
    """Of Casper's client a task keeps only what the card needs."""
    conditions = rule.values.get(CONDITIONS, []) if isinstance(rule, ClientData) else []
    return all(casper.keeps_field(condition["field"]) for condition in conditions)


def kept_answers(
    applications: Sequence[ApplicationFacts], questions: frozenset[Question]
) -> KeptAnswers:
    """What was answered about these applications, as far as the filters that ask ``questions`` need
    it. A few queries for any number of applications.
    """
    answers = {application.id: ServiceAnswers() for application in applications}
    if not applications or not questions:
        return KeptAnswers(answers, {})
    earlier = _earlier_of(applications)
    for application_id, filters in earlier.items():
        _put_results(answers[application_id], filters)
    if Question.BLACKLIST in questions:
        _put_blacklist(answers, applications)
    if questions & KEPT_WITH_TASKS:
        _put_kept_with_tasks(answers, applications)
    return KeptAnswers(answers, earlier)


def _put_results(answers: ServiceAnswers, filters: Sequence[_Earlier]) -> None:
    """Results of ML checks, where they follow from verdicts."""
    for earlier in filters:
        if isinstance(earlier.rule, MlCheck):
            result = earlier.rule.result_behind(earlier.reason)
            if result:
                answers.checks[earlier.rule.check] = result


def _put_blacklist(
    answers: Mapping[int, ServiceAnswers], applications: Sequence[ApplicationFacts]
) -> None:
    phones = [application.phone for application in applications]
    devices = [application.device_id for application in applications]
    with connection.cursor() as cursor:
        cursor.execute(BLACKLIST_CHECKS, [phones, devices])
        blocked = {(phone, device): blocked for phone, device, blocked in cursor.fetchall()}
    for application in applications:
        found = blocked.get((application.phone, application.device_id))
        if found is not None:
            answers[application.id].blacklist = BlacklistAnswer(blocked=found)


def _put_kept_with_tasks(
    answers: Mapping[int, ServiceAnswers], applications: Sequence[ApplicationFacts]
) -> None:
    kept = campaigns.kept_client_info([application.source_key for application in applications])
    for application in applications:
        info = kept.get(application.source_key, {})
        casper, abram = info.get("casper"), info.get("abram")
        if casper and "shortened" not in casper:  # deals may be missing in a shortened one
            answers[application.id].client = ClientAnswer(casper)
        if abram:
            answers[application.id].products = ProductsAnswer(
                abram["borrower_type"], tuple(abram["products"])
            )


def _earlier_of(applications: Sequence[ApplicationFacts]) -> dict[int, list[_Earlier]]:
    rows = list(
        Verdict.objects.filter(
            application__in=[application.id for application in applications]
        ).order_by("-pk")
    )
    settings = _settings_of({Version(row.campaign_id, row.settings_version) for row in rows})
    filters = {version: _service_rules(stored) for version, stored in settings.items()}
    earlier: dict[int, list[_Earlier]] = {}
    for row in rows:
        rules = filters.get(Version(row.campaign_id, row.settings_version), [])
        earlier.setdefault(row.application_id, []).extend(_judged(row, rules))
    return earlier


def _judged(verdict: Verdict, rules: Sequence[ServiceRule]) -> Iterator[_Earlier]:
    """The filters with services that this verdict tells of."""
    names = [rule.name for rule in rules]
    if verdict.state == VerdictState.PASSED:
        yield from (_Earlier(rule, "") for rule in rules)
    elif verdict.rule in names:
        last = names.index(verdict.rule)
        yield from (_Earlier(rule, "") for rule in rules[:last])
        is_own = rules[last].follows_from_an_answer(verdict.reason)
        if verdict.state == VerdictState.STOPPED and is_own:
            yield _Earlier(rules[last], verdict.reason)


def _service_rules(settings: Mapping[str, Any]) -> list[ServiceRule]:
    known = rules_of(settings)
    classes = [known[name] for name in settings.get(ORDER, ()) if name in known]
    return [found(settings) for found in classes if issubclass(found, ServiceRule)]


def _settings_of(versions: set[Version]) -> dict[Version, Mapping[str, Any]]:
    wanted = {
        "cascade__campaign_id__in": {version.campaign_id for version in versions},
        "version__in": {version.number for version in versions},
    }
    revisions = CascadeRevision.objects.filter(**wanted).values_list(
        "cascade__campaign_id", "version", "settings"
    )
    return {Version(campaign_id, number): stored for campaign_id, number, stored in revisions}
