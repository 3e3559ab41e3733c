"""The calls behind a number of a report."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.db import OperationalError
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.campaigns import selectors as campaigns
from apps.campaigns.types import (
    CallBehind,
    CallFilter,
    CommunicationState,
    Meaning,
    SystemDisposition,
)
from apps.reports.choice import Choice
from apps.reports.tables import duration
from apps.security import selectors as security
from common.phones import masked

PAGE_ROWS = 50
LAST_PAGE = 400
GOES_ON = "-"  # the outcome of a call that goes on, in an address


class ShownCall(NamedTuple):
    """A line of the list. The phone is masked."""

    call: CallBehind
    campaign: str
    operator: str
    phone: str
    outcome: str
    talk: str
    after_call: str
    href: str


class WrongAddressError(Exception):
    """The address asks for rows in a way that no number of a report does."""


def wanted_calls(choice: Choice, query: Mapping[str, str]) -> CallFilter:
    """The filter that the address asks for. Raises WrongAddressError."""
    try:
        own = _own_filter(query)
    except (KeyError, ValueError) as error:
        raise WrongAddressError from error
    since, until = choice.period
    return CallFilter(
        since=since,
        until=until,
        hour=choice.hour,
        campaign_id=choice.campaign_id,
        operator_id=choice.operator_id,
        **own,
    )


def page_of(wanted: CallFilter, page: int) -> tuple[list[ShownCall], bool] | None:
    """A page of these calls, latest first, and whether there are more. None where it takes too long
    to find them."""
    try:
        found = campaigns.calls_behind(wanted, (page - 1) * PAGE_ROWS, PAGE_ROWS + 1)
    except OperationalError:
        return None
    names = campaigns.campaign_names()
    people = security.full_names({call.operator_id for call in found if call.operator_id})
    results = {pk: one.text for pk, one in campaigns.every_result().items()}
    shown = [
        ShownCall(
            call=call,
            campaign=names.get(call.campaign_id, ""),
            operator=people.get(call.operator_id or 0, ""),
            phone=masked(call.phone),
            outcome=_outcome(call, results),
            talk=duration(call.talk_ms / 1000) if call.talk_ms else "",
            after_call=duration(call.after_call_ms / 1000) if call.after_call_ms else "",
            href=_href(call),
        )
        for call in found[:PAGE_ROWS]
    ]
    return shown, len(found) > PAGE_ROWS


def _own_filter(query: Mapping[str, str]) -> dict[str, Any]:
    own: dict[str, Any] = dict(_BEHIND[query.get("rows", "all")]())
    if outcome := query.get("outcome"):
        own["outcome"] = "" if outcome == GOES_ON else SystemDisposition(outcome).value
    for name in ("attempt", "attempts_from"):
        if query.get(name):
            own[name] = int(query[name])
    if query.get("result"):
        own["disposition_ids"] = [int(query["result"])]
    if query.get("reason"):
        own["reason"] = query["reason"]
    return own


def _meaning(*meanings: Meaning) -> list[int]:
    return [pk for pk, one in campaigns.every_result().items() if one.meaning in meanings]


# what each kind of number counts, by the word that its address has
_BEHIND: dict[str, Callable[[], dict[str, Any]]] = {
    "all": dict,
    "reached": lambda: {"reached": True},
    "results": lambda: {"saved": True},
    "successes": lambda: {"saved": True, "disposition_ids": _meaning(Meaning.SUCCESS)},
    "callbacks": lambda: {"saved": True, "disposition_ids": _meaning(Meaning.CALLBACK)},
    "first_dials": lambda: {"first_dial": True},
    "first_reached": lambda: {"attempts": True},
}


def _outcome(call: CallBehind, results: Mapping[int, str]) -> str:
    if call.disposition_id:
        return results.get(call.disposition_id, "")
    if call.state:
        return str(CommunicationState(call.state).label)
    return str(SystemDisposition(call.outcome).label) if call.outcome else _("still goes on")


def _href(call: CallBehind) -> str:
    if call.communication_id is None:
        return ""
    return reverse("admin:campaigns_communication_change", args=[call.communication_id])
