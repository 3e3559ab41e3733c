"""Health checks: /health/live and /health/ready."""

from django.core.cache import caches
from django.db import OperationalError, connection
from django.http import HttpRequest, JsonResponse
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError


def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "OK"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 if PostgreSQL answers, else 503.

    The body also says whether Redis answers; without Redis the system is slower, but ready.
    """
    database = _database_answers()
    body = {
        "status": "OK" if database else "UNAVAILABLE",
        "database": database,
        "cache": _cache_answers(),
    }
    return JsonResponse(body, status=200 if database else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return False
    return True


def _cache_answers() -> bool:
    try:
        return bool(caches["default"].client.get_client().ping())  # type: ignore[attr-defined]
    except (RedisError, ConnectionInterrupted):
        return False
