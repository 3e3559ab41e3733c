"""What the page of a rejected file offers: the file with its wrong cells marked, and a way to put a
corrected one back."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.ingest.back_office.pieces import piece_answer, refusal
from apps.ingest.folder.corrections import (
    add_piece,
    begin_correction,
    corrected_file,
    taken_corrections,
)
from apps.ingest.folder.marked_file import NotForExcelError, marked_sheet
from apps.ingest.known_streams import get_stream
from apps.ingest.models import Correction, FileOutcome, IncomingFile
from apps.ingest.uploads import UploadRefusedError
from apps.security import selectors as security
from apps.security import services as security_services
from apps.security.types import EXPORT_LISTS, Access
from common.back_office import whole_number
from common.configuration import ConfigError

SUBJECT = "ingest.incomingfile"
ADD_CORRECTION = "ingest.add_correction"


def offered(request: HttpRequest, file: IncomingFile) -> dict[str, Any]:
    """What the template of a file's page needs for it."""
    is_rejected = file.outcome == FileOutcome.REJECTED
    return {
        "is_rejected": is_rejected,
        "may_download": is_rejected and request.user.has_perm(EXPORT_LISTS),
        "may_correct": is_rejected and request.user.has_perm(ADD_CORRECTION),
        "corrections": taken_corrections(file),
        "corrects": corrected_file(file),
    }


def marked_view(
    admin: "ModelAdmin[IncomingFile]", request: HttpRequest, file_id: int
) -> HttpResponseBase:
    """The rejected file as .xlsx with marks. Raises PermissionDenied and Http404."""
    file = _rejected(admin, request, file_id)
    try:
        sheet = marked_sheet(file, get_stream(file.stream))
    except (NotForExcelError, ConfigError) as error:
        messages.error(request, str(error))
        return redirect("admin:ingest_incomingfile_change", file.pk)
    return security_services.export_workbook(
        request, name=f"{file.name}-{file.pk}", sheet=sheet, subject=SUBJECT
    )


def correct_view(
    admin: "ModelAdmin[IncomingFile]", request: HttpRequest, file_id: int
) -> HttpResponse:
    """Begin a correction of which the pieces will follow; it is recorded who uploads it."""
    file = _rejected(admin, request, file_id)
    if not request.user.has_perm(ADD_CORRECTION):
        raise PermissionDenied
    author, size = request.user.pk or 0, whole_number(request.POST.get("size", ""))
    try:
        correction = begin_correction(file, author, size or 0)
    except UploadRefusedError as error:
        return refusal(error.reason)
    visitor = security.visitor_of(request, author)
    security_services.record_access(visitor, Access.UPLOADED, SUBJECT, file.pk)
    admin.log_change(request, file, _("A corrected file was uploaded."))
    addresses = {
        "piece": reverse("admin:ingest_incomingfile_piece", args=[correction.pk]),
        "page": reverse("admin:ingest_incomingfile_change", args=[file.pk]),
    }
    return JsonResponse(addresses)


def piece_view(
    admin: "ModelAdmin[IncomingFile]", request: HttpRequest, correction_id: int
) -> HttpResponse:
    """Add a piece to a correction of one's own. Raises PermissionDenied and Http404."""
    if not request.user.has_perm(ADD_CORRECTION):
        raise PermissionDenied
    rows = Correction.objects.select_related("rejected")
    correction = get_object_or_404(rows, pk=correction_id, author=request.user.pk)
    try:
        return piece_answer(request, lambda at, piece: add_piece(correction, at, piece))
    except ConfigError as error:
        return refusal(str(error))


def _rejected(
    admin: "ModelAdmin[IncomingFile]", request: HttpRequest, file_id: int
) -> IncomingFile:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    return get_object_or_404(IncomingFile, pk=file_id, outcome=FileOutcome.REJECTED)
