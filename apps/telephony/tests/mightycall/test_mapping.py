"""MightyCall's JSON: what breaks the contract is refused, but for single events, which are only
remembered."""

import logging
from typing import Any

import pytest

from apps.campaigns.types import CallEventKind, HungUpBy, SystemDisposition
from apps.telephony.mightycall import mapping
from apps.telephony.mightycall.transport import CallNews, Ending, Receipt, TelephonyEvent
from common.service_errors import ContractError

ENDED: dict[str, Any] = {
    "id": "e",
    "type": "CallEnded",
    "timestampUtc": "2026-01-01T00:00:00Z",
    "extension": "101",
    "externalId": "1-2",
    "callId": "c",
    "from": "79131234567",
    "data": {"systemDisposition": "ContactBusy", "hangupBy": "Agent", "causeQ850": 17},
}


def event(**changes: Any) -> TelephonyEvent:
    body = {"events": [{**ENDED, **changes}], "nextCursor": 7, "hasMore": False}
    page = mapping.page_of(body)
    assert (page.next_cursor, page.has_more) == ("7", False)
    return page.events[0]


def call(**changes: Any) -> CallNews:
    news = event(**changes).call
    assert news is not None
    return news


def test_the_end_of_a_call_is_read_in_the_words_of_the_core() -> None:
    news = call()

    assert (news.kind, news.call_key, news.external_id) == (CallEventKind.ENDED, "c", "1-2")
    assert news.ending == Ending(SystemDisposition.BUSY, HungUpBy.OPERATOR, "Q.850 17")


def test_a_call_ends_though_nobody_can_read_why() -> None:
    details = {"systemDisposition": 5, "hangupBy": [], "causeQ850": "17", "sipStatus": True}

    assert call(data=details).ending == Ending(SystemDisposition.FAILED, HungUpBy.SYSTEM)
    assert call(data=None).ending == Ending(SystemDisposition.FAILED, HungUpBy.SYSTEM)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [("Expired", CallEventKind.EXPIRED), ("Deleted", CallEventKind.WITHDRAWN)],
)
def test_a_queued_call_that_left_the_queue_had_no_call(reason: str, kind: CallEventKind) -> None:
    news = call(type="TaskRemoved", data={"reason": reason})

    assert (news.kind, news.call_key, news.ending) == (kind, "", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"callId": None},
        {"timestampUtc": 1_700_000_000},
        {"timestampUtc": "tomorrow"},
        {"extension": {}},
        {"data": "79131234567"},
        {"type": "SessionClosed"},
    ],
)
def test_an_event_that_breaks_its_contract_is_only_remembered_and_logged_without_its_values(
    changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert event(**changes) == TelephonyEvent("e", changes.get("type", "CallEnded"))

    assert "does not fit its contract" in caplog.text
    assert "7913" not in caplog.text


def test_a_call_that_somebody_else_ordered_means_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert event(externalId=None) == TelephonyEvent("e", "CallEnded", "101")
    assert caplog.text == ""


TOO_LONG = {**ENDED, "id": "x" * 129}
TOO_LONG_A_KIND = {**ENDED, "type": "x" * 65}
WITH_NUL = {**ENDED, "id": "e\0"}


@pytest.mark.parametrize(
    "odd", [None, [], "e", {}, {"id": "e"}, {"id": ""}, TOO_LONG, TOO_LONG_A_KIND, WITH_NUL]
)
def test_an_event_that_cannot_be_read_leaves_the_others_of_its_page(odd: Any) -> None:
    body = {"events": [odd, ENDED, odd], "nextCursor": 7, "hasMore": False}

    page = mapping.page_of(body)

    assert [event.id for event in page.events] == ["e"]
    assert len({event.key for event in page.unreadable}) == 1
    assert isinstance(page.unreadable[0].error, ContractError)


@pytest.mark.parametrize(
    "changes",
    [
        {"timestampUtc": "0001-01-01T00:00:00+14:00"},
        {"timestampUtc": "9999-12-31T23:59:59Z"},
        {"callId": "c" * 129},
        {"callId": "c\0"},
        {"extension": "1" * 65},
    ],
)
def test_what_no_column_can_hold_breaks_the_contract_of_its_event(changes: dict[str, Any]) -> None:
    assert event(**changes) == TelephonyEvent("e", "CallEnded")


def test_a_cause_is_as_short_as_the_codes_of_a_network_are() -> None:
    ending = call(data={"causeQ850": 10**70, "sipStatus": 486}).ending

    assert ending == Ending(SystemDisposition.BUSY, HungUpBy.SYSTEM, "SIP 486")


@pytest.mark.parametrize(
    "odd", [None, {}, {"externalId": "1"}, {"externalId": "1", "state": "x" * 65}, {"state": "Ok"}]
)
def test_a_receipt_that_cannot_be_read_is_left_out(odd: Any) -> None:
    good = {"externalId": "2", "state": "Queued"}

    assert mapping.receipts_of({"data": [odd, good]}) == [Receipt("2", "Queued")]


@pytest.mark.parametrize(
    ("read", "body", "field"),
    [
        (mapping.page_of, {"events": [], "nextCursor": ""}, "hasMore"),
        (mapping.page_of, {"events": [], "nextCursor": "x" * 256, "hasMore": False}, "nextCursor"),
        (mapping.session_id_of, {"data": {}}, "data.sessionId"),
        (mapping.session_id_of, [], "(весь ответ)"),
        (mapping.receipts_of, {"data": {}}, "data"),
        (mapping.call_state_of, {"data": {"state": "Done", "taskId": "t"}}, "data.endedAt"),
    ],
)
def test_an_answer_that_breaks_its_contract_names_the_field(
    read: Any, body: Any, field: str
) -> None:
    with pytest.raises(ContractError, match=r"не по договору") as caught:
        read(body)

    assert f"поле {field}, " in str(caught.value)
