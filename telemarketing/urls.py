"""Every URL of the system."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from telemarketing.health import live, ready
from telemarketing.metrics import metrics


def where_docs_are_shown(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view; HTTP 404 where the setting ``API_DOCS`` is off."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.API_DOCS:
            raise Http404
        return view(request, *args, **kwargs)

    return shown


urlpatterns = [
    path("", RedirectView.as_view(url="/arm/", permanent=False)),
    path("arm/", include("apps.arm.urls")),
    path("admin/", admin.site.urls),
    path("api/security/v1/", include("apps.security.rest.urls")),
    path("api/arm/v1/", include("apps.arm.rest.urls")),
    path("api/v1/", include("apps.read_api.rest.urls")),
    path("api/schema/", where_docs_are_shown(SpectacularAPIView.as_view()), name="schema"),
    path(
        "api/docs/",
        where_docs_are_shown(SpectacularSwaggerSplitView.as_view(url_name="schema")),
        name="api-docs",
    ),
    path("i18n/", include("django.conf.urls.i18n")),
    path("health/live", live),
    path("health/ready", ready),
    path("metrics", metrics),
]
