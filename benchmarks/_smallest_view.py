"""The smallest Django project: no middleware, no app, one view with a constant answer.

granian serves it, so that a request of ours can be compared with the least that one may cost.
"""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

BODY = b'{"status":"OK"}'
# the length is Django's middleware's to write, and without it granian sends chunks
HEADERS = {"Content-Type": "application/json", "Content-Length": str(len(BODY))}


def constant(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(BODY, headers=HEADERS)


settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    SECRET_KEY="measured only",  # noqa: S106 - it signs nothing
    MIDDLEWARE=[],
    DEBUG=False,
)
urlpatterns = [path("constant", constant)]
application = get_wsgi_application()
