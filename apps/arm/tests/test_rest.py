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
from testing.factories.security import PASSWORD, token_of
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
    services.draft_overdue(clock.now() + timedelta(seconds=61))

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


def test_drafts_saved_while_talking_cost_nothing(
    api: Api, ring: Callable[..., Communication], sessions: FakeSessions
) -> None:
    """A client application saves what is typed as often as it likes: the countdown, CALL_FINISHED
    and the wrap-up stay as they are."""
    communication = ring()
    api.get("getClientCard")
    talking = changes(api)
    api.post("saveCommunicationDraft", filled_in(communication))
    assert changes(api) == talking

    services.take_call_events([end_of(communication)])
    counting_down = changes(api)
    answers = [
        api.post("saveCommunicationDraft", filled_in(communication, comment=typed)).json()
        for typed in ("С", "Сп", "Спа")
    ]

    assert answers == [{"status": "OK"}] * 3
    assert counting_down["changes"] == ["CALL_FINISHED"]
    assert changes(api) == counting_down
    assert sessions.wrapped_up == []
    card = api.post("getClientCardByCommunicationId", {"communicationId": communication.pk})
    current = card.json()["data"]["clientCard"]["currentCommunication"]
    assert current["result"]["comment"] == "Спа"


def test_a_draft_of_a_card_for_rework_is_shown_in_the_list(
    api: Api, ring: Callable[..., Communication]
) -> None:
    communication = ring(ended=True)
    services.draft_overdue(clock.now() + timedelta(seconds=61))
    api.get("listCommunications")
    assert changes(api)["changes"] == []

    api.post("saveCommunicationDraft", filled_in(communication))

    assert changes(api)["changes"] == ["REWORK_LIST_CHANGED"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_scheme_is_written_in_any_case(operator: Operator, scheme: str) -> None:
    api = Api()
    api.headers = {"Authorization": f"{scheme} {token_of(operator)}"}

    assert api.get("hasChanges").status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic x", "Bearerx", "Token x"])
def test_another_scheme_is_refused(operator: Operator, header: str) -> None:
    api = Api()
    api.headers = {"Authorization": header}

    assert api.get("hasChanges").status_code == 401


@pytest.mark.parametrize("operation", ["saveCommunicationDraft", "saveCommunicationResult"])
@pytest.mark.parametrize(
    "time",
    [
        "01.01.0001 00:00", "01.01.1999 00:00", "31.12.9999 23:59", "01.01.2100 00:00",
        "30.02.2030 12:00", "29.02.2031 12:00", "31.04.2030 12:00", "00.01.2030 12:00",
        "01.13.2030 12:00", "01.01.2030 24:00", "01.01.2030 12:60", "1.1.2030 12:00",
        "01.01.2030 12:00\n", "٠١.٠١.٢٠٣٠ ١٢:٠٠", "", 1012030, None,
    ],
)  # fmt: skip
def test_a_time_that_is_none_or_out_of_range_is_refused(
    api: Api, ring: Callable[..., Communication], operation: str, time: object
) -> None:
    communication = ring(ended=True)

    answer = api.post(operation, filled_in(communication, callbackTime=time))

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["communicationResult.callbackTime"]
    communication.refresh_from_db()
    assert communication.result_details == {}


@pytest.mark.parametrize(
    "time", ["29.02.2028 00:00", "31.12.2099 23:59", "01.01.2000 00:00", "30.04.2030 09:59"]
)
def test_a_draft_takes_every_time_that_exists_in_this_century(
    api: Api, ring: Callable[..., Communication], time: str
) -> None:
    answer = api.post("saveCommunicationDraft", filled_in(ring(ended=True), callbackTime=time))

    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize("field", ["reason", "result", "comment"])
@pytest.mark.parametrize("value", [7, 7.5, True, None, ["x"], {"x": 1}, "\0", "\ud800", "x" * 2049])
def test_only_text_of_bounded_length_is_filled_in(
    api: Api, ring: Callable[..., Communication], field: str, value: object
) -> None:
    communication = ring(ended=True)

    answer = api.post("saveCommunicationDraft", filled_in(communication, **{field: value}))

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [f"communicationResult.{field}"]


def test_a_comment_of_2048_characters_is_kept_and_a_longer_one_is_refused(
    api: Api, ring: Callable[..., Communication]
) -> None:
    communication = ring(ended=True)
    DispositionFactory.create(campaign=communication.campaign_task.campaign)
    longest, longer = (filled_in(communication, comment="я" * size) for size in (2048, 2049))

    for operation in ("saveCommunicationDraft", "saveCommunicationResult"):
        refused = api.post(operation, longer)
        assert list(refused.json()["errors"]) == ["communicationResult.comment"]
        assert api.post(operation, longest).status_code == 200

    communication.refresh_from_db()
    assert len(communication.result_details["comment"]) == 2048


@pytest.mark.parametrize("value", [79131234567, 7.9131234567e10, True, None, ["79131234567"]])
def test_a_phone_that_is_no_text_is_refused(api: Api, value: object) -> None:
    answer = api.post("saveCommunicationDraft", {"communicationId": 1, "clientPhone": value})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["clientPhone"])


@pytest.mark.parametrize("value", [True, 1, None, "ready", "", ["READY"]])
def test_a_status_that_is_no_known_word_is_refused(api: Api, value: object) -> None:
    answer = api.post("setStatus", {"status": value})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["status"])


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
    assert list(answer.json()["errors"]) == ["communicationResult.result"]
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
