"""The pages of the back office on incoming files: what came, what was wrong, what is running."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from apps.ingest.back_office.call_list_admin import CallListAdmin
from apps.ingest.back_office.rejected_files import (
    correct_view,
    marked_view,
    offered,
    piece_view,
)
from apps.ingest.models import IncomingFile, IncomingFileError
from apps.ingest.selectors import (
    column_title,
    masked_value,
    overdue_streams,
    running_imports,
    wrong_descriptions,
)
from common.back_office import NarrowLookups
from common.clock import now

__all__ = ["CallListAdmin", "IncomingFileAdmin"]
SHOWN_LETTERS = 60  # of a name in the list; a longer one would push the other columns out of sight


class ReadOnly:
    """Nobody may change the record of a file by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ErrorInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The broken rules of a file, as its report has them, but with personal values masked."""

    model = IncomingFileError
    fields = ("line_number", "application_number", "column", "title", "shown_value", "rule")
    readonly_fields = ("title", "shown_value")
    extra = 0

    @admin.display(description=_("title"))
    def title(self, error: IncomingFileError) -> str:
        return column_title(error.column)

    @admin.display(description=_("value"))
    def shown_value(self, error: IncomingFileError) -> str:
        return masked_value(error.column, error.value)

    def get_queryset(self, request: HttpRequest) -> QuerySet[IncomingFileError]:
        return super().get_queryset(request).order_by("id")


@admin.register(IncomingFile)
class IncomingFileAdmin(ReadOnly, NarrowLookups):
    """Files by stream, outcome and day; running imports and overdue streams above them."""

    list_display = (
        "shown_name",
        "stream",
        "outcome",
        "rows",
        "bad_rows",
        "duplicates",
        "shown_size",
        "seconds",
        "finished_at",
        "shown_growth",
        "reason",
    )
    list_filter = ("stream", "outcome", "finished_at")
    search_fields = ("name", "sha256", "errors__application_number__exact")
    search_help_text = _("A part of a file's name, or the whole number of an application.")
    ordering = ("-id",)
    date_hierarchy = "finished_at"
    inlines = (ErrorInline,)
    exclude = ("modified_ns",)
    change_form_template = "admin/ingest/incoming_file.html"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        pages = (
            ("<int:file_id>/marked/", marked_view, "marked"),
            ("<int:file_id>/correct/", correct_view, "correct"),
            ("corrections/<int:correction_id>/piece/", piece_view, "piece"),
        )
        own = [
            path(
                route,
                wrap(
                    partial(page, self)
                    if page is marked_view
                    else require_POST(partial(page, self))
                ),
                name=f"ingest_incomingfile_{name}",
            )
            for route, page, name in pages
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        file = self.get_object(request, object_id)
        context = offered(request, file) if file else {}
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **context}
        )

    @admin.display(description=_("name"), ordering="name")
    def shown_name(self, file: IncomingFile) -> str:
        return Truncator(file.name).chars(SHOWN_LETTERS)

    @admin.display(description=_("size"), ordering="size")
    def shown_size(self, file: IncomingFile) -> str:
        return filesizeformat(file.size)

    @admin.display(description=_("grown to"), ordering="grown_to", empty_value="")
    def shown_growth(self, file: IncomingFile) -> str | None:
        return None if file.grown_to is None else filesizeformat(file.grown_to)

    @admin.display(description=_("seconds"))
    def seconds(self, file: IncomingFile) -> str:
        return f"{(file.finished_at - file.started_at).total_seconds():.1f}"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "GET":
            show_state(request)
        return super().changelist_view(request, extra_context)


def show_state(request: HttpRequest) -> None:
    """Show on the page which streams are described wrongly, which imports are running and which
    streams are overdue."""
    for mistake in wrong_descriptions().values():
        messages.error(request, mistake)
    for progress in running_imports():
        place = {"name": progress.name, "rows": max(progress.rows, progress.rows_stored)}
        share = round(100 * progress.bytes_read / progress.size) if progress.size else 100
        text = _("%(name)s is being imported: %(rows)d rows so far, %(share)d%% of the file")
        messages.info(request, text % {**place, "share": share})
    for stream in overdue_streams(now()):
        if stream.last_file_at is None:
            messages.warning(request, _("%s: no file has come yet") % stream.name)
        else:
            text = _("%(name)s: no file for %(time)s, longer than expected")
            time = timesince(stream.last_file_at)
            messages.warning(request, text % {"name": stream.name, "time": time})
