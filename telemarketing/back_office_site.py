"""The back office: Django's admin under the system's own name, open to senior operators and
administrators."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.contrib.auth.views import PasswordChangeView, redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from apps.reports import pages as reports
from apps.security.forms import ChangeOwnPasswordForm, LogInForm
from apps.supervision.pages import floor_of, floor_page, switch_page
from apps.supervision.search_pages import client_story_page, search_page
from telemarketing import back_office_log
from telemarketing import back_office_steps as steps
from telemarketing.back_office_navigation import groups_for

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class BackOffice(AdminSite):
    site_title = _("Telemarketing")
    site_header = _("Telemarketing")
    index_title = _("Live floor")
    enable_nav_sidebar = True
    login_form = LogInForm

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The home page is the live floor."""
        context = {"floor": floor_of(request), **(extra_context or {})}
        return super().index(request, context)

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """The pages that this person may open, grouped by job; of one app, as Django has them."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        apps = self._build_app_dict(request).values()
        models = {one["model"]._meta.label_lower: one for app in apps for one in app["models"]}
        return [*groups_for(request, models)]

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("floor/", self.admin_view(floor_page), name="floor"),
            path("search/", self.admin_view(search_page), name="search"),
            path("clients/<int:client_id>/", self.admin_view(client_story_page), name="client"),
            path(
                "floor/campaigns/<int:campaign_id>/pause/",
                self.admin_view(switch_page),
                {"active": False},
                name="floor_pause",
            ),
            path(
                "floor/campaigns/<int:campaign_id>/go-on/",
                self.admin_view(switch_page),
                {"active": True},
                name="floor_go_on",
            ),
            *(
                path(route, self.admin_view(self._page(page)), name=name)
                for name, (route, page) in (*steps.PAGES.items(), *reports.PAGES.items())
            ),
            *super().get_urls(),
        ]

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """A page of this site. A request with the character NUL gets HTTP 400: PostgreSQL has no
        text with it, and neither has any value that a page offers. Old sessions end, whoever has a
        step before them is sent there, and the access log learns what was opened.
        """
        return super().admin_view(_without_nul(_guarded(view)), cacheable)

    def _page(self, page: steps.Page) -> Callable[..., HttpResponseBase]:
        def view(request: HttpRequest) -> HttpResponseBase:
            return page(request, self.each_context(request))

        return never_cache(view)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().login(request, extra_context)
        back_office_log.record_log_in(request, response)
        return response

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        back_office_log.record_log_out(request)
        return super().logout(request, extra_context)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The stock page with our form: a new password ends the old one's tokens."""
        request.current_app = self.name
        response = PasswordChangeView.as_view(
            form_class=ChangeOwnPasswordForm,
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )(request)
        back_office_log.record_password_change(request, response)
        return response


def _without_nul(view: View) -> View:
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if any("\0" in value for values in request.GET.lists() for value in values[1]):
            raise BadRequest
        return view(request, *args, **kwargs)

    return cast(View, checked)


def _guarded(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        if steps.ended(request):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        if (way := steps.instead(request)) is not None:
            return way
        response = view(request, *args, **options)
        back_office_log.record_page(request, response)
        return response

    return cast(View, guarded)
