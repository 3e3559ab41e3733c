"""Admin pages: applications, which are only read, and cascades, which are edited."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.checks import run_checks
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from apps.filters.back_office.cascade_form import CascadeForm
from apps.filters.back_office.cascade_pages import funnel_page
from apps.filters.back_office.run_pages import dry_run_page, rejudge_page, run_page
from apps.filters.back_office.story import refused_rows_of_number, story_of
from apps.filters.back_office.version_pages import version_page
from apps.filters.cascade.compiled_cascade import flaw_of
from apps.filters.cascade.revisions import author_of, difference, set_cascade
from apps.filters.models import Application, Cascade, Verdict
from apps.filters.rule_titles import rule_title
from apps.filters.types import CASCADE_CHECKS, ApplicationStatus, CascadeStreams
from common.back_office import NarrowLookups
from common.clock import now
from common.phones import masked, phone_in

# Below the story, for which the page is opened. Whatever identifies a client is left out.
FIELDSETS: Any = (
    (
        None,
        {
            "fields": (
                "application_number",
                "stream",
                "application_status",
                ("last_name", "first_name", "middle_name"),
                "masked_phone",
                ("created_at", "changed_at"),
            )
        },
    ),
    (
        _("Client"),
        {
            "classes": ("collapse",),
            "fields": (
                ("birth_date", "sex", "citizenship"),
                ("client_type", "device_os", "app_version"),
            ),
        },
    ),
    (
        _("Loan"),
        {
            "classes": ("collapse",),
            "fields": (
                ("desired_amount", "approved_amount", "product_type"),
                ("term", "term_unit", "grace", "grace_unit"),
                ("loan_status", "loan_changed_at", "scoring_result"),
            ),
        },
    ),
    (_("Origin"), {"classes": ("collapse",), "fields": (("file_id", "line_number"),)}),
)
VERSIONS_SHOWN = 20
ROWS_SHOWN = 20  # of an application that were not stored


@admin.register(Application)
class ApplicationAdmin(NarrowLookups):
    """An application with its story. Nobody edits it: applications come from files alone."""

    list_display = (
        "application_number",
        "client",
        "masked_phone",
        "stream",
        "status",
        "outcome",
        "changed_at",
    )
    list_filter = ("stream", "application_status")
    search_fields = ("application_number__exact", "phone__exact")
    search_help_text = _("A whole application number, or a whole phone in any form.")
    ordering = ("-pk",)
    show_full_result_count = False
    change_form_template = "admin/filters/application.html"
    fieldsets = FIELDSETS

    @admin.display(description=_("phone"))
    def masked_phone(self, row: Application) -> str:
        return masked(row.phone)

    @admin.display(description=_("client"))
    def client(self, row: Application) -> str:
        return f"{row.last_name} {row.first_name}".strip()

    @admin.display(description=_("status"))
    def status(self, row: Application) -> str:
        return str(dict(ApplicationStatus.choices)[row.application_status])

    @admin.display(description=_("what the cascades say"), empty_value="—")
    def outcome(self, row: Application) -> str | None:
        """Whether the client is called, in each campaign, and if not why."""
        verdicts = [
            (verdict.campaign.name, verdict.get_state_display(), _why(verdict))
            for verdict in row.verdicts.all()
        ]
        return format_html_join(mark_safe("<br>"), "{}: {}{}", verdicts) or None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        verdicts = Verdict.objects.select_related("campaign").order_by("campaign_id")
        rows: QuerySet[Application] = super().get_queryset(request)
        return rows.prefetch_related(Prefetch("verdicts", verdicts))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("masked_phone",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Application], search_term: str
    ) -> tuple[QuerySet[Application], bool]:
        """Search by one column and its index: a term that looks like a phone is searched as one
        first, and as an application number if no application has that phone.
        """
        term = search_term.strip()
        if not term:
            return queryset, False
        phone = phone_in(term)
        if phone and queryset.filter(phone=phone).exists():
            return queryset.filter(phone=phone), False
        return queryset.filter(application_number=term), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "GET" and (term := request.GET.get("q", "").strip()):
            _show_refused_rows(request, term)
        return super().changelist_view(request, extra_context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        application = self.get_object(request, object_id)
        context = {"story": story_of(application, now())} if application else {}
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **context}
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _why(verdict: Verdict) -> str:
    rule = rule_title(verdict.rule) if verdict.rule else ""
    words = ": ".join(filter(None, (rule, verdict.reason)))
    return f" — {words}" if words else ""


@admin.register(Cascade)
class CascadeAdmin(NarrowLookups):
    """The settings of a campaign's cascade. Each change makes a version with its author."""

    form = CascadeForm
    list_display = ("campaign", "version", "filters", "utime")
    list_select_related = ("campaign",)
    ordering = ("campaign_id",)
    change_form_template = "admin/filters/cascade.html"

    @admin.display(description=_("filters"))
    def filters(self, row: Cascade) -> str:
        return " → ".join(row.settings.get("filters-order", ()))

    def get_urls(self) -> list[URLPattern]:
        pages: tuple[tuple[str, str, Callable[..., HttpResponse]], ...] = (
            ("funnel/", "funnel", funnel_page),
            ("dry-run/", "dry_run", dry_run_page),
            ("rejudge/", "rejudge", rejudge_page),
            ("runs/<int:run_id>/", "run", run_page),
            ("versions/<int:version>/", "version", version_page),
        )
        wrap = self.admin_site.admin_view
        own = [
            path(
                f"<int:cascade_id>/{route}",
                wrap(partial(page, self)),
                name=f"filters_cascade_{name}",
            )
            for route, name, page in pages
        ]
        return [*own, *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return ((None, {"fields": ("campaign",)}),)  # the template shows the others

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return super().get_form(request, obj, change, **{**kwargs, "fields": ("campaign",)})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        cascade = set_cascade(
            form.cleaned_data["campaign"].pk,
            form.cleaned_data["settings"],
            author_id=request.user.pk,
        )
        obj.pk, obj.version, obj.settings = cascade.pk, cascade.version, cascade.settings
        _show_remarks(request, cascade)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Name the changed settings by their keys, which are the same in every language."""
        if add:
            return [{"added": {}}]
        return [{"changed": {"fields": form.changed_data}}] if form.changed_data else []

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        cascade = self.get_object(request, object_id)
        context = {"versions": _versions(cascade)} if cascade else {}
        if cascade and request.method == "GET":
            _show_flaw(request, cascade)
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **context}
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # applications that wait for this cascade would never be judged


def _show_remarks(request: HttpRequest, cascade: Cascade) -> None:
    """Show what system checks say of the saved cascade. Apps above this one have such checks, e.g.
    ``ingest``, which alone knows the data streams.
    """
    for remark in run_checks(tags=[CASCADE_CHECKS], databases=["default"]):
        about = remark.obj
        if isinstance(about, CascadeStreams) and about.campaign_id == cascade.campaign_id:
            messages.warning(request, remark.msg)


def _show_refused_rows(request: HttpRequest, application_number: str) -> None:
    """Show the rows of the application that was searched for and were not stored."""
    text = str(_("{file}, line {line}: {outcome}. {reasons}"))
    for row in refused_rows_of_number(application_number)[:ROWS_SHOWN]:
        link = format_html('<a href="{}">{}</a>', row.page, row.file)
        reasons = "; ".join(row.reasons)
        words = {"file": link, "line": row.line, "outcome": row.outcome, "reasons": reasons}
        messages.warning(request, format_html(str(text), **words))


def _show_flaw(request: HttpRequest, cascade: Cascade) -> None:
    if flaw := flaw_of(cascade.campaign_id, cascade.settings):
        text = _("Applications wait until these settings are mended: %(flaw)s")
        messages.error(request, text % {"flaw": flaw})


def _versions(cascade: Cascade) -> list[dict[str, Any]]:
    """The latest versions, newest first, each with its author and what it changed."""
    # one more than is shown: the oldest one shown is compared with the version before it
    latest = cascade.revisions.select_related("author").order_by("-version")[: VERSIONS_SHOWN + 1]
    rows = list(latest)
    earlier = [row.settings for row in rows[1:]] + [{}]
    return [
        {"row": row, "author": author_of(row), "changes": difference(before, row.settings)}
        for row, before in zip(rows, earlier, strict=True)
    ][:VERSIONS_SHOWN]
