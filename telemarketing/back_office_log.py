"""What the back office writes into the access log: which pages about a person were opened, and
which lists of persons were searched.

One place for all pages, so that none can forget it. The record is committed after the page is
allowed and before it is rendered.
"""

from http import HTTPStatus

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch

from apps.security import selectors, services
from apps.security.types import Access

# The models whose pages show something of a person. `tests/test_access_log.py` asks of every model
# of the back office on which side it stands.
ABOUT_PERSONS = frozenset(
    {
        "campaigns.campaigntask",
        "campaigns.communication",
        "campaigns.decision",
        "campaigns.donotcallentry",
        "filters.application",
        "ingest.calllist",
        "ingest.incomingfile",
        "telephony.mightycalltask",
    }
)
LIST = "changelist"
BACK_OFFICE = "admin"  # where people log in, in the access log
# what only turns the page of a list or sorts it
NOT_A_SEARCH = frozenset({"p", "o", "all", "_facets", "_popup", "_to_field"})


def record_page(request: HttpRequest, response: HttpResponseBase) -> None:
    """Record that this page was opened or searched, if it is about persons and is being given."""
    match = request.resolver_match
    if match is None or response.status_code != HTTPStatus.OK or request.user.pk is None:
        return
    found = _subject_of(match)
    if found is None:
        return
    subject, page = found
    visitor = selectors.visitor_of(request, request.user.pk)
    object_id = match.kwargs.get("object_id")
    if object_id is not None:
        services.record_access(visitor, Access.PAGE_OPENED, subject, int(object_id))
    elif page == LIST and set(request.GET) - NOT_A_SEARCH:
        services.record_access(visitor, Access.SEARCHED, subject)


def record_log_in(request: HttpRequest, response: HttpResponse) -> None:
    """Record a log-in that was tried just now, whether or not it succeeded."""
    if request.method != "POST":
        return
    if response.status_code != HTTPStatus.FOUND or request.user.pk is None:
        login = request.POST.get("username", "")
        services.record_failed_log_in(login, selectors.client_address(request), BACK_OFFICE)
    else:
        visitor = selectors.visitor_of(request, request.user.pk)
        services.record_access(visitor, Access.LOGGED_IN, BACK_OFFICE)


def record_log_out(request: HttpRequest) -> None:
    """Record that the person leaves now, if somebody is logged in."""
    if request.method == "POST" and request.user.pk is not None:
        visitor = selectors.visitor_of(request, request.user.pk)
        services.record_access(visitor, Access.LOGGED_OUT, BACK_OFFICE)


def record_password_change(request: HttpRequest, response: HttpResponseBase) -> None:
    """Record that the person changed their own password, if the page did so."""
    if request.method == "POST" and response.status_code == HTTPStatus.FOUND:
        visitor = selectors.visitor_of(request, request.user.pk or 0)
        services.record_access(visitor, Access.PASSWORD_CHANGED)


def _subject_of(match: ResolverMatch) -> tuple[str, str] | None:
    """The model's label and the page's name; None for a page that is not about persons."""
    for model in admin.site._registry:
        name = _name_of(model)
        if model._meta.label_lower in ABOUT_PERSONS and (match.url_name or "").startswith(name):
            return model._meta.label_lower, (match.url_name or "").removeprefix(name)
    return None


def _name_of(model: type[Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}_"
