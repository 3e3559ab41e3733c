"""``CompiledCascade``: the cascade of one campaign, ready to judge. Pure: facts in, stop out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from apps.filters.cascade.phone_masks import Masks
from apps.filters.cascade.settings import read_settings
from apps.filters.facts import ApplicationFacts, ClientHistory, Question
from apps.filters.rules import rules_of
from apps.filters.rules.base import InternalRule, ServiceRule
from apps.filters.types import call_list_stream
from common.configuration import ConfigError, Place

# the entry conditions, as verdicts and the funnel name them
REQUEST_STATUS = "REQUEST_STATUS"
PHONE_TEMPLATE = "PHONE_TEMPLATE"
# what applications wait for while their cascade's settings cannot be read
SETTINGS = "SETTINGS"
# the version of settings that are tried and not stored; stored versions begin with 1
TRIED = 0

NO_MASKS = Masks([])  # any number fits


class Stop(NamedTuple):
    """Which filter stopped the application, and why in words."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class CompiledCascade:
    """Internal filters come first, then those that ask services; each in the configured order.

    So no service is asked about an application that an internal filter stops.
    """

    campaign_id: int
    version: int
    streams: frozenset[str]  # with that of the campaign's call lists
    statuses: frozenset[str] = frozenset()  # empty: any
    masks: Masks = NO_MASKS
    internal_rules: tuple[InternalRule, ...] = ()
    service_rules: tuple[ServiceRule, ...] = ()
    # why the stored settings cannot be read any more; empty when they can. While there is a flaw,
    # the campaign's applications wait.
    flaw: str = ""

    def takes(self, application: ApplicationFacts) -> bool:
        """Whether the application enters the cascade at all: its stream is the campaign's."""
        return application.stream in self.streams

    def first_stop(self, application: ApplicationFacts, history: ClientHistory) -> Stop | None:
        """Return what stops it before any service is asked: an entry condition, else an internal
        filter. None when it passes them all."""
        if self.statuses and application.application_status not in self.statuses:
            reason = _("application status %s is not taken") % application.application_status
            return Stop(REQUEST_STATUS, reason)
        if not self.masks.accept(application.phone):
            return Stop(PHONE_TEMPLATE, _("the number fits none of the masks"))
        for rule in self.internal_rules:
            if reason_to_stop := rule.stops(application, history):
                return Stop(rule.name, reason_to_stop)
        return None

    def checks(self) -> tuple[str, ...]:
        """The checks of Abram that this cascade needs; one call asks for all of them."""
        return tuple(r.check for r in self.service_rules if r.question is Question.CHECKS)

    def order(self) -> tuple[str, ...]:
        """Names of entry conditions and filters in the order in which they are judged."""
        rules = (rule.name for rule in (*self.internal_rules, *self.service_rules))
        return (REQUEST_STATUS, PHONE_TEMPLATE, *rules)

    def judging_order(self) -> tuple[str, ...]:
        """The same without the entry conditions for which nothing is set: they judge nobody."""
        idle = {REQUEST_STATUS} if not self.statuses else set()
        if self.masks.is_empty:
            idle.add(PHONE_TEMPLATE)
        return tuple(name for name in self.order() if name not in idle)


class _Kept(NamedTuple):
    """The latest compiled cascade of a campaign, and the settings that it was made of."""

    version: int
    settings: Mapping[str, Any]
    cascade: CompiledCascade


# campaign id → what was compiled last; of this process, and never larger than the campaigns are
_KEPT: dict[int, _Kept] = {}


def build(campaign_id: int, version: int, settings: Mapping[str, Any]) -> CompiledCascade:
    """The cascade of stored settings, compiled once for each version of them.

    They were accepted once, but a later release may have dropped a filter or refuse a mask. Such a
    cascade has a ``flaw``; it takes its streams and has no filters. ``version`` is ``TRIED`` for
    settings that are not stored; those, and what has a flaw, are compiled each time.
    """
    kept = _KEPT.get(campaign_id)
    # the settings are compared too, since SQL by hand can change them without a new version
    if kept and kept.version == version and kept.settings == settings:
        return kept.cascade
    if flaw := flaw_of(campaign_id, settings):
        streams = _streams(campaign_id, settings)
        return CompiledCascade(campaign_id, version, streams=streams, flaw=flaw)
    cascade = _compiled(campaign_id, version, settings)
    if version != TRIED:
        _KEPT[campaign_id] = _Kept(version, settings, cascade)
    return cascade


def _compiled(campaign_id: int, version: int, settings: Mapping[str, Any]) -> CompiledCascade:
    known = rules_of(settings)
    rules = [known[name](settings) for name in settings.get("filters-order", ())]
    return CompiledCascade(
        campaign_id=campaign_id,
        version=version,
        streams=_streams(campaign_id, settings),
        statuses=frozenset(settings.get("request-statuses", ())),
        masks=Masks(settings.get("phone-templates", [])),
        internal_rules=tuple(rule for rule in rules if isinstance(rule, InternalRule)),
        service_rules=tuple(rule for rule in rules if isinstance(rule, ServiceRule)),
    )


def _streams(campaign_id: int, settings: Mapping[str, Any]) -> frozenset[str]:
    """The data streams that are set, and the campaign's own call lists."""
    return frozenset({*settings.get("data-streams", ()), call_list_stream(campaign_id)})


def flaw_of(campaign_id: int, settings: Mapping[str, Any]) -> str:
    """What is wrong with the stored settings, in words; empty when nothing is."""
    try:
        read_settings(settings, Place(_("campaign %d") % campaign_id))
    except ConfigError as error:
        return str(error)
    return ""
