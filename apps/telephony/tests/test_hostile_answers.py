"""Whatever MightyCall answers: nothing but the item is touched.

Hypothesis mutates good answers, and mixes them with hostile JSON.
"""

import json
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from apps.campaigns.models import Call, CampaignTask
from apps.telephony.events.event_intake import take_page
from apps.telephony.mightycall import mapping
from apps.telephony.mightycall.mapping import ANY_EVENT, RECEIPT, page_of, receipts_of
from apps.telephony.models import MightyCallEvent
from apps.telephony.queue.call_queue import order_id_of
from apps.telephony.queue.dialer import MightyCallDialer
from common.service_errors import ContractError
from common.strict_json import read_json_of_items
from testing.factories.campaigns import TaskFactory
from testing.factories.telephony import request_of
from testing.hostile_json import hostile_json, mutated

pytestmark = pytest.mark.django_db

QUICKLY = how(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TALE = {
    "seq": 1,
    "timestampUtc": "2026-11-01T09:45:00.000Z",
    "extension": "101",
    "taskId": "t-1",
    "from": "74951234567",
    "to": "79131234567",
}
KINDS = [*mapping.Kind, "QueueMoved"]
DETAILS = {
    "sessionId": "s-1",
    "reason": "Deleted",
    "systemDisposition": "Connected",
    "hangupBy": "Client",
    "causeQ850": 16,
    "sipStatus": 200,
    "recordingId": "r-1",
}


@pytest.fixture
def ordered() -> tuple[CampaignTask, CampaignTask]:
    """Two tasks whose calls are in MightyCall's queue: one for hostile events, one for a good."""
    tasks = (
        TaskFactory.create(handed_over_now=True, phone="79131234567"),
        TaskFactory.create(handed_over_now=True, phone="79131234568"),
    )
    MightyCallDialer().add_calls([request_of(task) for task in tasks])
    return tasks


def event_of(task: CampaignTask, kind: str, number: int = 0) -> dict[str, Any]:
    order_id = task.orders.get().pk
    return {
        **TALE,
        "id": f"e-{order_id}-{number}",
        "type": kind,
        "externalId": str(order_id),
        "callId": f"call-{order_id}",
        "data": DETAILS,
    }


@QUICKLY
@given(data=st.data())
def test_the_good_event_of_a_hostile_page_is_applied(
    ordered: tuple[CampaignTask, CampaignTask], data: st.DataObject
) -> None:
    attacked, spared = ordered
    kind = st.sampled_from(KINDS)
    odd = st.integers(0, 9).flatmap(
        lambda number: kind.flatmap(lambda name: mutated(event_of(attacked, name, number)))
    )
    odd_ones = data.draw(st.lists(odd | hostile_json(), max_size=6))
    place = data.draw(st.integers(0, len(odd_ones)))
    good = event_of(spared, "CallDialing")
    page = {"events": [*odd_ones[:place], good, *odd_ones[place:]], "nextCursor": 1}
    body = json.dumps({**page, "hasMore": False}).encode()

    with transaction.atomic():
        take_page(page_of(read_json_of_items(body)))

        assert Call.objects.filter(call_key=good["callId"], order__task=spared).exists()
        assert MightyCallEvent.objects.filter(event_id=good["id"]).exists()
        assert [call.order_id for call in Call.objects.all()]  # what was stored can be read
        transaction.set_rollback(True)


@QUICKLY
@given(data=st.data())
def test_the_good_receipt_among_hostile_ones_is_read(data: st.DataObject) -> None:
    good = {"externalId": "17", "state": "Queued"}
    odd_ones = data.draw(st.lists(mutated({**good, "externalId": "18"}) | hostile_json()))
    body = read_json_of_items(json.dumps({"data": [*odd_ones, good]}).encode())

    receipts = receipts_of(body)

    assert receipts[-1].external_id == "17"
    assert all(len(receipt.answer) <= 64 and "\0" not in receipt.answer for receipt in receipts)


@QUICKLY
@given(body=hostile_json() | mutated({"data": {"state": "Done", "callId": "c", "endedAt": "x"}}))
def test_a_hostile_state_is_a_state_or_a_broken_contract(body: Any) -> None:
    try:
        state = mapping.call_state_of(body)
    except ContractError:
        return
    assert len(state.state) <= 64
    assert state.ended_at is None or isinstance(state.ended_at, datetime)


@QUICKLY
@given(text=st.text())
def test_no_external_id_of_others_breaks_the_look_up_of_ours(text: str) -> None:
    found = order_id_of(text)

    assert found is None or found < 2**63


def test_the_contracts_of_items_are_those_that_are_attacked() -> None:
    """The names of the good answers above are fields of the models in mapping.py."""
    known = json.dumps(ANY_EVENT.json_schema(by_alias=True))
    assert all(f'"{name}"' in known for name in ("timestampUtc", "externalId", *DETAILS))
    assert '"errorCode"' in json.dumps(RECEIPT.json_schema(by_alias=True))
