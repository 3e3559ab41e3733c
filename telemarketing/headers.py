"""Headers that every answer has, whatever made it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


def with_headers(get_response: Handler) -> Handler:
    """Middleware. No program and no proxy keeps an answer of the API, which holds tokens and
    personal data; and a page may use no camera, microphone or place.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Permissions-Policy"] = settings.PERMISSIONS_POLICY
        if request.path_info.startswith("/api/"):
            response.headers["Cache-Control"] = "no-store"
        return response

    return middleware
