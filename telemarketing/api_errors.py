"""Errors under /api/ that no endpoint answers itself: an unknown path, a wrong host, a fault of the
system. They are JSON, in the style of the API that was asked, like all others.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext_lazy as _

Answer = Callable[[HttpRequest], HttpResponse]

API = "/api/"
FAILED = ("ERROR", _("Internal error."))
WORDS = {
    400: ("INVALID_REQUEST", _("The request is not right.")),
    403: ("FORBIDDEN", _("This is not allowed.")),
    404: ("NOT_FOUND", _("Not found")),
    405: ("METHOD_NOT_ALLOWED", _("This method is not allowed.")),
    413: ("INVALID_REQUEST", _("The body is too long.")),
}


def error_body(path: str, word: str, description: str) -> dict[str, Any]:
    """The body of an error in the style of the API at this path."""
    if path.startswith("/api/security/"):
        return {"result": {"code": word, "description": description}}
    return {"status": word, "description": description}


class JsonErrorsMiddleware:
    """Replaces what Django itself would write as a page, the one for developers included: nothing
    of the system's inside leaves through the API. The log has the traceback.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(API):
            return response
        if response.headers.get("Content-Type", "").startswith("application/json"):
            return response
        return _written_anew(request, response)


def _written_anew(request: HttpRequest, page: HttpResponse) -> HttpResponse:
    word, description = WORDS.get(page.status_code, FAILED)
    with override(get_language_from_request(request)):
        body = error_body(request.path_info, word, str(description))
    answer = JsonResponse(body, status=page.status_code, json_dumps_params={"ensure_ascii": False})
    for name, value in page.headers.items():
        answer.headers.setdefault(name, value)
    answer.headers["Content-Length"] = str(len(answer.content))
    answer.cookies = page.cookies
    return answer
