"""Answers a browser that sends a file in pieces (static/ingest/upload.js)."""

from collections.abc import Callable

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from apps.ingest.uploads import PIECE_BYTES, UploadRefusedError
from common.back_office import whole_number


def refusal(reason: str) -> JsonResponse:
    """What the page shows to the person; the browser sends nothing more."""
    return JsonResponse({"error": reason})


def piece_answer(request: HttpRequest, add: Callable[[int, bytes], int]) -> JsonResponse:
    """Take the piece in the body, which begins at ``?at=``; tells how many bytes are there."""
    at = whole_number(request.GET.get("at", ""))
    if at is None or len(request.body) > PIECE_BYTES:
        return refusal(_("a piece of the file is missing: upload it again"))
    try:
        return JsonResponse({"present": add(at, request.body)})
    except UploadRefusedError as error:
        return refusal(error.reason)
