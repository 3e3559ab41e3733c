"""Clients who asked never to be called again are put on the blacklist once, whatever fails."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from apps.campaigns.models import AttentionItem, DoNotCallEntry
from apps.campaigns.services import never_call_again
from apps.campaigns.types import AttentionKind
from apps.filters.adapters import blacklist_notices
from apps.filters.adapters.blacklist_notices import send_blacklist_notices
from apps.filters.facts import BlacklistAnswer
from apps.filters.integrations.blacklist import BlacklistKey, search
from apps.filters.models import BlacklistNotice
from testing.factories.campaigns import CommunicationFactory
from testing.factories.filters import NOW
from testing.simulators import Simulators

pytestmark = pytest.mark.django_db


def records_of(services: Simulators, phone: str) -> list[dict[str, Any]]:
    query = {"query": {"phone": phone}}
    found = services.call("blacklist", "POST", "/api/v2/records/search", json=query)
    records: list[dict[str, Any]] = found.json()["records"]
    return records


def test_an_entry_becomes_one_record_however_often_notices_are_sent(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    phone = unused_phone()
    never_call_again(phone, "Больше не звонить")

    assert [send_blacklist_notices(NOW), send_blacklist_notices(NOW)] == [1, 0]

    (record,) = records_of(services, phone)
    assert (record["reason"], record["blocked_until"]) == ("Больше не звонить", None)
    assert search([BlacklistKey(phone)], NOW) == {
        BlacklistKey(phone): BlacklistAnswer(blocked=True, reason="Больше не звонить")
    }


def test_a_notice_is_sent_once_blacklist_is_back(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    phone = unused_phone()
    never_call_again(phone, "Больше не звонить")
    services.put_faults("blacklist", error_rate=1, error_status=500)
    assert send_blacklist_notices(NOW) == 0

    services.clear_faults("blacklist")

    assert send_blacklist_notices(NOW) == 1
    assert len(records_of(services, phone)) == 1


def test_a_record_whose_answer_was_lost_is_not_made_twice(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    phone = unused_phone()
    never_call_again(phone, "Больше не звонить")
    services.call("blacklist", "POST", "/api/v2/records", json={"phone": phone, "reason": "x"})

    assert send_blacklist_notices(NOW) == 1

    assert len(records_of(services, phone)) == 1


def test_an_entry_that_blacklist_refuses_holds_up_no_other(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    phone = unused_phone()
    never_call_again("", "Больше не звонить")  # BlackList refuses a record without a phone
    never_call_again(phone, "Больше не звонить")

    assert [send_blacklist_notices(NOW), send_blacklist_notices(NOW)] == [1, 0]

    assert len(records_of(services, phone)) == 1
    assert BlacklistNotice.objects.count() == 1


def test_an_entry_that_an_operator_may_still_take_back_waits_and_holds_up_no_other(
    services: Simulators, unused_phone: Callable[[], str], settings: Settings
) -> None:
    saved = CommunicationFactory.create(phone=unused_phone(), state="FIXED", fixed_at=NOW)
    never_call_again(saved.phone, "Больше не звонить", saved.pk)
    never_call_again(unused_phone(), "Письмо")
    correctable = timedelta(seconds=settings.CORRECTION_SECONDS)

    early = send_blacklist_notices(NOW + correctable - timedelta(seconds=1))
    assert (early, records_of(services, saved.phone)) == (1, [])

    assert send_blacklist_notices(NOW + correctable) == 1
    assert len(records_of(services, saved.phone)) == 1


def test_an_entry_that_keeps_failing_holds_up_no_later_one_however_many_there_are(
    services: Simulators, unused_phone: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blacklist_notices, "ENTRIES_READ_AGAIN", 2)
    never_call_again("", "Больше не звонить")
    for _sweep in range(3):
        phones = [unused_phone() for _ in range(2)]
        for phone in phones:
            never_call_again(phone, "Больше не звонить")

        assert send_blacklist_notices(NOW) == 2
        assert [len(records_of(services, phone)) for phone in phones] == [1, 1]

    item = AttentionItem.objects.get()
    assert (item.kind, item.tries) == (AttentionKind.DO_NOT_CALL_ENTRY, 1)


def test_an_entry_that_was_set_aside_is_sent_once_its_cause_is_gone_and_its_pause_over(
    services: Simulators, unused_phone: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blacklist_notices, "ENTRIES_READ_AGAIN", 2)
    never_call_again("", "Больше не звонить")
    for _ in range(4):
        never_call_again(unused_phone(), "Больше не звонить")
    assert send_blacklist_notices(NOW) == 4
    mended = unused_phone()
    DoNotCallEntry.objects.filter(phone="").update(phone=mended)

    assert send_blacklist_notices(NOW) == 0
    assert send_blacklist_notices(AttentionItem.objects.get().next_try_at) == 1

    assert len(records_of(services, mended)) == 1
    assert not AttentionItem.objects.exists()


def test_while_blacklist_is_down_no_entry_is_set_aside(
    services: Simulators, unused_phone: Callable[[], str]
) -> None:
    for _ in range(3):
        never_call_again(unused_phone(), "Больше не звонить")
    services.put_faults("blacklist", error_rate=1, error_status=500)

    assert send_blacklist_notices(NOW) == 0

    assert not AttentionItem.objects.exists()
