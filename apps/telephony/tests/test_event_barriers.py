"""One event that cannot be applied stops nothing: it is kept with its error and tried again."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from apps.campaigns.models import AttentionItem, Call, CampaignTask
from apps.campaigns.services import release
from apps.campaigns.states import AttentionKind, OrderState
from apps.telephony.events.event_intake import EVENTS_OF_A_SLICE, UNREADABLE_SHOWN, take_page
from apps.telephony.events.event_poller import poll_events
from apps.telephony.events.old_events import forget_old_events
from apps.telephony.mightycall.mapping import page_of
from apps.telephony.models import (
    MightyCallCursor,
    MightyCallEvent,
    MightyCallRejectedEvent,
)
from apps.telephony.queue.dialer import MightyCallDialer
from apps.telephony.queue.queue_sender import send_queue
from apps.telephony.queue.rejected_events import retry_rejected_events
from apps.telephony.sessions.operator_sessions import MightyCallSessions
from apps.telephony.sessions.presence import send_presence
from apps.telephony.tests.simulated_mightycall import SimulatedMightyCall
from common import clock
from testing.factories.campaigns import TaskFactory
from testing.factories.telephony import AccountFactory, request_of
from testing.waiting import until

pytestmark = pytest.mark.django_db

NOW = clock.now()
A_DAY = timedelta(days=1)


def ordered(count: int) -> list[CampaignTask]:
    """Tasks whose calls are in MightyCall's queue."""
    campaign = TaskFactory.create(handed_over_now=True).campaign
    tasks = [
        TaskFactory.create(handed_over_now=True, campaign=campaign, phone=f"7913{n:05}77")
        for n in range(count)
    ]
    MightyCallDialer().add_calls([request_of(task) for task in tasks])
    return tasks


def dialing(task: CampaignTask, **changes: Any) -> dict[str, Any]:
    order_id = task.orders.get().pk
    event = {
        "id": f"dialing-{order_id}",
        "type": "CallDialing",
        "timestampUtc": NOW.isoformat(),
        "externalId": str(order_id),
        "callId": f"call-{order_id}",
        "to": task.phone,
    }
    return {**event, **changes}


def taken(events: Sequence[Any]) -> None:
    take_page(page_of({"events": list(events), "nextCursor": "c", "hasMore": False}))


def dialled() -> set[str]:
    return set(Call.objects.values_list("call_key", flat=True))


def due() -> datetime:
    """When whatever is set aside is tried again."""
    return clock.now() + A_DAY


def test_an_event_that_cannot_be_applied_leaves_the_others_of_its_page() -> None:
    first, second, third = ordered(3)
    call_of_the_first = f"call-{first.orders.get().pk}"
    poison = dialing(second, callId=call_of_the_first)

    taken([dialing(first), poison, dialing(third)])

    assert dialled() == {call_of_the_first, f"call-{third.orders.get().pk}"}
    assert MightyCallEvent.objects.count() == 3
    item = AttentionItem.objects.get()
    assert (item.kind, item.key) == (AttentionKind.CALL_EVENT, poison["id"])
    kept = MightyCallRejectedEvent.objects.get()
    assert kept.event_id == poison["id"]
    assert second.phone not in str(kept.event)


def test_a_rejected_event_that_comes_again_is_not_applied_behind_its_back() -> None:
    first, second = ordered(2)
    poison = dialing(second, callId=f"call-{first.orders.get().pk}")
    taken([dialing(first), poison])

    taken([poison])

    assert AttentionItem.objects.get().tries == 1


def test_an_event_is_applied_when_its_cause_is_gone_and_its_pause_over() -> None:
    first, second = ordered(2)
    taken([dialing(first), dialing(second, callId=f"call-{first.orders.get().pk}")])
    Call.objects.all().delete()
    assert retry_rejected_events(clock.now()) == 0

    assert retry_rejected_events(due()) == 1

    assert Call.objects.get().order_id == second.orders.get().pk
    assert second.orders.get().state == OrderState.CALLING
    assert not MightyCallRejectedEvent.objects.exists()
    assert not AttentionItem.objects.exists()


def test_an_event_that_still_cannot_be_applied_waits_longer_and_holds_up_no_other() -> None:
    first, second, third = ordered(3)
    key = f"call-{first.orders.get().pk}"
    taken([dialing(first), dialing(second, callId=key), dialing(third, callId=key)])
    # the third may be applied now
    kept = MightyCallRejectedEvent.objects.get(event_id=dialing(third)["id"])
    assert kept.event
    kept.event["call_key"] = "another"
    kept.save()

    assert retry_rejected_events(due()) == 2

    assert "another" in dialled()
    assert AttentionItem.objects.get().tries == 2
    assert MightyCallRejectedEvent.objects.get().event_id == dialing(second)["id"]


def test_the_button_releases_an_event_at_once() -> None:
    first, second = ordered(2)
    taken([dialing(first), dialing(second, callId=f"call-{first.orders.get().pk}")])
    Call.objects.all().delete()
    release(AttentionItem.objects.values_list("pk", flat=True), clock.now())

    assert retry_rejected_events(clock.now()) == 1

    assert Call.objects.exists()


def test_an_event_that_cannot_be_read_is_shown_and_leaves_the_others() -> None:
    (task,) = ordered(1)

    taken([{"id": "x" * 200, "type": "CallDialing"}, dialing(task)])
    taken([{"id": "x" * 200, "type": "CallDialing"}])

    assert len(dialled()) == 1
    item = AttentionItem.objects.get()
    assert (item.kind, item.tries) == (AttentionKind.CALL_EVENT, 2)
    assert item.error.startswith("ContractError")
    assert retry_rejected_events(due()) == 0


def test_of_many_unreadable_events_a_few_are_shown(caplog: pytest.LogCaptureFixture) -> None:
    taken([{"id": f"{number}"} for number in range(UNREADABLE_SHOWN + 5)])

    assert AttentionItem.objects.count() == UNREADABLE_SHOWN
    assert f"{UNREADABLE_SHOWN + 5} events of a page cannot be read" in caplog.text


def test_a_page_takes_as_many_statements_for_a_slice_as_for_two_events() -> None:
    events = [dialing(task) for task in ordered(EVENTS_OF_A_SLICE)]

    with CaptureQueriesContext(connection) as few:
        taken(events[:2])
    with CaptureQueriesContext(connection) as many:
        taken(events[2:])

    assert len(many) == len(few)
    assert len(dialled()) == EVENTS_OF_A_SLICE


@pytest.mark.django_db(transaction=True)
def test_a_slice_is_committed_before_the_next_one_begins() -> None:
    events = [dialing(task) for task in ordered(EVENTS_OF_A_SLICE + 1)]

    with CaptureQueriesContext(connection) as asked:
        taken(events)

    ends = [query["sql"] for query in asked if query["sql"] in ("BEGIN", "COMMIT")]
    assert ends == ["BEGIN", "COMMIT"] * 2


@pytest.fixture
def lost_connection(transactional_db: None) -> Iterator[None]:
    """A database that loses the connection of whoever writes a call."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
            CREATE TRIGGER lose BEFORE INSERT ON "tm$calls" FOR EACH ROW EXECUTE FUNCTION lose()
            """
        )
    yield
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute('DROP TRIGGER lose ON "tm$calls"; DROP FUNCTION lose()')


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_is_no_fault_of_the_events(lost_connection: None) -> None:
    events = [dialing(task) for task in ordered(2)]

    with pytest.raises(OperationalError):
        taken(events)

    connection.close()
    assert not MightyCallEvent.objects.exists()
    assert not MightyCallRejectedEvent.objects.exists()
    assert not AttentionItem.objects.exists()


def test_the_cursor_goes_on_over_events_that_cannot_be_applied(
    mightycall: SimulatedMightyCall, caplog: pytest.LogCaptureFixture
) -> None:
    account = AccountFactory.create()
    MightyCallSessions().open_session(account.operator_id)
    send_presence(clock.now())
    ordered(1)
    send_queue(clock.now())
    until(lambda: "Done" in mightycall.tasks())
    with connection.cursor() as sql:
        sql.execute('ALTER TABLE "tm$calls" ADD CONSTRAINT no_calls CHECK (false)')

    poll_events()

    kinds = set(MightyCallEvent.objects.values_list("kind", flat=True))
    assert {"CallDialing", "CallStarted", "CallEnded"} <= kinds
    assert MightyCallRejectedEvent.objects.count() == AttentionItem.objects.count() > 0
    assert MightyCallCursor.objects.get().cursor != ""
    account.refresh_from_db()
    assert account.event_cursor != ""
    assert "79130000077" not in caplog.text


def test_ids_are_kept_only_as_long_as_they_may_come_again(settings: Any) -> None:
    settings.TELEPHONY_EVENT_DAYS = 30
    first, second = ordered(2)
    taken([dialing(first), dialing(second, callId=f"call-{first.orders.get().pk}")])

    assert forget_old_events(clock.now() + timedelta(days=29)) == 0
    assert forget_old_events(clock.now() + timedelta(days=31)) == 2

    assert not MightyCallEvent.objects.exists()
    assert not MightyCallRejectedEvent.objects.exists()
    assert not AttentionItem.objects.exists()
