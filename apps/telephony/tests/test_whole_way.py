"""The way of a call: from the engine's order to the communication, against the simulator."""

from collections.abc import Mapping, Sequence

import pytest
from pytest_django import Settings

from apps.campaigns.models import Call, Campaign, CampaignTask, Communication
from apps.campaigns.services import hand_over_due_tasks, wake_redials
from apps.campaigns.states import TaskOutcome, TaskState
from apps.campaigns.types import DueTask, SystemDisposition
from apps.telephony.events.event_poller import poll_events
from apps.telephony.models import MightyCallActiveOperator, MightyCallTask
from apps.telephony.queue.dialer import MightyCallDialer
from apps.telephony.queue.queue_sender import send_queue
from apps.telephony.sessions.operator_sessions import MightyCallSessions
from apps.telephony.sessions.presence import send_presence
from apps.telephony.tests.simulated_mightycall import SimulatedMightyCall
from common import clock
from testing.factories.campaigns import CampaignFactory, TaskFactory
from testing.factories.telephony import AccountFactory, request_of
from testing.waiting import until

pytestmark = pytest.mark.django_db


def polled_until_done(task: CampaignTask) -> CampaignTask:
    def is_done() -> bool:
        poll_events()
        task.refresh_from_db()
        return task.task_state == TaskState.DONE

    until(is_done)
    return task


class NobodyIsRefused:
    """The domain's last word before a call, where there is no domain."""

    def forbidden(self, tasks: Sequence[DueTask]) -> Mapping[int, str | None]:
        return {}


def operator_on_line() -> MightyCallActiveOperator:
    account = AccountFactory.create()
    MightyCallSessions().open_session(account.operator_id)
    send_presence(clock.now())
    return MightyCallActiveOperator.objects.get(operator=account.operator_id)


def test_an_answered_call_becomes_a_communication_of_its_operator(
    mightycall: SimulatedMightyCall,
) -> None:
    operator = operator_on_line()
    task = TaskFactory.create(handed_over_now=True, phone="79130000077")
    MightyCallDialer().add_calls([request_of(task)])

    assert send_queue(clock.now()) == 1

    assert polled_until_done(task).outcome == TaskOutcome.CALLED
    communication = Communication.objects.get(campaign_task=task)
    assert communication.operator_id == operator.operator_id
    call = Call.objects.get(order__task=task)
    assert call.system_disposition == SystemDisposition.CONNECTED
    assert call.hung_up_by == "CLIENT"
    assert call.cause == "Q.850 16, SIP 200"
    times = [call.dialled_at, call.ringing_at, call.connected_at, call.ended_at]
    assert times == sorted(moment for moment in times if moment)
    assert MightyCallTask.objects.get().ended_at is not None


@pytest.mark.parametrize(
    ("ending", "disposition"),
    [
        ("80", SystemDisposition.NO_ANSWER),
        ("86", SystemDisposition.BUSY),
        ("04", SystemDisposition.INVALID_NUMBER),
        ("03", SystemDisposition.REJECTED),
        ("50", SystemDisposition.NETWORK_FAILURE),
        ("66", SystemDisposition.ANSWERING_MACHINE),
        ("91", SystemDisposition.ABANDONED),
    ],
)
def test_a_call_that_reached_nobody_ends_with_its_outcome(
    mightycall: SimulatedMightyCall, ending: str, disposition: SystemDisposition
) -> None:
    operator_on_line()
    task = TaskFactory.create(handed_over_now=True, phone=f"791300000{ending}")
    MightyCallDialer().add_calls([request_of(task)])
    send_queue(clock.now())

    polled_until_done(task)

    assert Call.objects.get(order__task=task).system_disposition == disposition
    assert not Communication.objects.exists()


def test_a_due_task_of_the_engine_is_called_and_its_redial_too(
    mightycall: SimulatedMightyCall, settings: Settings
) -> None:
    settings.CAMPAIGNS_CALL_GUARD = f"{__name__}.NobodyIsRefused"
    operator_on_line()
    campaign = CampaignFactory.create(weekday_from="00:00", weekday_till="00:00")
    Campaign.objects.filter(pk=campaign.pk).update(weekend_from="00:00", weekend_till="00:00")
    task = TaskFactory.create(campaign=campaign, phone="79130000086", task_time=clock.now())
    for attempt in (1, 2):
        assert hand_over_due_tasks(clock.now()) == 1
        send_queue(clock.now())
        polled_until_done(task)
        assert task.attempts == attempt
        CampaignTask.objects.filter(pk=task.pk).update(redial_at=clock.now())
        wake_redials(clock.now())

    assert Call.objects.filter(system_disposition=SystemDisposition.BUSY).count() == 2
