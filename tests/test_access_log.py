"""What the back office and the workplace write into the access log."""

from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.campaigns.models import Decision, DoNotCallEntry
from apps.campaigns.types import DecisionVerdict, Step
from apps.security.models import AccessRecord, Operator
from telemarketing.back_office_log import ABOUT_PERSONS
from testing.browser import enter_back_office
from testing.factories.campaigns import CommunicationFactory
from testing.factories.filters import ApplicationFactory
from testing.factories.security import (
    PASSWORD,
    AdministratorFactory,
    OperatorFactory,
    SeniorOperatorFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]
# nothing on their pages is about a client
NOT_ABOUT_CLIENTS = {
    "campaigns.attentionitem",
    "campaigns.campaign",
    "filters.cascade",
    "security.accessrecord",
    "security.operator",
    "security.operatorauth",
    "telephony.mightycallactiveoperator",
    "telephony.mightycalloperator",
}


@pytest.fixture(autouse=True)
def without_https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture
def senior() -> Operator:
    return SeniorOperatorFactory.create()


@pytest.fixture
def browser(senior: Operator) -> Client:
    browser = Client(REMOTE_ADDR="192.0.2.7")
    enter_back_office(browser, senior)
    return browser


def recorded(*fields: str) -> list[Any]:
    return list(AccessRecord.objects.order_by("id").values_list(*fields))


def address(row: Model, page: str, *arguments: object) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=arguments)


def persons_rows() -> list[Model]:
    talk = CommunicationFactory.create()
    return [
        talk,
        talk.campaign_task,
        ApplicationFactory.create(),
        DoNotCallEntry.objects.create(phone=talk.phone, reason="просил"),
        Decision.objects.create(
            step=Step.FILTER, verdict=DecisionVerdict.PASSED, rule="AGE", phone=talk.phone
        ),
    ]


def test_every_model_of_the_back_office_is_about_clients_or_not() -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}

    assert registered == ABOUT_PERSONS | NOT_ABOUT_CLIENTS


def test_each_page_about_a_client_is_recorded_when_it_is_opened(
    browser: Client, senior: Operator
) -> None:
    rows = persons_rows()

    for row in rows:
        assert browser.get(address(row, "change", row.pk)).status_code == 200

    assert recorded("operator_id", "address", "action", "subject", "subject_id") == [
        (senior.pk, "192.0.2.7", "PAGE_OPENED", row._meta.label_lower, row.pk) for row in rows
    ]


def test_each_search_in_a_list_of_clients_is_recorded_without_its_text(
    browser: Client, senior: Operator
) -> None:
    rows = persons_rows()

    for row in rows:
        browser.get(address(row, "changelist"))  # the list itself, its next page and its order
        browser.get(address(row, "changelist"), {"p": "1", "o": "1"})
        assert browser.get(address(row, "changelist"), {"q": "79131234567"}).status_code == 200

    assert recorded("operator_id", "action", "subject", "subject_id") == [
        (senior.pk, "SEARCHED", row._meta.label_lower, None) for row in rows
    ]


def test_a_filter_of_a_list_is_a_search(browser: Client) -> None:
    row = CommunicationFactory.create()

    browser.get(address(row, "changelist"), {"operator__id__exact": str(row.operator_id)})

    assert recorded("action", "subject") == [("SEARCHED", "campaigns.communication")]


def test_what_is_not_given_is_not_recorded_as_opened(browser: Client) -> None:
    row = CommunicationFactory.create()
    nobody, operator = Client(), Client()
    enter_back_office(operator, OperatorFactory.create())

    missing = browser.get(address(row, "change", row.pk + 1))
    refused = [one.get(address(row, "change", row.pk)) for one in (nobody, operator)]

    assert [one.status_code for one in (missing, *refused)] == [302, 302, 302]
    assert recorded("action") == []


def test_entering_and_leaving_the_back_office_is_recorded(senior: Operator) -> None:
    browser = Client(REMOTE_ADDR="192.0.2.7")
    page = reverse("admin:login")

    browser.post(page, {"username": senior.login, "password": "wrong"})
    browser.post(page, {"username": senior.login, "password": PASSWORD})
    browser.post(reverse("admin:logout"))

    assert recorded("operator_id", "role", "address", "action", "subject") == [
        (senior.pk, "SENIOR_OPERATOR", "192.0.2.7", "LOG_IN_FAILED", "admin"),
        (senior.pk, "SENIOR_OPERATOR", "192.0.2.7", "LOGGED_IN", "admin"),
        (senior.pk, "SENIOR_OPERATOR", "192.0.2.7", "LOGGED_OUT", "admin"),
    ]


def test_a_failed_log_in_of_whoever_is_in_already_is_a_failed_one(
    browser: Client, senior: Operator
) -> None:
    other = SeniorOperatorFactory.create()

    browser.post(reverse("admin:login"), {"username": other.login, "password": "wrong"})

    assert recorded("operator_id", "action") == [(other.pk, "LOG_IN_FAILED")]


def test_an_operator_who_is_not_let_into_the_back_office_is_recorded() -> None:
    operator = OperatorFactory.create()

    Client().post(reverse("admin:login"), {"username": operator.login, "password": PASSWORD})

    assert recorded("operator_id", "action") == [(operator.pk, "LOG_IN_FAILED")]


def test_a_lock_by_the_action_and_by_the_form_is_recorded(
    browser: Client, senior: Operator
) -> None:
    one, other = OperatorFactory.create(), OperatorFactory.create()
    listed = address(one, "changelist")
    form = {
        "login": other.login, "last_name": "А", "first_name": "Б", "role": other.role,
        "locked": "on",
    }  # fmt: skip

    browser.post(listed, {"action": "lock", "_selected_action": [one.pk]})
    browser.post(address(other, "change", other.pk), form)

    assert recorded("operator_id", "address", "action", "subject", "subject_id") == [
        (senior.pk, "192.0.2.7", "LOCKED", "security.operator", one.pk),
        (senior.pk, "192.0.2.7", "LOCKED", "security.operator", other.pk),
    ]


def test_only_administrators_read_the_access_log_and_nobody_changes_it(browser: Client) -> None:
    ApplicationFactory.create()
    browser.get(reverse("admin:filters_application_changelist"), {"q": "1"})
    record = AccessRecord.objects.get()
    administrator = Client()
    enter_back_office(administrator, AdministratorFactory.create())
    pages = [address(record, "changelist"), address(record, "change", record.pk)]
    changes = [address(record, "add"), address(record, "delete", record.pk)]

    assert [browser.get(page).status_code for page in pages] == [403, 403]
    assert [administrator.get(page).status_code for page in pages] == [200, 200]
    assert [administrator.post(page).status_code for page in changes] == [403, 403]
    assert "заявка" in administrator.get(pages[0]).content.decode()


@pytest.mark.parametrize(
    "filters", [{"action": "SEARCHED"}, {"operator": "%d"}, {"q": "192.0.2.7"}]
)
def test_the_access_log_is_filtered(
    browser: Client, senior: Operator, filters: dict[str, str]
) -> None:
    ApplicationFactory.create()
    browser.get(reverse("admin:filters_application_changelist"), {"q": "1"})
    browser.get(reverse("admin:filters_application_changelist"), {"q": "2"})
    administrator = Client()
    enter_back_office(administrator, AdministratorFactory.create())
    asked = {name: value.replace("%d", str(senior.pk)) for name, value in filters.items()}

    answer = administrator.get(reverse("admin:security_accessrecord_changelist"), asked)

    assert answer.context["cl"].result_count == 2
    none = administrator.get(reverse("admin:security_accessrecord_changelist"), {"q": "192.0.2.8"})
    assert none.context["cl"].result_count == 0
