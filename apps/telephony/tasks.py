"""Entry points for Celery: each asks for the time and makes one call."""

from celery import shared_task

from apps.telephony import services
from common import clock


@shared_task
def send_queue() -> None:
    """Send the requests that wait for MightyCall's queue."""
    services.send_queue(clock.now())


@shared_task
def send_presence(operator_id: int) -> None:
    """Send MightyCall the session and the presence of one operator."""
    services.send_presence(clock.now(), operator_id)


@shared_task
def sweep_presence() -> None:
    """Send MightyCall every session and presence that it has not confirmed."""
    services.sweep_presence(clock.now())


@shared_task
def poll_events() -> None:
    """Read and apply new events."""
    services.poll_events()


@shared_task
def reconcile_calls() -> None:
    """Close calls whose end no event has reported."""
    services.reconcile_calls(clock.now())
