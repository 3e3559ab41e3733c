"""The smallest Django project: no middleware, no app, one view with a constant answer. This module
is its settings, its URLs and its view.

granian serves it, so that a request of ours can be compared with the least that one may cost.
"""

from django.http import HttpRequest, HttpResponse
from django.urls import path

BODY = b'{"status":"OK"}'
# the length is for Django's middleware to write, and without it granian sends chunks
HEADERS = {"Content-Type": "application/json", "Content-Length": str(len(BODY))}


def constant(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(BODY, headers=HEADERS)


ROOT_URLCONF = __name__
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
SECRET_KEY = "measured only"  # noqa: S105 - it signs nothing
MIDDLEWARE: list[str] = []
urlpatterns = [path("constant", constant)]
