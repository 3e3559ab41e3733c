"""What is reported of calls goes to the core in times that can be true."""

from datetime import timedelta

import pytest

from apps.campaigns.models import Communication
from apps.campaigns.types import CallEvent, CallEventKind, SystemDisposition
from apps.telephony.queue.call_reports import take_reports
from common import clock
from testing.factories.campaigns import TaskFactory
from testing.factories.security import OperatorFactory

pytestmark = pytest.mark.django_db


def test_a_time_later_than_now_is_taken_for_now() -> None:
    """Else a clock that is fast would give the operator hours for the result."""
    task, now = TaskFactory.create(handed_over=True), clock.now()
    connected = CallEvent(
        kind=CallEventKind.CONNECTED,
        call_key="call",
        order_id=task.orders.get().pk,
        at=now + timedelta(hours=1),
        operator_id=OperatorFactory.create().pk,
    )
    ended = CallEvent(
        kind=CallEventKind.ENDED,
        call_key="call",
        order_id=connected.order_id,
        at=now + timedelta(hours=2),
        operator_id=connected.operator_id,
        system_disposition=SystemDisposition.CONNECTED,
    )

    take_reports([connected, ended], now)

    communication = Communication.objects.get()
    assert (communication.started_at, communication.ended_at) == (now, now)
