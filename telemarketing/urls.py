"""Every URL of the system."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from telemarketing.health import live, ready
from telemarketing.metrics import metrics

urlpatterns = [
    path("", RedirectView.as_view(url="/arm/", permanent=False)),
    path("arm/", include("apps.arm.urls")),
    path("admin/", admin.site.urls),
    path("api/security/v1/", include("apps.security.rest.urls")),
    path("api/arm/v1/", include("apps.arm.rest.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("health/live", live),
    path("health/ready", ready),
    path("metrics", metrics),
]
