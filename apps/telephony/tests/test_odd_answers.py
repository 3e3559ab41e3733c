"""An odd answer of MightyCall touches only the row, the feed or the operator that it is about."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from pytest_django import Settings

from apps.campaigns.models import AttentionItem, CampaignTask
from apps.campaigns.selectors import items_by_kind
from apps.campaigns.services import release
from apps.campaigns.states import AttentionKind, OrderEnding, OrderState
from apps.telephony.events import event_feeds
from apps.telephony.events.event_feeds import LONGEST_PAUSE_SECONDS, EventFeed
from apps.telephony.events.event_poller import poll_events
from apps.telephony.mightycall.connection import transport
from apps.telephony.mightycall.transport import CALLS_AT_ONCE
from apps.telephony.models import (
    MightyCallCursor,
    MightyCallOperator,
    MightyCallRejectedEvent,
    MightyCallTask,
)
from apps.telephony.queue.call_queue import LONGEST_ODD_PAUSE, ODD_ANSWER
from apps.telephony.queue.dialer import MightyCallDialer
from apps.telephony.queue.queue_sender import send_queue
from apps.telephony.queue.reconciliation import reconcile_calls
from apps.telephony.services import save_account
from common import clock
from common.http import http_service
from common.service_errors import CircuitOpenError, ServiceError
from testing.factories.campaigns import TaskFactory
from testing.factories.telephony import AccountFactory, OnLineFactory, request_of
from testing.scripted_service import Answer, Asked, ScriptedService, answer_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]

NOTHING_NEW = answer_of({"events": [], "nextCursor": "1", "hasMore": False})
SOON = timedelta(seconds=6)


@pytest.fixture(autouse=True)
def mightycall(scripted_service: ScriptedService, settings: Settings) -> Iterator[ScriptedService]:
    settings.MIGHTYCALL_URL = scripted_service.url
    settings.TELEPHONY_SENDERS = 1
    yield scripted_service
    http_service.cache_clear()


def ordered(count: int, prefix: str = "7913") -> list[CampaignTask]:
    campaign = TaskFactory.create(handed_over_now=True).campaign
    tasks = [
        TaskFactory.create(handed_over_now=True, campaign=campaign, phone=f"{prefix}{n:05}77")
        for n in range(count)
    ]
    MightyCallDialer().add_calls([request_of(task) for task in tasks])
    return tasks


def order_of(task: CampaignTask) -> int:
    return int(task.orders.get().pk)


def asked_id(asked: Asked) -> int:
    return int(parse_qs(urlsplit(asked.path).query)["externalId"][0])


def row_of(task: CampaignTask) -> MightyCallTask:
    return MightyCallTask.objects.get(order=order_of(task), task_type="ADD")


def receipts(asked: Asked, change: Callable[[dict[str, Any]], Any]) -> Answer:
    good = [{"externalId": call["externalId"], "state": "Queued"} for call in asked.body["tasks"]]
    return answer_of({"data": [change(receipt) for receipt in good]})


@pytest.mark.parametrize(
    "oddity", [{"state": "x" * 65}, {"state": {}}, {"state": "\0"}, "odd", None]
)
def test_an_odd_receipt_leaves_the_others_and_its_call_is_looked_up(
    mightycall: ScriptedService, oddity: Any
) -> None:
    odd, good = ordered(2)
    name = str(order_of(odd))

    def with_an_odd_one(receipt: dict[str, Any]) -> Any:
        is_odd = receipt["externalId"] == name
        changed = {**receipt, **oddity} if isinstance(oddity, dict) else oddity
        return changed if is_odd else receipt

    mightycall.reply = lambda asked: receipts(asked, with_an_odd_one)
    assert send_queue(clock.now()) == 1
    assert (row_of(good).task_state, row_of(odd).task_state) == ("DONE", "IN_PROGRESS")
    mightycall.reply = lambda _asked: answer_of({"data": {"state": "Queued"}})

    assert send_queue(clock.now() + SOON) == 1

    assert row_of(odd).answer == "Queued"


def test_rows_with_odd_states_wait_ever_longer_and_do_not_stop_the_queue(
    mightycall: ScriptedService,
) -> None:
    odd = ordered(CALLS_AT_ONCE)
    mightycall.reply = lambda _asked: answer_of({}, status=503)
    send_queue(clock.now())
    mightycall.reply = lambda _asked: answer_of({"data": {"state": []}})
    later = clock.now() + SOON
    send_queue(later)
    (good,) = ordered(1, prefix="7914")
    mightycall.reply = lambda asked: receipts(asked, lambda receipt: receipt)

    assert send_queue(later) == 1

    assert row_of(good).task_state == "DONE"
    assert set(MightyCallTask.objects.exclude(order=order_of(good)).values_list("answer")) == {
        (ODD_ANSWER,)
    }
    mightycall.reply = lambda _asked: answer_of({"data": {"state": []}})
    much_later = later + timedelta(hours=1)
    send_queue(much_later)
    assert row_of(odd[0]).next_try_at == much_later + LONGEST_ODD_PAUSE


def test_a_call_that_makes_its_whole_request_rejected_is_found_and_leaves_the_others(
    mightycall: ScriptedService,
) -> None:
    odd, *good = ordered(3)
    name = str(order_of(odd))

    def reply(asked: Asked) -> Answer:
        names = [call["externalId"] for call in asked.body["tasks"]]
        return answer_of({}, 400) if name in names else receipts(asked, lambda receipt: receipt)

    mightycall.reply = reply

    assert send_queue(clock.now()) == 2

    assert [row_of(task).task_state for task in good] == ["DONE", "DONE"]
    assert (row_of(odd).task_state, row_of(odd).answer) == ("IN_PROGRESS", ODD_ANSWER)


def make_sick(task: CampaignTask) -> None:
    """Make every event raise that would close the task's order."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            'ALTER TABLE "tm$call_orders" ADD CONSTRAINT sick '
            f"CHECK (id <> {order_of(task)} OR state <> 'CLOSED')"
        )


def test_an_event_that_the_engine_cannot_take_does_not_keep_its_row_in_the_queue(
    mightycall: ScriptedService,
) -> None:
    sick, healthy = ordered(2)
    make_sick(sick)
    refused = {"state": None, "errorCode": "INVALID_NUMBER"}
    mightycall.reply = lambda asked: receipts(asked, lambda receipt: {**receipt, **refused})

    assert send_queue(clock.now()) == 2

    assert healthy.orders.get().ending == OrderEnding.REJECTED
    assert sick.orders.get().state == OrderState.QUEUED
    row = row_of(sick)
    assert (row.task_state, row.answer) == ("DONE", "INVALID_NUMBER")
    assert MightyCallRejectedEvent.objects.get().event_id == f"queue:{row.pk}"
    assert AttentionItem.objects.get().key == f"queue:{row.pk}"


def test_the_reconciliation_of_a_sick_call_leaves_the_others(mightycall: ScriptedService) -> None:
    sick, odd, healthy = ordered(3)
    mightycall.reply = lambda asked: receipts(asked, lambda receipt: receipt)
    send_queue(clock.now())
    make_sick(sick)
    gone, odd_id = {"state": "Removed", "endedAt": "2026-01-01T00:00:00Z"}, order_of(odd)
    mightycall.reply = lambda asked: answer_of({"data": [] if asked_id(asked) == odd_id else gone})
    later = clock.now() + timedelta(hours=1)

    assert reconcile_calls(later) == 2

    assert healthy.orders.get().ending == OrderEnding.WITHDRAWN
    assert MightyCallRejectedEvent.objects.get().event_id == f"end:{order_of(sick)}"
    assert row_of(odd).ended_at is None
    assert reconcile_calls(later) == 0


def events_of(extension: str, answers: dict[str, Answer]) -> Callable[[Asked], Answer]:
    """Answers the feed of this extension by ``answers["odd"]`` and all others by "nothing new"."""
    return lambda asked: answers["odd"] if f"/{extension}/" in asked.path else NOTHING_NEW


@pytest.mark.parametrize(
    "odd", [answer_of({}, 404), answer_of({}, 503), answer_of([]), Answer(b"{"), answer_of({}, 410)]
)
def test_a_failing_feed_is_asked_less_and_less_often_and_leaves_the_others(
    mightycall: ScriptedService, odd: Answer
) -> None:
    failing, healthy = AccountFactory.create_batch(2)
    for account in (failing, healthy):
        OnLineFactory.create(operator=account.operator)
    mightycall.reply = events_of(failing.login, {"odd": odd})

    poll_events()

    failing.refresh_from_db()
    healthy.refresh_from_db()
    assert (healthy.event_cursor, healthy.next_poll_at) == ("1", None)
    assert failing.feed_failures > 0
    assert failing.next_poll_at
    assert failing.next_poll_at > clock.now() - timedelta(seconds=1)


@pytest.mark.parametrize(("failures", "seconds"), [(0, 1), (3, 8), (5, 32), (6, 60), (30, 60)])
def test_the_pause_of_a_feed_grows_up_to_a_minute(failures: int, seconds: int) -> None:
    account = AccountFactory.create(feed_failures=failures)
    before = clock.now()

    event_feeds.back_off(EventFeed(account.pk, account.login, "", failures), TimeoutError())

    account.refresh_from_db()
    assert account.next_poll_at
    assert timedelta(0) <= account.next_poll_at - before - timedelta(seconds=seconds) < SOON
    assert seconds <= LONGEST_PAUSE_SECONDS


def test_a_feed_that_answers_again_is_polled_as_before(mightycall: ScriptedService) -> None:
    account = AccountFactory.create(feed_failures=5)
    OnLineFactory.create(operator=account.operator)
    mightycall.reply = lambda _asked: NOTHING_NEW

    poll_events()

    account.refresh_from_db()
    assert (account.feed_failures, account.next_poll_at) == (0, None)


def failing_feed(mightycall: ScriptedService, failures: int = 0) -> MightyCallOperator:
    """An operator whose feed, and no other, cannot be read."""
    account = AccountFactory.create(feed_failures=failures)
    OnLineFactory.create(operator=account.operator)
    mightycall.reply = events_of(account.login, {"odd": answer_of({}, 404)})
    return account


def test_a_feed_that_fails_once_is_not_shown(mightycall: ScriptedService) -> None:
    account = failing_feed(mightycall)

    poll_events()

    account.refresh_from_db()
    assert account.feed_failures == 1
    assert not AttentionItem.objects.exists()


def test_a_feed_that_fails_again_needs_attention_until_it_is_read(
    mightycall: ScriptedService,
) -> None:
    account = failing_feed(mightycall, failures=1)

    poll_events()

    account.refresh_from_db()
    item = AttentionItem.objects.get()
    assert (item.kind, item.key, item.tries) == (AttentionKind.EVENT_FEED, account.login, 1)
    assert item.error.startswith("PermanentError")
    assert item.next_try_at == account.next_poll_at
    assert items_by_kind()[AttentionKind.EVENT_FEED] == 1

    mightycall.reply = lambda _asked: NOTHING_NEW
    release([item.pk], clock.now())
    poll_events()

    polled = MightyCallOperator.objects.filter(pk=account.pk)
    assert polled.values_list("feed_failures", "next_poll_at").get() == (0, None)
    assert not AttentionItem.objects.exists()


def test_the_account_s_feed_is_shown_too_and_its_return_clears_every_feed(
    mightycall: ScriptedService,
) -> None:
    other = failing_feed(mightycall, failures=1)
    mightycall.reply = lambda asked: answer_of({}, 404)
    poll_events()
    poll_events()
    keys = set(AttentionItem.objects.values_list("key", flat=True))
    assert keys == {other.login, event_feeds.ACCOUNT}

    mightycall.reply = lambda _asked: NOTHING_NEW
    poll_events()

    assert not AttentionItem.objects.exists()


def test_of_a_service_that_is_not_called_no_feed_is_shown(mightycall: ScriptedService) -> None:
    account = failing_feed(mightycall, failures=1)
    feed = EventFeed(account.pk, account.login, "", failures=1)

    event_feeds.note_failure(feed, CircuitOpenError("mightycall", "it rests"))

    assert not AttentionItem.objects.exists()


def test_the_feed_of_a_login_that_was_changed_is_shown_no_longer(
    mightycall: ScriptedService,
) -> None:
    account = failing_feed(mightycall, failures=1)
    poll_events()
    assert AttentionItem.objects.exists()

    account.login = "778"
    save_account(account)

    assert not AttentionItem.objects.exists()


def test_when_the_service_is_back_every_feed_is_asked(mightycall: ScriptedService) -> None:
    account = AccountFactory.create(feed_failures=6, next_poll_at=clock.now() + SOON)
    OnLineFactory.create(operator=account.operator)
    mightycall.reply = lambda _asked: answer_of({}, 503)
    poll_events()
    assert MightyCallCursor.objects.get().failing
    mightycall.reply = lambda _asked: NOTHING_NEW

    poll_events()

    account.refresh_from_db()
    assert (account.feed_failures, account.next_poll_at) == (0, None)
    assert not MightyCallCursor.objects.get().failing


def test_the_errors_of_one_operator_do_not_open_the_breaker_of_the_service(
    mightycall: ScriptedService,
) -> None:
    mightycall.reply = lambda _asked: answer_of({}, 503)
    for _ in range(20):
        with pytest.raises(ServiceError):
            transport().operator_events("101", "")
        with pytest.raises(ServiceError):
            transport().set_ready("101", True)
    mightycall.reply = lambda _asked: NOTHING_NEW

    assert transport().account_events("").next_cursor == "1"


def test_errors_of_the_account_open_it(mightycall: ScriptedService) -> None:
    mightycall.reply = lambda _asked: answer_of({}, 503)
    for _ in range(10):
        with pytest.raises(ServiceError):
            transport().account_events("")

    with pytest.raises(CircuitOpenError):
        transport().set_ready("101", True)


def test_a_feed_that_claims_to_have_more_without_end_does_not_hold_up_the_round(
    mightycall: ScriptedService,
) -> None:
    account = AccountFactory.create()
    OnLineFactory.create(operator=account.operator)
    asked_paths: list[str] = []

    def reply(asked: Asked) -> Answer:
        asked_paths.append(asked.path)
        return answer_of({"events": [], "nextCursor": "1", "hasMore": True})

    mightycall.reply = reply

    poll_events()

    assert len(asked_paths) < 20


def operators_on_line(count: int) -> set[str]:
    accounts = [AccountFactory.create() for _ in range(count)]
    for account in accounts:
        OnLineFactory.create(operator=account.operator)
    return {account.login for account in accounts}


def asked_feeds(mightycall: ScriptedService, status: int = 200) -> list[str]:
    """The extensions whose feeds are asked from now on; the account's answers with ``status``."""
    asked_ones: list[str] = []

    def reply(asked: Asked) -> Answer:
        parts = urlsplit(asked.path).path.split("/")
        if "agents" not in parts:
            return NOTHING_NEW if status == 200 else answer_of({}, status)
        asked_ones.append(parts[parts.index("agents") + 1])
        return NOTHING_NEW

    mightycall.reply = reply
    return asked_ones


def test_while_the_account_s_feed_is_read_each_operator_s_is_asked_once_in_a_turn_of_all_shards(
    mightycall: ScriptedService, settings: Settings
) -> None:
    settings.TELEPHONY_SHARDS = 4
    extensions = operators_on_line(12)
    asked = asked_feeds(mightycall)
    poll_events()
    assert sorted(asked) == sorted(extensions)  # nobody knew yet whether the account's is read
    asked.clear()

    for _round in range(4):
        poll_events()

    assert sorted(asked) == sorted(extensions)


def test_while_the_account_s_feed_is_not_read_each_round_asks_every_operator_s(
    mightycall: ScriptedService,
) -> None:
    extensions = operators_on_line(12)
    asked_feeds(mightycall)
    poll_events()
    asked = asked_feeds(mightycall, status=500)
    poll_events()  # it fails in this one
    asked.clear()

    for _round in range(2):
        poll_events()

    assert sorted(asked) == sorted([*extensions, *extensions])
