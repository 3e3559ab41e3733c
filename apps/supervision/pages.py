"""The live floor in the back office: the page at home, the part that renews itself, the buttons."""

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.campaigns import services as campaigns
from apps.campaigns.types import CampaignNotFoundError
from apps.security import selectors as security_selectors
from apps.security import services as security
from apps.security.types import Access
from apps.supervision.floor import floor_now, forget_floor
from common.clock import now

MAY_SEE = "campaigns.view_campaign"
MAY_SWITCH = "campaigns.change_campaign"
CONVERSATION = "campaigns.communication"  # in the access log
# The page renews itself every few seconds: one record tells of so long a look. Where Redis has lost
# when the last one was, there is one more.
LOOK_SECONDS = 15 * 60


@require_GET
def floor_page(request: HttpRequest) -> HttpResponse:
    """The part of the home page that the browser fetches again and again."""
    return render(request, "supervision/floor.html", {"floor": floor_of(request)})


def floor_of(request: HttpRequest) -> object:
    """What the templates show of the floor; the access log has a record of each quarter of an hour
    of looking at it. Raises PermissionDenied."""
    if not request.user.has_perm(MAY_SEE) or request.user.pk is None:
        raise PermissionDenied
    floor = floor_now(now())
    _record_look(request, request.user.pk)
    return floor


def _record_look(request: HttpRequest, operator_id: int) -> None:
    visitor = security_selectors.visitor_of(request, operator_id)
    key = f"supervision:look:{operator_id}"
    if cache.get(key) is None:
        security.record_access(visitor, Access.LISTED, CONVERSATION)
        cache.set(key, True, LOOK_SECONDS)


@require_POST
def switch_page(request: HttpRequest, campaign_id: int, *, active: bool) -> HttpResponse:
    """The buttons «pause» and «go on» of a campaign, then the home page again. Raises Http404 and
    PermissionDenied."""
    if not request.user.has_perm(MAY_SWITCH) or request.user.pk is None:
        raise PermissionDenied
    try:
        changed = campaigns.switch_campaign(campaign_id, active=active, operator_id=request.user.pk)
    except CampaignNotFoundError as error:
        raise Http404 from error
    if changed:
        forget_floor()
        text = _("The campaign calls again.") if active else _("The campaign is paused.")
        messages.success(request, text)
    return redirect("admin:index")
