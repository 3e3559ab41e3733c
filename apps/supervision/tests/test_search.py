"""The search on every page of the back office."""

import re
from collections.abc import Collection

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.campaigns.models import DoNotCallEntry
from apps.filters.known_clients import add_clients_of
from apps.filters.models import Application, KnownClient
from apps.security.models import AccessRecord, Operator
from apps.supervision import search as searching
from apps.supervision.search import LAST_PAGE, MOST_PHONES, PAGE_ROWS, SHOWN, Kind
from testing.browser import enter_back_office
from testing.factories.campaigns import CommunicationFactory, TaskFactory
from testing.factories.filters import ApplicationFactory, batch_of
from testing.factories.security import OperatorFactory, SeniorOperatorFactory

pytestmark = pytest.mark.django_db
PHONE = "79131234567"


@pytest.fixture
def senior() -> Operator:
    return SeniorOperatorFactory.create()


@pytest.fixture
def browser(senior: Operator, settings: Settings) -> Client:
    settings.SECURE_SSL_REDIRECT = False
    client = Client(REMOTE_ADDR="192.0.2.7")
    enter_back_office(client, senior)
    return client


def applied(**fields: str) -> Application:
    """An application whose client is known, as after its batch was judged."""
    application: Application = ApplicationFactory.create(**fields)
    add_clients_of(batch_of(application))
    return application


def page(browser: Client, text: str, **more: str | int) -> str:
    answer = browser.get(reverse("admin:search"), {"q": text, **more})
    assert answer.status_code == 200
    return answer.content.decode()


def groups(html: str) -> list[str]:
    return re.findall(r'<h2 id="found-([a-z-]+)">', html)


def links(html: str) -> Collection[str]:
    content = html[html.index('class="found"') :]
    return re.findall(r'href="(/admin/[^"?]+)"', content)


def client_address(application: Application) -> str:
    return reverse("admin:client", args=[KnownClient.objects.get(phone=application.phone).pk])


@pytest.mark.parametrize(
    "text", [PHONE, "+7 (913) 123-45-67", "89131234567", "9131234567", "4567", "123-45-67"]
)
def test_a_phone_in_any_form_finds_all_that_is_known_of_it(browser: Client, text: str) -> None:
    application = applied(phone=PHONE, last_name="Асанов", first_name="Айбек")
    applied()
    task = TaskFactory.create(phone=PHONE)
    talk = CommunicationFactory.create(phone=PHONE, campaign_task=task)
    forbidden = DoNotCallEntry.objects.create(phone=PHONE, reason="просил")

    html = page(browser, text)

    assert groups(html) == ["clients", "applications", "conversations", "tasks", "do-not-call"]
    assert links(html) == [
        client_address(application),
        f"/admin/filters/application/{application.pk}/change/",
        f"/admin/campaigns/communication/{talk.pk}/change/",
        f"/admin/campaigns/campaigntask/{task.pk}/change/",
        f"/admin/campaigns/donotcallentry/{forbidden.pk}/change/",
    ]


def test_no_row_shows_a_whole_phone(browser: Client) -> None:
    applied(phone=PHONE)
    TaskFactory.create(phone=PHONE)
    CommunicationFactory.create(phone=PHONE)
    DoNotCallEntry.objects.create(phone=PHONE, reason="просил")

    html = page(browser, "4567")

    assert PHONE not in html
    assert html.count("+7 (***) ***-45-67") == len(Kind)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("Хожаназ", True),
        ("хожаназаров", True),
        ("Хожаназаров Ясурбек", True),
        ("хожаназаров яс", True),
        ("Ясурбек Хожаназаров", True),
        ("Хожаназаров Иван", False),
        ("ожаназаров", False),
        ("%", False),
        ("Х_жаназаров", False),
    ],
)
def test_a_name_is_found_by_its_beginning(browser: Client, text: str, is_found: bool) -> None:
    application = applied(
        last_name="ХОЖАНАЗАРОВ", first_name="ЯСУРБЕК", middle_name="МИРЗАНАЗАРОВИЧ"
    )

    assert (client_address(application) in links(page(browser, text))) == is_found


@pytest.mark.parametrize("text", ["Королёв", "КОРОЛЕВ", "королев пётр"])
def test_the_letter_ё_is_found_as_е_and_the_other_way_round(browser: Client, text: str) -> None:
    first = applied(last_name="КОРОЛЁВ", first_name="ПЕТР")
    second = applied(last_name="Королев", first_name="Пётр")

    found = links(page(browser, text))

    assert {client_address(first), client_address(second)} <= set(found)


def test_a_number_finds_the_snapshots_of_an_application_and_its_client(browser: Client) -> None:
    application = applied(application_number="104000002")
    task = TaskFactory.create(phone=application.phone)

    found = links(page(browser, "104000002"))

    assert found == [
        client_address(application),
        f"/admin/filters/application/{application.pk}/change/",
        f"/admin/campaigns/campaigntask/{task.pk}/change/",
    ]


def test_a_task_and_a_conversation_are_found_by_their_own_number(browser: Client) -> None:
    talk = CommunicationFactory.create()

    by_talk = links(page(browser, f"№ {talk.pk}"))
    by_task = links(page(browser, str(talk.campaign_task_id)))

    assert f"/admin/campaigns/communication/{talk.pk}/change/" in by_talk
    assert f"/admin/campaigns/campaigntask/{talk.campaign_task_id}/change/" in by_task


def test_of_many_rows_some_are_shown_and_the_others_by_page(browser: Client) -> None:
    for _ in range(SHOWN + 1):
        applied(last_name="Иванов")

    html = page(browser, "Иванов")
    only = page(browser, "Иванов", **{"in": "clients"})

    assert len(re.findall(r'href="/admin/clients/', html)) == SHOWN
    assert "in=clients" in html
    assert len(re.findall(r'href="/admin/clients/', only)) == SHOWN + 1
    assert groups(only) == ["clients"]


def test_a_page_of_one_kind_is_bounded_and_so_are_the_pages(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "PAGE_ROWS", 2)
    tasks = TaskFactory.create_batch(5, phone=PHONE, called=True)
    numbers = [task.pk for task in reversed(tasks)]

    pages = [page(browser, PHONE, page=number, **{"in": "tasks"}) for number in (1, 2, 3)]

    shown = [
        [int(pk) for pk in re.findall(r"/admin/campaigns/campaigntask/(\d+)/change/", html)]
        for html in pages
    ]
    assert shown == [numbers[:2], numbers[2:4], numbers[4:]]
    assert ["page=" in html for html in pages] == [True, True, False]
    for odd in ("0", "-1", "x", "99999999999999999999", str(LAST_PAGE + 1), "²"):
        assert page(browser, PHONE, page=odd, **{"in": "tasks"})


def test_where_many_clients_fit_only_they_are_shown_and_it_is_said(browser: Client) -> None:
    for _ in range(MOST_PHONES + 1):
        TaskFactory.create(phone=applied(last_name="Иванов").phone)

    html = page(browser, "Иванов")

    assert groups(html) == ["clients", "applications"] or groups(html) == ["clients"]
    assert "Подходит много клиентов" in html


@pytest.mark.parametrize("text", ["%", "12", "№"])
def test_what_is_too_short_or_finds_nothing_says_so(browser: Client, text: str) -> None:
    html = page(browser, text)

    assert groups(html) == []
    assert "слишком мало" in html or "ничего не найдено" in html


def test_a_search_is_one_record_without_its_text(browser: Client, senior: Operator) -> None:
    applied(phone=PHONE)

    page(browser, PHONE)
    page(browser, "")  # asks nothing

    records = AccessRecord.objects.values_list(
        "operator_id", "address", "action", "subject", "subject_id"
    )
    assert list(records) == [(senior.pk, "192.0.2.7", "SEARCHED", "filters.knownclient", None)]


def test_whoever_lacks_a_right_is_not_shown_that_kind(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied(phone=PHONE)
    DoNotCallEntry.objects.create(phone=PHONE, reason="просил")
    monkeypatch.setattr(
        Operator, "has_perm", lambda _self, right, obj=None: right != "filters.view_application"
    )

    assert groups(page(browser, PHONE)) == ["do-not-call"]
    assert groups(page(browser, PHONE, **{"in": "clients"})) == ["do-not-call"]


def test_an_operator_is_not_let_in(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = False
    client = Client()
    enter_back_office(client, OperatorFactory.create())

    assert client.get(reverse("admin:search"), {"q": PHONE}).status_code == 302
    assert AccessRecord.objects.count() == 0


@pytest.mark.parametrize("name", ["admin:index", "admin:filters_application_changelist"])
def test_the_search_stands_on_every_page(browser: Client, name: str) -> None:
    html = browser.get(reverse(name)).content.decode()

    assert f'action="{reverse("admin:search")}"' in html


def test_the_search_stands_not_on_the_page_of_the_log_in(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = False
    html = Client().get(reverse("admin:login")).content.decode()

    assert reverse("admin:search") not in html


def test_the_page_of_a_kind_has_more_rows_than_the_overview() -> None:
    assert PAGE_ROWS > SHOWN
    assert {kind.value for kind in Kind} == {
        *("clients", "applications", "conversations", "tasks", "do-not-call")
    }
