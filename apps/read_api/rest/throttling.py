"""How often one operator may ask the read API."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class ReaderRate(SimpleRateThrottle):
    """Counts in the cache, for all processes together. Without Redis nobody is refused."""

    def get_rate(self) -> str:
        return str(settings.READ_API_RATE)

    def get_cache_key(self, request: Request, view: object) -> str:
        return f"read-api:rate:{view.reader.visitor.operator_id}"  # type: ignore[attr-defined]
