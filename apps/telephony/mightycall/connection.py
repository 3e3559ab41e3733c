"""Chooses the transport and the address of MightyCall for this installation."""

from django.conf import settings

from apps.telephony.mightycall import mapping
from apps.telephony.mightycall.contact_center import ContactCenter
from apps.telephony.mightycall.transport import Transport
from common.http import Endpoint, http_service

CONCURRENCY = 32  # 500 operators a second want 25 at once where the service takes 50 ms


def transport() -> Transport:
    """Return the transport. All of one process and address share connections and circuit breaker.

    A failed request is not repeated here: a sweep of its caller repeats it.
    """
    endpoint = Endpoint(
        mapping.NAME,
        settings.MIGHTYCALL_URL,
        headers=((mapping.API_KEY_HEADER, settings.MIGHTYCALL_API_KEY),),
        connect_seconds=settings.SERVICE_CONNECT_TIMEOUT_SECONDS,
        read_seconds=settings.SERVICE_READ_TIMEOUT_SECONDS,
        concurrency=CONCURRENCY,
        attempts=1,
    )
    return ContactCenter(http_service(endpoint))
