"""Pages of the back office: what a search finds, and all of one client.

Both are recorded in the access log before they are given: one record for an answer, without the
text that was searched for.
"""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.security import selectors as security_selectors
from apps.security import services as security
from apps.security.types import Access
from apps.supervision.client import ClientNotFoundError, client_page
from apps.supervision.search import (
    LAST_PAGE,
    SHOWN,
    WORDS,
    Answer,
    Kind,
    Part,
    page_part,
    search,
)
from apps.supervision.search_terms import Terms, terms_of
from common.back_office import whole_number
from common.clock import now

CLIENT = "filters.knownclient"  # in the access log
MAY_SEE_CLIENTS = "filters.view_application"


@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    """What ``q`` finds: some of each kind that the person may see, or with ``in`` a page of one
    kind. Raises PermissionDenied for whoever may see no kind."""
    kinds = [kind for kind in Kind if request.user.has_perm(WORDS[kind].permission)]
    if not kinds:
        raise PermissionDenied
    text = request.GET.get("q", "")
    terms = terms_of(text)
    only = next((kind for kind in kinds if kind == request.GET.get("in")), None)
    page = _page_of(request) if only else 1
    answer = _answer(request, terms, [only] if only else kinds, page if only else None)
    return _given(
        request,
        "supervision/search.html",
        title=_("Search"),
        search_text=text,
        is_too_short=bool(text.strip()) and not terms,
        answer=answer,
        only=only,
        next_page=page + 1 if page < LAST_PAGE else None,
    )


@require_GET
def client_story_page(request: HttpRequest, client_id: int) -> HttpResponse:
    """All of one client. Raises Http404 and PermissionDenied."""
    if not request.user.has_perm(MAY_SEE_CLIENTS):
        raise PermissionDenied
    try:
        client = client_page(client_id, now())
    except ClientNotFoundError as error:
        raise Http404 from error
    visitor = security_selectors.visitor_of(request, request.user.pk or 0)
    security.record_access(visitor, Access.PAGE_OPENED, CLIENT, client_id)
    return _given(
        request,
        "supervision/client.html",
        title=client.names[0] or _("Client"),
        client=client,
    )


def _answer(
    request: HttpRequest, terms: Terms, kinds: list[Kind], page: int | None
) -> Answer | None:
    if not terms:
        return None
    visitor = security_selectors.visitor_of(request, request.user.pk or 0)
    security.record_access(visitor, Access.SEARCHED, CLIENT)
    return search(terms, kinds, Part(SHOWN) if page is None else page_part(page))


def _page_of(request: HttpRequest) -> int:
    return min(max(whole_number(request.GET.get("page", "")) or 1, 1), LAST_PAGE)


def _given(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), **context})
