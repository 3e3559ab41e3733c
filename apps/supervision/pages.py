"""The live floor in the back office: the page at home, the part that renews itself, the buttons."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.campaigns import services as campaigns
from apps.campaigns.types import CampaignNotFoundError
from apps.supervision.floor import floor_now, forget_floor
from common.clock import now

MAY_SEE = "campaigns.view_campaign"
MAY_SWITCH = "campaigns.change_campaign"


@require_GET
def floor_page(request: HttpRequest) -> HttpResponse:
    """The part of the home page that the browser fetches again and again."""
    return render(request, "supervision/floor.html", {"floor": floor_of(request)})


def floor_of(request: HttpRequest) -> object:
    """What the templates show of the floor. Raises PermissionDenied."""
    if not request.user.has_perm(MAY_SEE):
        raise PermissionDenied
    return floor_now(now())


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
