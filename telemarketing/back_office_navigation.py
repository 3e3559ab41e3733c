"""The navigation of the back office: its pages grouped by the job that people come for, and how
much waits on some of them.

A page that is not named here has no link; a test asks for each model of the back office.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.campaigns import selectors as campaigns
from common.clock import now
from common.kept import Kept

WAITING_KEPT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Page:
    """A link to a page that is no list of a model: the name of its URL, and whoever has the right
    sees it."""

    url_name: str
    title: Promise
    permission: str


@dataclass(frozen=True, slots=True)
class Group:
    """Links of one job: labels of models in lower case, and other pages."""

    name: str
    title: Promise
    items: Sequence[str | Page]


GROUPS = (
    Group(
        "now",
        _("Now"),
        (Page("index", _("Live floor"), "campaigns.view_campaign"), "campaigns.attentionitem"),
    ),
    Group(
        "calls",
        _("Calls"),
        ("campaigns.communication", "campaigns.campaigntask", "campaigns.donotcallentry"),
    ),
    Group(
        "reports",
        _("Reports"),
        (
            Page("reports_calls", _("Calls"), "reports.view_reportcall"),
            Page("reports_operators", _("Staff"), "reports.view_reportcall"),
            Page("reports_campaigns", _("Campaigns"), "reports.view_reportcall"),
            Page("reports_funnel", _("Funnel"), "reports.view_reportcall"),
        ),
    ),
    Group(
        "campaigns", _("Campaigns"), ("campaigns.campaign", "filters.cascade", "ingest.calllist")
    ),
    Group(
        "applications",
        _("Applications"),
        ("filters.application", "ingest.incomingfile", "campaigns.decision"),
    ),
    Group(
        "people",
        _("People"),
        (
            "security.operator",
            "telephony.mightycalloperator",
            "telephony.mightycallactiveoperator",
        ),
    ),
    Group(
        "system",
        _("System"),
        ("telephony.mightycalltask", "security.operatorauth", "security.accessrecord"),
    ),
)


def _count_waiting(_at: datetime) -> Mapping[str, int]:
    return {"campaigns.attentionitem": sum(campaigns.items_by_kind().values())}


_waiting = Kept(_count_waiting, WAITING_KEPT)


def groups_for(
    request: HttpRequest, models: Mapping[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The groups that this person sees, in the form of Django's ``get_app_list``.

    ``models`` has, by label, what Django's admin says of each model that the person may see. A link
    with something that waits has its number in ``waiting``.
    """
    waiting = _waiting.at(now())
    for group in GROUPS:
        links = [link for item in group.items if (link := _link(request, models, item))]
        for link in links:
            link["waiting"] = waiting.get(link.get("label", ""), 0)
        if links:
            yield {"name": group.title, "app_label": group.name, "app_url": "", "models": links}


def _link(
    request: HttpRequest, models: Mapping[str, dict[str, Any]], item: str | Page
) -> dict[str, Any] | None:
    if isinstance(item, str):
        return {**models[item], "label": item} if item in models else None
    if not request.user.has_perm(item.permission):
        return None
    return {
        "name": item.title,
        "object_name": item.url_name,
        "admin_url": reverse(f"admin:{item.url_name}"),
        "add_url": None,
        "view_only": True,
    }
