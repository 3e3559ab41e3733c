"""How often an operator may ask for the whole number of a client."""

from django.conf import settings
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView


class RevealThrottle(SimpleRateThrottle):
    """The limit ``ARM_REVEALS`` of one operator, counted in the cache: a limit for the curious.
    What counts as evidence is the access log."""

    def __init__(self, operator_id: int) -> None:
        self.operator_id = operator_id
        super().__init__()

    def get_rate(self) -> str:
        rate: str = settings.ARM_REVEALS
        return rate

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return f"arm:reveals:{self.operator_id}"


def count_reveal(request: Request, view: APIView, operator_id: int) -> None:
    """Raises Throttled when the operator has asked too often."""
    throttle = RevealThrottle(operator_id)
    if not throttle.allow_request(request, view):
        raise Throttled(throttle.wait())
