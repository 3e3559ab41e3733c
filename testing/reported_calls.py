"""Calls that tests make up, each with its time in Moscow on one day."""

from datetime import datetime, timedelta
from itertools import count

from apps.campaigns.models import Call, CampaignTask, Communication, Disposition
from apps.campaigns.states import CommunicationState
from apps.campaigns.types import SystemDisposition
from apps.security.models import Operator
from common.clock import MOSCOW
from testing.factories.campaigns import OrderFactory, TaskFactory

DAY = datetime(2026, 11, 18, tzinfo=MOSCOW)
_keys = count()


def at(text: str, days: int = 0) -> datetime:
    """``10:05`` or ``10:05:30`` of the day."""
    hours, minutes, *seconds = (int(part) for part in text.split(":"))
    return DAY + timedelta(days=days, hours=hours, minutes=minutes, seconds=sum(seconds))


def unreached(
    task: CampaignTask, moment: datetime, outcome: SystemDisposition = SystemDisposition.BUSY
) -> Call:
    """A call that reached nobody, 20 seconds long."""
    order = OrderFactory.create(task=task, closed=True)
    return Call.objects.create(
        order=order,
        call_key=f"made-{next(_keys)}",
        dialled_at=moment,
        ended_at=moment + timedelta(seconds=20),
        system_disposition=outcome,
    )


def talk(
    operator: Operator,
    moment: datetime,
    *,
    seconds: int = 60,
    saved_after: int | None = 10,
    result: Disposition | None = None,
    reason: str = "",
    callback_at: datetime | None = None,
    task: CampaignTask | None = None,
) -> Communication:
    """A conversation of so many seconds whose result was saved so many after its end; None: it was
    not saved in time."""
    if task is None:
        campaign = {"campaign": result.campaign} if result else {}
        task = TaskFactory.create(called=True, order=None, **campaign)
    ended_at = moment + timedelta(seconds=seconds)
    saved = saved_after is not None
    details = {"reason": reason, "result": result.result if result else ""}
    if callback_at:
        details["callback_at"] = callback_at.isoformat()
    row = Communication.objects.create(
        campaign_task=task,
        operator=operator,
        phone=task.phone,
        started_at=moment,
        ended_at=ended_at,
        state=CommunicationState.FIXED if saved else CommunicationState.DRAFT,
        disposition=result if saved else None,
        result_details=details,
        fixed_at=ended_at + timedelta(seconds=saved_after) if saved_after is not None else None,
    )
    Call.objects.create(
        order=OrderFactory.create(task=task, closed=True),
        call_key=f"made-{next(_keys)}",
        communication=row,
        operator=operator,
        dialled_at=moment - timedelta(seconds=15),
        connected_at=moment,
        ended_at=ended_at,
        system_disposition=SystemDisposition.CONNECTED,
    )
    return row
