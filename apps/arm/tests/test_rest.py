from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.arm import changes as arm_changes
from apps.arm import services
from apps.arm.tests.api import Api, end_of, filled_in
from apps.arm.types import ClientRecord, FullName
from apps.campaigns.models import Communication
from apps.campaigns.states import CommunicationState
from apps.security.models import Operator
from common import clock
from testing.factories.campaigns import (
    NOON,
    CommunicationFactory,
    DispositionFactory,
    ReasonFactory,
    TaskFactory,
)
from testing.factories.security import PASSWORD
from testing.fakes import FakeRecords, FakeSessions

pytestmark = pytest.mark.django_db(transaction=True)


def changes(api: Api) -> dict[str, Any]:
    data: dict[str, Any] = api.get("hasChanges").json()["data"]
    return data


def test_a_log_in_opens_the_session_in_telephony(
    operator: Operator, sessions: FakeSessions
) -> None:
    answer = Api().post("login", {"login": operator.login, "password": PASSWORD})

    assert answer.status_code == 200
    assert answer.json()["status"] == "OK"
    assert answer.json()["data"]["operator"] == {"name": "Елена", "lastName": "Тестовая"}
    assert sessions.ready == {operator.pk: True}


def test_a_wrong_password_opens_nothing(operator: Operator, sessions: FakeSessions) -> None:
    answer = Api().post("login", {"login": operator.login, "password": "wrong"})

    assert (answer.status_code, answer.json()["status"]) == (401, "AUTHENTICATION_FAILED")
    assert sessions.ready == {}


def test_a_log_out_ends_the_token_and_the_session(
    api: Api, operator: Operator, sessions: FakeSessions
) -> None:
    assert api.get("logout").json() == {"status": "OK"}

    assert api.get("hasChanges").status_code == 401
    assert sessions.ready == {}


def test_a_log_out_on_one_of_two_machines_leaves_the_session_open(
    api: Api, operator: Operator, sessions: FakeSessions
) -> None:
    Api().post("login", {"login": operator.login, "password": PASSWORD})

    api.get("logout")

    assert sessions.ready == {operator.pk: True}


@pytest.mark.parametrize(
    "name",
    ["hasChanges", "changes", "getClientCard", "listCommunications", "logout", "dictionaries"],
)
def test_nothing_is_told_without_a_live_token(name: str) -> None:
    for api in (Api(), Api("not.a.token")):
        answer = api.get(name)

        assert answer.status_code == 401
        assert answer.json()["status"] == "ACCESS_DENIED"
        assert answer.json()["description"] == "Доступ запрещен"


def test_without_a_call_there_is_nothing_to_react_to(api: Api) -> None:
    assert changes(api) == {"hasChanges": False, "changes": [], "operatorStatus": "READY"}


def test_the_card_is_ready_from_the_start_of_the_call_until_it_was_fetched(
    api: Api, ring: Callable[..., Communication]
) -> None:
    communication = ring()

    before = changes(api)
    card = api.get("getClientCard").json()["data"]["clientCard"]
    after = changes(api)

    assert before["changes"] == ["CLIENT_CARD_READY"]
    assert before["operatorStatus"] == "IN_CALL"
    assert before["communicationId"] == communication.pk
    assert card["currentCommunication"]["id"] == communication.pk
    assert (after["changes"], after["operatorStatus"]) == ([], "IN_CALL")


def test_the_end_of_the_call_is_told_until_the_result_is_saved(
    api: Api, ring: Callable[..., Communication]
) -> None:
    communication = ring(ended=True)
    DispositionFactory.create(campaign=communication.campaign_task.campaign)
    api.get("getClientCard")

    before = changes(api)
    saved = api.post("saveCommunicationResult", filled_in(communication))
    after = changes(api)

    assert (before["changes"], before["operatorStatus"]) == (["CALL_FINISHED"], "WRAP_UP")
    assert "resultDueAt" in before
    assert saved.json() == {"status": "OK"}
    assert "CALL_FINISHED" not in after["changes"]
    assert after["operatorStatus"] == "READY"


def test_an_operator_who_saved_the_result_early_is_still_in_the_call(
    api: Api, ring: Callable[..., Communication]
) -> None:
    communication = ring()
    DispositionFactory.create(campaign=communication.campaign_task.campaign)
    api.get("getClientCard")

    api.post("saveCommunicationResult", filled_in(communication))

    assert changes(api)["operatorStatus"] == "IN_CALL"


def test_the_rework_list_changes_until_it_was_fetched(
    api: Api, ring: Callable[..., Communication]
) -> None:
    communication = ring(ended=True)
    api.get("getClientCard")
    api.post("saveCommunicationDraft", filled_in(communication))

    before = changes(api)["changes"]
    listed = api.get("listCommunications").json()["data"]["communications"]
    after = changes(api)["changes"]

    assert before == ["REWORK_LIST_CHANGED"]
    assert [item["id"] for item in listed] == [communication.pk]
    assert listed[0]["result"] == {"RESULT": "Согласен оформить", "COMMENT": "Спасибо"}
    assert listed[0]["doId"] == "34697463"
    assert after == []


def test_a_warm_answer_costs_no_query(api: Api, ring: Callable[..., Communication]) -> None:
    ring()
    changes(api)

    with CaptureQueriesContext(connection) as queries:
        warm = changes(api)

    assert warm["changes"] == ["CLIENT_CARD_READY"]
    assert [query["sql"] for query in queries] == []


def test_a_lost_cache_is_made_good_from_the_tables(
    api: Api, ring: Callable[..., Communication]
) -> None:
    ring()
    warm = changes(api)

    cache.clear()

    assert changes(api) == warm


def test_a_call_that_starts_while_the_tables_are_read_is_not_missed(
    api: Api,
    operator: Operator,
    ring: Callable[..., Communication],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = arm_changes.changes_in_tables

    def read_slowly(operator_ids: Collection[int]) -> object:
        stale = read(operator_ids)
        monkeypatch.undo()
        ring()  # the rival commits between our reading and our writing to the cache
        return stale

    monkeypatch.setattr(arm_changes, "changes_in_tables", read_slowly)
    changes(api)

    assert changes(api)["changes"] == ["CLIENT_CARD_READY"]


def test_the_card_tells_what_the_domain_knows(
    api: Api, ring: Callable[..., Communication], records: FakeRecords
) -> None:
    records.record = ClientRecord(
        name_ru=FullName("Ясурбек", "Хожаназаров", "Мирзаназарович"),
        citizenship="Таджикистан",
        born_on=clock.moscow_today(clock.now()) - timedelta(days=366 * 27),
        unavailable=("applications",),
    )
    communication = ring()

    card = api.get("getClientCard").json()["data"]["clientCard"]

    assert card["clientInfo"]["fullNameRu"]["lastName"] == "Хожаназаров"
    assert card["clientInfo"]["age"] == 27
    assert card["clientInfo"]["phone"] == communication.phone
    assert card["unavailable"] == ["applications"]


@pytest.mark.parametrize("years", [17, 129])
def test_an_age_outside_the_contract_is_left_out(
    api: Api, ring: Callable[..., Communication], records: FakeRecords, years: int
) -> None:
    today = clock.moscow_today(clock.now())
    records.record = ClientRecord(born_on=today.replace(year=today.year - years, month=1, day=1))
    ring()

    assert "age" not in api.get("getClientCard").json()["data"]["clientCard"]["clientInfo"]


def test_earlier_conversations_with_the_phone_are_in_the_card(
    api: Api, ring: Callable[..., Communication]
) -> None:
    task = TaskFactory.create(handed_over=True)
    earlier = [
        CommunicationFactory.create(
            phone=task.phone, draft=True, started_at=NOON - timedelta(days=days)
        )
        for days in (30, 2)
    ]
    ring(task)

    history = api.get("getClientCard").json()["data"]["clientCard"]["history"]

    assert [item["id"] for item in history] == [earlier[1].pk, earlier[0].pk]


def test_without_a_call_there_is_no_card(api: Api) -> None:
    answer = api.get("getClientCard")

    assert (answer.status_code, answer.json()["status"]) == (404, "NOT_FOUND")


def test_a_colleagues_card_looks_like_none(api: Api) -> None:
    foreign = CommunicationFactory.create(draft=True)

    answers = [
        api.post("getClientCardByCommunicationId", {"communicationId": number})
        for number in (foreign.pk, 123456789)
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_a_draft_is_opened_again_with_what_was_filled_in(
    api: Api, ring: Callable[..., Communication]
) -> None:
    communication = ring(ended=True)
    api.post("saveCommunicationDraft", filled_in(communication, callbackTime="01.12.2030 12:45"))

    answer = api.post("getClientCardByCommunicationId", {"communicationId": communication.pk})

    current = answer.json()["data"]["clientCard"]["currentCommunication"]
    assert current["result"] == {
        "result": "Согласен оформить",
        "comment": "Спасибо",
        "callbackTime": "01.12.2030 12:45",
    }


def test_the_form_offers_the_campaigns_own_words(
    api: Api, ring: Callable[..., Communication]
) -> None:
    communication = ring()
    disposition = DispositionFactory.create(campaign=communication.campaign_task.campaign)
    reason = ReasonFactory.create(campaign=communication.campaign_task.campaign)
    DispositionFactory.create(
        campaign=communication.campaign_task.campaign, result="-", active=False
    )

    offered = api.get(f"dictionaries?communicationId={communication.pk}").json()["data"]

    assert offered == {
        "reasons": [{"id": reason.pk, "text": "Не было с собой документа"}],
        "results": [
            {
                "id": disposition.pk,
                "text": "Согласен оформить",
                "meaning": "SUCCESS",
                "needsCallbackTime": False,
            }
        ],
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "communicationId"),
        ({"communicationId": "1", "clientPhone": "79131234567"}, "communicationId"),
        ({"communicationId": -1, "clientPhone": "79131234567"}, "communicationId"),
        ({"communicationId": 2**63, "clientPhone": "79131234567"}, "communicationId"),
        ({"communicationId": 1, "clientPhone": "+79131234567"}, "clientPhone"),
        ({"communicationId": 1, "clientPhone": "٧٩١٣١٢٣٤٥٦٧"}, "clientPhone"),
        (
            {
                "communicationId": 1,
                "clientPhone": "79131234567",
                "communicationResult": {"callbackTime": "30.02.2030 12:00"},
            },
            "communicationResult.callbackTime",
        ),
        ([], "body"),
    ],
)
def test_a_body_that_is_not_the_contracts_is_refused_by_field(
    api: Api, body: object, field: str
) -> None:
    answer = api.post("saveCommunicationResult", body)

    assert (answer.status_code, answer.json()["status"]) == (400, "INVALID_REQUEST")
    assert field in answer.json()["errors"]


def test_a_result_outside_the_campaigns_list_is_refused_by_field(
    api: Api, ring: Callable[..., Communication]
) -> None:
    communication = ring(ended=True)

    answer = api.post("saveCommunicationResult", filled_in(communication))

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["result"]
    communication.refresh_from_db()
    assert communication.state == CommunicationState.NEW


def test_a_different_result_of_a_saved_conversation_is_a_conflict(
    api: Api, ring: Callable[..., Communication]
) -> None:
    communication = ring(ended=True)
    DispositionFactory.create(campaign=communication.campaign_task.campaign)
    api.post("saveCommunicationResult", filled_in(communication))

    repeated = api.post("saveCommunicationResult", filled_in(communication))
    different = api.post("saveCommunicationResult", filled_in(communication, comment="Другое"))

    assert (repeated.status_code, different.status_code) == (200, 409)
    assert different.json()["status"] == "CONFLICT"


def test_a_card_for_rework_saved_during_a_call_does_not_free_the_operator(
    api: Api, operator: Operator, ring: Callable[..., Communication], sessions: FakeSessions
) -> None:
    rework = CommunicationFactory.create(operator=operator, draft=True)
    DispositionFactory.create(campaign=rework.campaign_task.campaign)
    ring()

    answer = api.post("saveCommunicationResult", filled_in(rework))

    assert answer.status_code == 200
    assert sessions.wrapped_up == []


def test_a_result_saved_during_the_call_frees_the_operator_at_its_end(
    api: Api, operator: Operator, ring: Callable[..., Communication], sessions: FakeSessions
) -> None:
    communication = ring()
    DispositionFactory.create(campaign=communication.campaign_task.campaign)
    api.post("saveCommunicationResult", filled_in(communication))
    sessions.wrapped_up.clear()

    services.take_call_events([end_of(communication)])

    assert sessions.wrapped_up == [operator.pk]


def test_the_end_of_a_call_leaves_the_operator_time_for_the_result(
    ring: Callable[..., Communication], sessions: FakeSessions
) -> None:
    ring(ended=True)

    assert sessions.wrapped_up == []


def test_an_operator_on_a_break_is_shown_so(api: Api, sessions: FakeSessions) -> None:
    answer = api.post("setStatus", {"status": "BREAK"})

    assert answer.json() == {"status": "OK"}
    assert changes(api)["operatorStatus"] == "BREAK"


def test_the_server_drafts_by_itself_and_frees_the_operator(
    api: Api, operator: Operator, ring: Callable[..., Communication], sessions: FakeSessions
) -> None:
    ring(ended=True)

    services.draft_overdue(clock.now() + timedelta(seconds=61))

    told = changes(api)
    assert told["changes"] == ["REWORK_LIST_CHANGED"]
    assert told["operatorStatus"] == "READY"
    assert operator.pk in sessions.wrapped_up


def test_a_card_whose_message_was_lost_is_prepared_by_the_sweep(
    operator: Operator, api: Api
) -> None:
    CommunicationFactory.create(
        operator=operator, campaign_task=TaskFactory.create(handed_over=True)
    )

    assert services.prepare_missing_cards(clock.now()) == 1

    assert changes(api)["changes"] == ["CLIENT_CARD_READY"]
