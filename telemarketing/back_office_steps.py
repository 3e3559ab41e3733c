"""What a person must do between the password and the first page of the back office."""

from collections.abc import Callable

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp import login as note_second_factor

from apps.security import selectors, services
from apps.security.forms import CodeForm
from apps.security.models import Operator, SecondFactor
from common.clock import now

CODE_PAGE, SET_UP_PAGE = "second_factor", "second_factor_set_up"
PASSWORD_PAGE = "password_change"  # noqa: S105 - the name of Django's own page
# open before the steps are done
ALWAYS_OPEN = frozenset({"logout", "jsi18n"})
QR_SCALE = 5  # pixels of a point

# in the session: when it began and when a page was asked for last, in seconds since 1970
BEGAN, SEEN = "began_at", "seen_at"
NOTICEABLE_SECONDS = 10  # the session is written when so much has passed, not with every page

Context = dict[str, object]
ASKED_BY_PAGES = {"floor"}  # names of URLs


def ended(request: HttpRequest) -> bool:
    """End the session when nothing was asked for too long, or it has lasted too long; a session
    that goes on notes the time, unless the page asks by itself. Returns whether it ended.
    """
    session, at = request.session, int(now().timestamp())
    began, seen = session.setdefault(BEGAN, at), session.setdefault(SEEN, at)
    is_idle = at - seen > settings.BACK_OFFICE_IDLE_SECONDS
    if is_idle or at - began > settings.BACK_OFFICE_SESSION_SECONDS:
        logout(request)
        return True
    if at - seen >= NOTICEABLE_SECONDS and not _asks_by_itself(request):
        session[SEEN] = at
    return False


def _asks_by_itself(request: HttpRequest) -> bool:
    """True for what a page fetches while nobody need be there."""
    match = request.resolver_match
    return match is not None and match.url_name in ASKED_BY_PAGES


def next_step(request: HttpRequest) -> str | None:
    """The page that this person must pass before any other; None: every page is open."""
    operator = _operator(request)
    factor = selectors.second_factor_of(operator.pk)
    if factor is not None and not _is_verified(request, factor):
        return CODE_PAGE
    if operator.password_is_temporary:
        return PASSWORD_PAGE
    return SET_UP_PAGE if selectors.second_factor_is_due(factor) else None


def instead(request: HttpRequest) -> HttpResponseRedirect | None:
    """The way to the step that is due, unless the request asks for its page."""
    page = request.resolver_match.url_name if request.resolver_match else None
    if page in ALWAYS_OPEN:
        return None
    step = next_step(request)
    if step is None or step == page:
        return None
    return redirect(f"{reverse(f'admin:{step}')}?{urlencode({'next': request.get_full_path()})}")


def code_page(request: HttpRequest, context: Context) -> HttpResponse:
    """Asks for the code of the second factor, or for a recovery code."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        operator = _operator(request)
        visitor = selectors.visitor_of(request, operator.pk)
        factor = services.verify_second_factor(operator, form.cleaned_data["code"], visitor)
        if factor is not None:
            _pass(request, factor)
            return redirect(_wanted(request))
        form.refuse()
    page = {**context, "form": form, "title": _("Second factor"), "next": _wanted(request)}
    return TemplateResponse(request, "admin/second_factor.html", page)


def set_up_page(request: HttpRequest, context: Context) -> HttpResponse:
    """Shows the secret of a new second factor, takes its first code, and shows the recovery codes
    once. Whoever has a second factor already sees how many recovery codes are left."""
    operator = _operator(request)
    context = {**context, "title": _("Second factor"), "next": _wanted(request)}
    factor = selectors.second_factor_of(operator.pk)
    if factor is not None:
        context["codes_left"] = len(factor.recovery_digests)
        return TemplateResponse(request, "admin/second_factor_set_up.html", context)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        visitor = selectors.visitor_of(request, operator.pk)
        codes = services.confirm_second_factor(operator, form.cleaned_data["code"], visitor)
        if codes is not None:
            return _set_up(request, operator, {**context, "codes": codes})
        form.refuse()
    address = services.prepare_second_factor(operator)
    picture = segno.make(address, error="m").svg_inline(scale=QR_SCALE, light="white")
    context |= {"form": form, "picture": picture, "secret": _secret_in(address)}
    return TemplateResponse(request, "admin/second_factor_set_up.html", context)


def _set_up(request: HttpRequest, operator: Operator, context: Context) -> HttpResponse:
    factor = selectors.second_factor_of(operator.pk)
    if factor is not None:
        _pass(request, factor)
    messages.success(request, _("The second factor is set up."))
    return TemplateResponse(request, "admin/second_factor_set_up.html", context)


def _pass(request: HttpRequest, factor: SecondFactor) -> None:
    note_second_factor(request, factor)
    request.session.cycle_key()  # whoever knows the session from before the code has nothing of it


def _is_verified(request: HttpRequest, factor: SecondFactor) -> bool:
    return bool(request.session.get(DEVICE_ID_SESSION_KEY) == factor.persistent_id)


def _secret_in(address: str) -> str:
    """In groups of four, as people type it."""
    secret = address.partition("secret=")[2].partition("&")[0]
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def _wanted(request: HttpRequest) -> str:
    """The page that the person asked for in the first place."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else reverse("admin:index")


def _operator(request: HttpRequest) -> Operator:
    operator = request.user
    if not isinstance(operator, Operator):  # the admin lets nobody else in
        raise TypeError
    return operator


Page = Callable[[HttpRequest, Context], HttpResponseBase]
PAGES: dict[str, tuple[str, Page]] = {
    CODE_PAGE: ("second-factor/", code_page),
    SET_UP_PAGE: ("second-factor/set-up/", set_up_page),
}
