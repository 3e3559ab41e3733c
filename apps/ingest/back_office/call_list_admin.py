"""Pages of call lists: all lists, a new one, and one on its way from columns to result."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from apps.ingest.back_office.call_list_forms import ColumnsForm, NewListForm, campaign_of
from apps.ingest.back_office.pieces import piece_answer, refusal
from apps.ingest.call_lists.asking import (
    NewList,
    add_piece,
    begin_list,
    cancel_list,
    choose_columns_again,
    confirm_list,
    map_columns,
    resume_list,
)
from apps.ingest.call_lists.list_columns import column_name
from apps.ingest.call_lists.list_files import has_files
from apps.ingest.call_lists.result_file import result_sheet
from apps.ingest.models import CallList
from apps.ingest.reading.columns import column_title, masked_value
from apps.ingest.states import CallListState, LeftOut
from apps.ingest.uploads import UploadRefusedError
from apps.security import selectors as security
from apps.security import services as security_services
from apps.security.types import EXPORT_LISTS, Access
from common.back_office import NarrowLookups, whole_number
from common.clock import now

REFRESH_SECONDS = 2  # of the page of a list that a worker has
ROWS_SHOWN = 200  # of those that are left out; the result file has all
SUBJECT = "ingest.calllist"
STEPS = (
    (gettext_lazy("File"), (CallListState.UPLOADING, CallListState.READING)),
    (gettext_lazy("Columns"), (CallListState.MAPPING,)),
    (gettext_lazy("Check"), (CallListState.CHECKING, CallListState.CHECKED)),
    (
        gettext_lazy("Import"),
        (CallListState.QUEUED, CallListState.IMPORTING, CallListState.FAILED),
    ),
    (gettext_lazy("Result"), (CallListState.IMPORTED,)),
)


@admin.register(CallList)
class CallListAdmin(NarrowLookups):
    """Lists by campaign, state and day. The page of one shows its step and asks for the next."""

    list_display = (
        "name",
        "campaign",
        "state",
        "rows",
        "refused",
        "duplicates",
        "author",
        "wtime",
    )
    list_filter = ("state", "campaign", "wtime")
    list_select_related = ("campaign", "author")
    search_fields = ("name",)
    search_help_text = gettext_lazy("A part of a file's name.")
    ordering = ("-pk",)
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("begin/", wrap(require_POST(self.begin_view)), name="ingest_calllist_begin"),
            path(
                "<int:list_id>/piece/",
                wrap(require_POST(self.piece_view)),
                name="ingest_calllist_piece",
            ),
            path("<int:list_id>/result/", wrap(self.result_view), name="ingest_calllist_result"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page that sends a file. Raises PermissionDenied."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewListForm(initial={"campaign": request.GET.get("campaign")})
        return self._page(request, "new_call_list", {"form": form, "title": _("New call list")})

    def begin_view(self, request: HttpRequest) -> HttpResponse:
        """Make a list of which the pieces will follow; it is recorded who uploads it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewListForm(request.POST)
        if not form.is_valid():
            return refusal("; ".join(str(text) for texts in form.errors.values() for text in texts))
        wanted = form.cleaned_data
        author = request.user.pk or 0
        new = NewList(campaign_of(form).pk, author, wanted["name"], wanted["size"])
        try:
            call_list = begin_list(new)
        except UploadRefusedError as error:
            return refusal(error.reason)
        visitor = security.visitor_of(request, author)
        security_services.record_access(visitor, Access.UPLOADED, SUBJECT, call_list.pk)
        self.log_addition(request, call_list, [{"added": {}}])
        addresses = {
            "piece": reverse("admin:ingest_calllist_piece", args=[call_list.pk]),
            "page": reverse("admin:ingest_calllist_change", args=[call_list.pk]),
        }
        return JsonResponse(addresses)

    def piece_view(self, request: HttpRequest, list_id: int) -> HttpResponse:
        """Add a piece to a list of one's own. Raises PermissionDenied and Http404."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        call_list = get_object_or_404(CallList, pk=list_id, author=request.user.pk)
        return piece_answer(request, lambda at, piece: add_piece(call_list, at, piece))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """One list. Raises PermissionDenied and Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if whole_number(object_id) is None:
            raise Http404
        rows = CallList.objects.select_related("campaign", "author", "confirmed_by")
        call_list = get_object_or_404(rows, pk=object_id)
        columns = None
        if call_list.state == CallListState.MAPPING:
            columns = ColumnsForm(call_list, request.POST if "check" in request.POST else None)
        if request.method == "POST":
            if not self.has_change_permission(request, call_list):
                raise PermissionDenied
            if columns is None or not columns.is_bound or columns.is_valid():
                self._act(request, call_list, columns)
                return redirect("admin:ingest_calllist_change", call_list.pk)
        return self._page(request, "call_list", self._shown(request, call_list, columns))

    def result_view(self, request: HttpRequest, list_id: int) -> HttpResponseBase:
        """The result file. Raises PermissionDenied and Http404, also where the file is gone."""
        if not self.has_view_permission(request) or not request.user.has_perm(EXPORT_LISTS):
            raise PermissionDenied
        call_list = get_object_or_404(CallList.objects.select_related("campaign"), pk=list_id)
        if not has_files(call_list):
            raise Http404
        return security_services.export_workbook(
            request,
            name=f"call-list-{call_list.pk}",
            sheet=result_sheet(call_list),
            subject=SUBJECT,
        )

    def _act(self, request: HttpRequest, call_list: CallList, columns: ColumnsForm | None) -> None:
        """Do what the person asked for; tell if the list has gone on meanwhile."""
        posted = request.POST
        if "check" in posted and columns is not None:
            is_done = map_columns(call_list, columns.chosen())
        elif "confirm" in posted:
            is_done = confirm_list(call_list, request.user.pk or 0, now())
        elif "columns" in posted:
            is_done = choose_columns_again(call_list)
        elif "resume" in posted:
            is_done = resume_list(call_list)
        elif "cancel" in posted:
            is_done = cancel_list(call_list, now())
        else:
            is_done = False
        if is_done:
            done = next(iter({"check", "confirm", "columns", "resume", "cancel"} & posted.keys()))
            self.log_change(request, call_list, DONE[done])
        else:
            messages.warning(request, _("The list has gone on meanwhile: look at it again."))

    def _shown(
        self, request: HttpRequest, call_list: CallList, columns: ColumnsForm | None
    ) -> dict[str, Any]:
        has_result = has_files(call_list) and bool(call_list.mapping)
        return {
            "title": _("Call list No. %(number)d: %(name)s")
            % {"number": call_list.pk, "name": call_list.name},
            "call_list": call_list,
            "columns": columns,
            "steps": _steps(call_list),
            "left_out": _left_out(call_list),
            "rows_shown": ROWS_SHOWN,
            "refresh_seconds": REFRESH_SECONDS if call_list.is_worked_on else None,
            "may_change": self.has_change_permission(request, call_list),
            "may_download": has_result and request.user.has_perm(EXPORT_LISTS),
            "has_result": has_result,
        }

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        site = self.admin_site.each_context(request)
        template = f"admin/ingest/{name}.html"
        return TemplateResponse(request, template, {**site, "opts": self.opts, **context})


# how the history of a list calls what was done, in the language of the person
DONE = {
    "check": gettext_lazy("The columns were chosen."),
    "confirm": gettext_lazy("The import was confirmed."),
    "columns": gettext_lazy("Back to the choice of columns."),
    "resume": gettext_lazy("The import goes on after an error."),
    "cancel": gettext_lazy("The list was cancelled."),
}


def _steps(call_list: CallList) -> list[dict[str, Any]]:
    """The steps of every list, each with whether it is done or goes on now."""
    at = next((n for n, (_t, states) in enumerate(STEPS) if call_list.state in states), None)
    return [
        {"title": title, "is_current": number == at, "is_done": at is not None and number < at}
        for number, (title, _states) in enumerate(STEPS)
    ]


def _left_out(call_list: CallList) -> list[dict[str, Any]]:
    """The rows that are left out and come first: an entry for each broken rule."""
    shown = []
    for row in call_list.left_out.order_by("line_number")[:ROWS_SHOWN]:
        for column, value, rule in row.broken:
            place = call_list.mapping.get(column)
            shown.append(
                {
                    "line": row.line_number,
                    "is_refused": row.why == LeftOut.REFUSED,
                    "why": row.get_why_display(),
                    "heading": "" if place is None else column_name(call_list.headings, place),
                    "title": column_title(column),
                    "value": masked_value(column, value),
                    "rule": rule,
                }
            )
    return shown
