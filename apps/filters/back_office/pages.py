"""What the pages of a cascade have in common: who may see them, and their frame."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from apps.filters.models import Cascade


def viewable_cascade(
    admin: "ModelAdmin[Cascade]", request: HttpRequest, cascade_id: int
) -> Cascade:
    """The cascade with its campaign. Raises Http404, and PermissionDenied for whoever may not see
    it.
    """
    cascade = get_object_or_404(Cascade.objects.select_related("campaign"), pk=cascade_id)
    if not admin.has_view_permission(request, cascade):
        raise PermissionDenied
    return cascade


def cascade_page(
    admin: "ModelAdmin[Cascade]",
    request: HttpRequest,
    template: str,
    cascade: Cascade,
    context: dict[str, Any],
) -> HttpResponse:
    """The template with the frame of the back office and the names of the cascade."""
    site = admin.admin_site.each_context(request)
    shared = {"cascade": cascade, "opts": admin.opts, "subtitle": cascade.campaign.name}
    return TemplateResponse(request, template, {**site, **shared, **context})
