"""Earlier versions of a cascade: a page that shows, compares and brings back one of them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from apps.filters.back_office.pages import cascade_page, viewable_cascade
from apps.filters.cascade.compiled_cascade import flaw_of
from apps.filters.cascade.revisions import author_of, difference, set_cascade
from apps.filters.cascade.settings import in_order
from apps.filters.models import Cascade, CascadeRevision
from common.configuration import write_yaml


class BringBackForm(forms.Form):
    # the newest version when the page was shown: nobody brings back over what they have not seen
    seen_version = forms.IntegerField(widget=forms.HiddenInput)


class CompareForm(forms.Form):
    other = forms.IntegerField(label=_("compare with version"), min_value=1)


def version_page(
    admin: "ModelAdmin[Cascade]", request: HttpRequest, cascade_id: int, version: int
) -> HttpResponse:
    """One version: its settings, and how they differ from the newest or from ``?other=3``.

    POST makes a new version of the same settings, in the name of whoever asks for it. Raises
    PermissionDenied.
    """
    cascade = viewable_cascade(admin, request, cascade_id)
    revision = get_object_or_404(cascade.revisions.select_related("author"), version=version)
    if request.method == "POST":
        return _bring_back(admin, request, cascade, revision)
    form = CompareForm({"other": request.GET.get("other", cascade.version)})
    number = form.cleaned_data["other"] if form.is_valid() else cascade.version
    other = get_object_or_404(cascade.revisions, version=number)
    context = {
        "title": _("Version %d") % version,
        "revision": revision,
        "author": author_of(revision),
        "settings": write_yaml(in_order(revision.settings)),
        "form": form,
        "other": other,
        "differences": difference(other.settings, revision.settings),
        "flaw": flaw_of(cascade.campaign_id, revision.settings),
        "bring_back": BringBackForm(initial={"seen_version": cascade.version}),
        "may_change": admin.has_change_permission(request, cascade),
    }
    return cascade_page(admin, request, "admin/filters/version.html", cascade, context)


@transaction.atomic
def _bring_back(
    admin: "ModelAdmin[Cascade]", request: HttpRequest, cascade: Cascade, revision: CascadeRevision
) -> HttpResponse:
    if not admin.has_change_permission(request, cascade):
        raise PermissionDenied
    here = redirect("admin:filters_cascade_version", cascade.pk, revision.version)
    current = Cascade.objects.select_for_update().get(pk=cascade.pk)
    form = BringBackForm(request.POST)
    if not form.is_valid() or form.cleaned_data["seen_version"] != current.version:
        messages.error(request, _("The cascade was changed meanwhile. Compare again."))
        return here
    if flaw := flaw_of(cascade.campaign_id, revision.settings):
        messages.error(request, flaw)
        return here
    stored: Any = set_cascade(cascade.campaign_id, revision.settings, author_id=request.user.pk)
    told = _("Version %(old)d was brought back as version %(new)d.")
    words = told % {"old": revision.version, "new": stored.version}
    admin.log_change(request, stored, words)
    messages.success(request, words)
    return redirect("admin:filters_cascade_change", cascade.pk)
