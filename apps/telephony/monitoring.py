"""What does not work between us and MightyCall, for people who can do something about it."""

from datetime import datetime, timedelta

from django.db.models import Min

from apps.telephony.models import (
    UNCONFIRMED,
    MightyCallActiveOperator,
    MightyCallOperator,
    MightyCallTask,
)
from apps.telephony.states import QueueTaskState
from apps.telephony.types import TelephonyTrouble

# requests, sessions and states are sent within seconds; this old, they wait for MightyCall
LATE = timedelta(seconds=30)


def telephony_trouble(now: datetime) -> TelephonyTrouble:
    """Count what waits for MightyCall for longer than it should."""
    late = now - LATE
    on_line = MightyCallActiveOperator.objects.all()
    requests = MightyCallTask.objects.filter(task_state=QueueTaskState.NEW, wtime__lt=late)
    return TelephonyTrouble(
        sessions=on_line.filter(UNCONFIRMED, utime__lt=late).count(),
        feeds=MightyCallOperator.objects.filter(
            feed_failures__gt=0, operator__in=on_line.values("operator")
        ).count(),
        requests=requests.count(),
        oldest_at=requests.aggregate(oldest=Min("wtime"))["oldest"],
    )
