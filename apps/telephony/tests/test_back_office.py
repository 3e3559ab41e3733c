"""Telephony's pages of the back office, and its settings."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from apps.campaigns.models import CampaignTask
from apps.telephony.checks import settings_are_complete
from apps.telephony.models import MightyCallOperator
from apps.telephony.queue.dialer import MightyCallDialer
from apps.telephony.sessions.failures import NO_ANSWER
from common.encryption import decrypt
from testing.browser import enter_back_office
from testing.factories.campaigns import TaskFactory
from testing.factories.security import OperatorFactory, SeniorOperatorFactory
from testing.factories.telephony import AccountFactory, OnLineFactory, request_of


@pytest.fixture
def senior(client: Client) -> Client:
    """A browser with a senior operator logged in."""
    enter_back_office(client, SeniorOperatorFactory.create())
    return client


def page(model: str, name: str = "changelist", *args: object) -> str:
    return reverse(f"admin:telephony_{model}_{name}", args=args)


@pytest.mark.django_db
def test_a_new_account_needs_a_password_and_keeps_it_encrypted(senior: Client) -> None:
    operator = OperatorFactory.create()
    form = {"operator": operator.pk, "login": "101", "new_password": ""}
    assert senior.post(page("mightycalloperator", "add"), form).status_code == 200
    assert not MightyCallOperator.objects.exists()

    senior.post(page("mightycalloperator", "add"), {**form, "new_password": "s3cret"})

    account = MightyCallOperator.objects.get()
    assert decrypt(account.password) == "s3cret"
    assert "s3cret" not in account.password


@pytest.mark.django_db
def test_a_kept_password_stays_and_is_never_shown(senior: Client) -> None:
    account = AccountFactory.create()
    account.set_password("s3cret")
    account.save()
    address = page("mightycalloperator", "change", account.pk)

    shown = senior.get(address).content.decode()
    form = {"operator": account.operator_id, "login": "102", "new_password": ""}
    senior.post(address, form)

    assert "s3cret" not in shown
    assert account.password not in shown
    account.refresh_from_db()
    assert (account.login, decrypt(account.password)) == ("102", "s3cret")


@pytest.mark.django_db
def test_an_account_is_not_deleted(senior: Client) -> None:
    account = AccountFactory.create()

    answer = senior.post(page("mightycalloperator", "delete", account.pk), {"post": "yes"})

    assert answer.status_code == 403
    assert MightyCallOperator.objects.count() == 1


@pytest.mark.django_db
def test_the_queue_shows_no_whole_phone(senior: Client) -> None:
    task: CampaignTask = TaskFactory.create(handed_over_now=True, phone="79131234567")
    MightyCallDialer().add_calls([request_of(task)])

    shown = senior.get(page("mightycalltask"), {"q": str(task.pk)}).content.decode()

    assert "+7 (***) ***-45-67" in shown
    assert "79131234567" not in shown


@pytest.mark.django_db
@pytest.mark.parametrize("query", [{}, {"waits": "end"}, {"task_state": "NEW"}])
def test_the_queue_is_read_and_not_written(senior: Client, query: dict[str, str]) -> None:
    assert senior.get(page("mightycalltask"), query).status_code == 200
    assert senior.get(page("mightycalltask", "add")).status_code == 403


@pytest.mark.django_db
def test_those_on_line_are_shown_with_what_is_wrong(senior: Client) -> None:
    OnLineFactory.create(operator=AccountFactory.create().operator, last_error=NO_ANSWER)
    OnLineFactory.create()

    shown = senior.get(page("mightycallactiveoperator")).content.decode()

    with translation.override("ru"):
        assert translation.gettext(NO_ANSWER) in shown
        assert translation.gettext("the operator has no MightyCall account") in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MIGHTYCALL_URL", ""),
        ("MIGHTYCALL_URL", "mightycall.example"),
        ("MIGHTYCALL_API_KEY", ""),
        ("TELEPHONY_SHARDS", 0),
        ("TELEPHONY_SENDERS", 0),
        ("TELEPHONY_RECONCILE_SECONDS", 0),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(
    settings: Settings, name: str, value: object
) -> None:
    setattr(settings, name, value)

    (error,) = settings_are_complete()

    assert error.msg.startswith(f"{name}: ")


def test_complete_settings_pass() -> None:
    assert settings_are_complete() == []
