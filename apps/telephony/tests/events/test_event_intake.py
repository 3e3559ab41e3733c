"""Pages of events: what came before costs little, and what a closed session means here."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.arm.types import OperatorStatus
from apps.telephony.events.event_intake import UNREADABLE_SHOWN, take_page
from apps.telephony.mightycall.mapping import page_of
from apps.telephony.models import MightyCallActiveOperator, MightyCallEvent
from apps.telephony.sessions.operator_sessions import MightyCallSessions, refresh_status
from testing.factories.telephony import OnLineFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]


def taken(*events: dict[str, Any]) -> None:
    take_page(page_of({"events": list(events), "nextCursor": "c", "hasMore": False}))


def unknown(number: int) -> dict[str, Any]:
    return {"id": f"moved-{number}", "type": "QueueMoved"}


def test_a_page_that_another_feed_has_brought_costs_one_statement() -> None:
    page = [unknown(number) for number in range(3)]
    taken(*page)

    with CaptureQueriesContext(connection) as asked:
        taken(*page)

    assert len(asked) == 1
    assert MightyCallEvent.objects.count() == 3


def test_unreadable_events_that_are_all_shown_are_not_counted_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    taken(*({"id": f"{number}"} for number in range(UNREADABLE_SHOWN)))

    assert "events of a page cannot be read" not in caplog.text


def test_of_a_session_that_mightycall_closed_nothing_is_confirmed_and_its_operator_is_offline(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    row = OnLineFactory.create(session_id="s-1", desired_revision=2, confirmed_revision=2)
    other = OnLineFactory.create(session_id="s-2", desired_revision=1, confirmed_revision=1)
    both = [row.operator_id, other.operator_id]
    refresh_status(both)

    with django_capture_on_commit_callbacks(execute=True):
        taken({"id": "closed", "type": "SessionClosed", "data": {"sessionId": "s-1"}})

    rows = MightyCallActiveOperator.objects.order_by("pk")
    assert list(rows.values_list("session_id", "confirmed_revision")) == [("", 0), ("s-2", 1)]
    presences = MightyCallSessions().presences_of(both)
    assert {pk: presence.status for pk, presence in presences.items()} == {
        row.operator_id: OperatorStatus.OFFLINE,
        other.operator_id: OperatorStatus.READY,
    }
