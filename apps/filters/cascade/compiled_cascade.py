"""The cascade of one campaign, made ready to judge. Pure: facts in, stop out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from apps.campaigns.types import ConfigError
from apps.filters.cascade import settings as cascade_settings
from apps.filters.cascade.phone_masks import Masks
from apps.filters.facts import ApplicationFacts, ClientHistory, Question
from apps.filters.rules import RULES
from apps.filters.rules.base import InternalRule, ServiceRule
from apps.filters.rules.settings import Place

# the entry conditions, as verdicts and the funnel name them
REQUEST_STATUS = "REQUEST_STATUS"
PHONE_TEMPLATE = "PHONE_TEMPLATE"
# what an application waits for whose cascade cannot be read
SETTINGS = "SETTINGS"


class Stop(NamedTuple):
    """Which filter stopped the application, and why in words."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class CompiledCascade:
    """Internal filters come first, then those that ask services; each in the order configured.

    So no service is asked about an application that our own knowledge stops.
    """

    campaign_id: int
    version: int
    streams: frozenset[str]
    statuses: frozenset[str]
    masks: Masks
    internal_rules: tuple[InternalRule, ...]
    service_rules: tuple[ServiceRule, ...]
    # why the stored settings cannot be read any more; then nobody is judged by them
    flaw: str = ""

    def takes(self, application: ApplicationFacts) -> bool:
        """Whether the application enters the cascade at all: its stream is the campaign's."""
        return application.stream in self.streams

    def first_stop(self, application: ApplicationFacts, known: ClientHistory) -> Stop | None:
        """What stops it before any service is asked: entry conditions, then filters."""
        if self.statuses and application.application_status not in self.statuses:
            reason = _("application status %s is not taken") % application.application_status
            return Stop(REQUEST_STATUS, reason)
        if not self.masks.accept(application.phone):
            return Stop(PHONE_TEMPLATE, _("the number fits none of the masks"))
        for rule in self.internal_rules:
            if reason_to_stop := rule.stops(application, known):
                return Stop(rule.name, reason_to_stop)
        return None

    def checks(self) -> tuple[str, ...]:
        """All checks of Abram that this cascade needs: they are asked for in one call."""
        return tuple(r.check for r in self.service_rules if r.question is Question.CHECKS)

    def order(self) -> tuple[str, ...]:
        """Every step in the order in which it is taken, entry conditions first."""
        rules = (rule.name for rule in (*self.internal_rules, *self.service_rules))
        return (REQUEST_STATUS, PHONE_TEMPLATE, *rules)


def build(campaign_id: int, version: int, settings: Mapping[str, Any]) -> CompiledCascade:
    """The cascade of stored settings.

    They were accepted once, yet a later release may know a filter or a mask no more: such a cascade
    has a ``flaw``, takes its streams and no filters.
    """
    if flaw := flaw_of(campaign_id, settings):
        streams = frozenset(settings.get("data-streams", ()))
        return CompiledCascade(campaign_id, version, streams, frozenset(), Masks([]), (), (), flaw)
    rules = [RULES[name](settings) for name in settings.get("filters-order", ())]
    return CompiledCascade(
        campaign_id=campaign_id,
        version=version,
        streams=frozenset(settings["data-streams"]),
        statuses=frozenset(settings.get("request-statuses", ())),
        masks=Masks(settings.get("phone-templates", [])),
        internal_rules=tuple(rule for rule in rules if isinstance(rule, InternalRule)),
        service_rules=tuple(rule for rule in rules if isinstance(rule, ServiceRule)),
    )


def flaw_of(campaign_id: int, settings: Mapping[str, Any]) -> str:
    """What is wrong with the stored settings, in words; empty when they can be judged by."""
    try:
        cascade_settings.read(settings, Place(_("campaign %d") % campaign_id))
    except ConfigError as error:
        return str(error)
    return ""
