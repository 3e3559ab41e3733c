"""Doors for Celery: each asks for the time and makes one call."""

from celery import shared_task

from apps.telephony.events import event_poller
from apps.telephony.queue import queue_sender, reconciliation
from apps.telephony.sessions import operator_sessions, presence
from common import clock


@shared_task
def send_queue() -> None:
    """Requests to MightyCall's queue are sent."""
    queue_sender.send_queue(clock.now())


@shared_task
def tell_presence(operator_id: int | None = None) -> None:
    """MightyCall is told of one operator, or, with those gone signed off first, of all."""
    if operator_id is None:
        operator_sessions.close_sessions_of_absent()
    presence.tell_presence(clock.now(), operator_id)


@shared_task
def poll_events() -> None:
    """New events are taken."""
    event_poller.poll_events()


@shared_task
def reconcile_calls() -> None:
    """Calls whose end was never told are closed."""
    reconciliation.reconcile_calls(clock.now())
