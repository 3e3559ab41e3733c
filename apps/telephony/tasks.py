"""Entry points for Celery: each asks for the time and makes one call."""

from celery import shared_task

from apps.telephony import services
from common import clock


@shared_task
def send_queue() -> None:
    """Send the requests that wait for MightyCall's queue."""
    services.send_queue(clock.now())


@shared_task
def send_presence() -> None:
    """Send MightyCall every session and presence that it has not confirmed."""
    services.send_presence(clock.now())


@shared_task
def sweep_presence() -> None:
    """Bring operators on line in step with who is signed in, and send what is not confirmed."""
    services.sweep_presence(clock.now())


@shared_task
def poll_events() -> None:
    """Read and apply new events."""
    services.poll_events()


@shared_task
def reconcile_calls() -> None:
    """Close calls whose end no event has reported."""
    services.reconcile_calls(clock.now())


@shared_task
def retry_rejected_events() -> int:
    """Apply events again that could not be applied. Returns how many were tried."""
    return services.retry_rejected_events(clock.now())


@shared_task
def forget_old_events() -> int:
    """Delete the ids of events that cannot come again. Returns how many."""
    return services.forget_old_events(clock.now())
