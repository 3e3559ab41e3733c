"""All of one client on one page."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from apps.campaigns.models import Decision, DoNotCallEntry
from apps.campaigns.states import CommunicationState
from apps.campaigns.types import DecisionVerdict, NextCall, Step
from apps.filters.known_clients import add_clients_of
from apps.filters.models import Application, KnownClient
from apps.filters.types import ApplicationKey
from apps.ingest.models import FileOutcome, IncomingFile
from apps.security.models import AccessRecord, Operator
from apps.supervision.client import client_page
from testing.browser import enter_back_office
from testing.factories.campaigns import (
    NOON,
    CampaignFactory,
    CommunicationFactory,
    TaskFactory,
)
from testing.factories.filters import ApplicationFactory, batch_of
from testing.factories.security import OperatorFactory, SeniorOperatorFactory

pytestmark = pytest.mark.django_db
PHONE = "79131234567"
SAVED: dict[str, Any] = {
    "state": CommunicationState.FIXED,
    "ended_at": NOON + timedelta(minutes=1),
    "fixed_at": NOON + timedelta(minutes=2),
}


@pytest.fixture
def senior() -> Operator:
    return SeniorOperatorFactory.create()


@pytest.fixture
def browser(senior: Operator, settings: Settings) -> Client:
    settings.SECURE_SSL_REDIRECT = False
    client = Client(REMOTE_ADDR="192.0.2.7")
    enter_back_office(client, senior)
    return client


def applied(**fields: Any) -> Application:
    application: Application = ApplicationFactory.create(phone=PHONE, **fields)
    add_clients_of(batch_of(application))
    return application


def client_id() -> int:
    return int(KnownClient.objects.filter(phone=PHONE).latest("pk").pk)


def test_the_story_tells_of_all_applications_calls_results_and_decisions(browser: Client) -> None:
    file = IncomingFile.objects.create(
        stream="MOBILE_LOANS",
        name="sample.csv",
        outcome=FileOutcome.IMPORTED,
        started_at=NOON,
        finished_at=NOON,
        sha256="0" * 64,
        size=1,
        modified_ns=1,
    )
    first = applied(application_number="104000001", file_id=file.pk, line_number=17)
    second = applied(application_number="104000002")
    campaign = CampaignFactory.create(name="Доведи до займа")
    task = TaskFactory.create(
        phone=PHONE, campaign=campaign, called=True, source_key=str(ApplicationKey(first.pk))
    )
    CommunicationFactory.create(
        phone=PHONE,
        campaign_task=task,
        **SAVED,
        result_details={"result": "Перезвонить", "reason": "Занят", "comment": "после шести"},
    )
    Decision.objects.create(
        step=Step.FILTER,
        verdict=DecisionVerdict.STOPPED,
        rule="AGE",
        reason="19 лет",
        phone=PHONE,
        source_key=str(ApplicationKey(second.pk)),
    )
    DoNotCallEntry.objects.create(phone=PHONE, reason="просил не звонить")

    html = browser.get(reverse("admin:client", args=[client_id()])).content.decode()

    for told in (
        "104000001", "104000002", "файл sample.csv, строка 17", "Доведи до займа",
        "Перезвонить", "Занят", "после шести", "19 лет", "просил не звонить", "возраст",
    ):  # fmt: skip
        assert told in html, told
    for code in ("AGE", "FILTER", "application:", PHONE):
        assert code not in html
    for link in (
        f"/admin/filters/application/{first.pk}/change/",
        f"/admin/ingest/incomingfile/{file.pk}/change/",
        f"/admin/campaigns/campaigntask/{task.pk}/change/",
    ):
        assert link in html


def test_filters_that_were_passed_are_left_to_the_page_of_the_application() -> None:
    applied()
    for verdict in (DecisionVerdict.PASSED, DecisionVerdict.STOPPED):
        Decision.objects.create(
            step=Step.FILTER, verdict=verdict, rule="AGE", reason="", phone=PHONE
        )

    entries = client_page(client_id(), NOON).entries

    assert [entry.verdict for entry in entries if entry.rule] == ["остановлено"]


def test_all_names_of_the_phone_are_told_the_one_that_was_asked_for_first() -> None:
    applied(last_name="Асанов", first_name="Айбек")
    applied(last_name="Ким", first_name="Вера")

    assert client_page(client_id(), NOON).names == ["Ким Вера", "Асанов Айбек"]


def test_what_is_next_is_told_in_moscow_time_and_in_that_of_the_client() -> None:
    applied()
    campaign = CampaignFactory.create(
        name="Доведи до займа", time_zone="Asia/Krasnoyarsk", max_attempts=3, active=True
    )
    at = NOON + timedelta(days=1)
    promising = OperatorFactory.create(last_name="Тестовая", first_name="Елена")
    task = TaskFactory.create(
        phone=PHONE,
        campaign=campaign,
        called=True,
        redial_at=at,
        callback_at=at,
        callback_operator=promising,
    )

    (step,) = client_page(client_id(), NOON).steps

    assert (step.kind, step.at, step.attempt, step.max_attempts) == (NextCall.CALLBACK, at, 2, 3)
    assert (step.task_id, step.operator) == (task.pk, "Тестовая Елена")
    hour = (at + timedelta(hours=7)).strftime("%d.%m %H:%M")
    assert step.local_at == hour


def test_a_call_outside_of_the_calling_hours_is_next_when_they_begin() -> None:
    applied()
    campaign = CampaignFactory.create(active=True)
    night = NOON.replace(hour=1)  # 04:00 in Moscow
    TaskFactory.create(phone=PHONE, campaign=campaign, task_time=night)

    (step,) = client_page(client_id(), night).steps

    assert step.at is not None
    assert (step.at - night, step.kind) == (timedelta(hours=5), NextCall.FIRST)


def test_what_is_in_telephony_or_paused_has_no_time() -> None:
    applied()
    TaskFactory.create(phone=PHONE, campaign=CampaignFactory.create(active=False))
    TaskFactory.create(phone=PHONE, campaign=CampaignFactory.create(), handed_over=True)

    steps = client_page(client_id(), NOON).steps

    assert [(step.kind, step.at) for step in steps] == [
        (NextCall.PAUSED, None),
        (NextCall.GOING_ON, None),
    ]


def test_a_client_who_waits_for_nothing_is_said_to(browser: Client) -> None:
    applied()

    html = browser.get(reverse("admin:client", args=[client_id()])).content.decode()

    assert "Звонки не запланированы." in html


def test_opening_the_page_is_recorded_and_an_unknown_client_is_not(
    browser: Client, senior: Operator
) -> None:
    applied()

    browser.get(reverse("admin:client", args=[client_id()]))
    missing = browser.get(reverse("admin:client", args=[client_id() + 1]))

    assert missing.status_code == 404
    records = AccessRecord.objects.values_list("operator_id", "action", "subject", "subject_id")
    assert list(records) == [(senior.pk, "PAGE_OPENED", "filters.knownclient", client_id())]


def test_the_page_takes_as_many_queries_for_many_rows_as_for_one() -> None:
    queries = []
    for rows in (1, 20):
        for _ in range(rows):
            task = TaskFactory.create(
                phone=PHONE, called=True, source_key=f"application:{applied().pk}"
            )
            CommunicationFactory.create(phone=PHONE, campaign_task=task, **SAVED)
        with CaptureQueriesContext(connection) as asked:
            page = client_page(client_id(), NOON)
        queries.append(len(asked))

    assert len(page.applications) == 21
    assert queries[0] == queries[1]


def test_the_page_of_an_application_leads_to_its_client_and_says_what_is_next(
    browser: Client,
) -> None:
    application = applied()
    campaign = CampaignFactory.create(active=True, max_attempts=3)
    TaskFactory.create(
        phone=PHONE, campaign=campaign, source_key=str(ApplicationKey(application.pk))
    )

    html = browser.get(
        reverse("admin:filters_application_change", args=[application.pk])
    ).content.decode()

    assert reverse("admin:client", args=[client_id()]) in html
    assert "попытка 1 из 3" in html
