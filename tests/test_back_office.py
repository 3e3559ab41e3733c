"""Every page of the back office opens, in Russian, to those it is meant for and to nobody else."""

import re
from http import HTTPStatus

import pytest
from django.contrib import admin
from django.db.models import Model, ProtectedError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.campaigns.models import Campaign, CampaignTask, Communication, Disposition
from apps.campaigns.states import CommunicationState
from apps.filters.models import Cascade
from apps.ingest.models import CallList
from apps.security.models import AccessRecord, Operator
from apps.telephony.models import MightyCallOperator
from testing.browser import enter_back_office
from testing.factories.campaigns import (
    TaskFactory,
)
from testing.factories.security import (
    AdministratorFactory,
    OperatorFactory,
    SeniorOperatorFactory,
)
from testing.rows import one_of_each_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]

OF_ADMINISTRATORS = {AccessRecord}
OPENED_TO_ADD = {Campaign, Operator, MightyCallOperator, Cascade, CallList}
ROLES = {"senior": SeniorOperatorFactory, "administrator": AdministratorFactory}
LETTERS = re.compile(r"[а-яё№]", re.IGNORECASE)
TEXTS = {
    "title": re.compile(r"<title>(.*?)</title>", re.DOTALL),
    "heading": re.compile(r"<h1>(.*?)</h1>", re.DOTALL),
    "label": re.compile(r"<label[^>]*>(.*?)</label>", re.DOTALL),
    "column": re.compile(r'<th[^>]*scope="col"[^>]*>.*?<div class="text">(.*?)</div>', re.DOTALL),
}
TAG = re.compile(r"<[^>]+>|&nbsp;|\s+")


@pytest.fixture(autouse=True)
def rows(settings: Settings) -> dict[type[Model], Model]:
    """One row of every kind that a page is made of."""
    settings.SECURE_SSL_REDIRECT = False
    return one_of_each_page(OperatorFactory.create())


def test_every_page_has_its_row(rows: dict[type[Model], Model]) -> None:
    assert set(admin.site._registry) == set(rows)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_opens_in_russian_to_whom_it_is_meant_for(
    role: str, rows: dict[type[Model], Model]
) -> None:
    browser = signed_in(ROLES[role].create())
    expected, found, foreign = {}, {}, set()
    for model, row in rows.items():
        pages = {"changelist": (), "change": (row.pk,), "add": ()}
        for page, arguments in pages.items():
            answer = browser.get(address(model, page, *arguments))
            where = f"{model._meta.label} {page}"
            is_closed = (page == "add" and model not in OPENED_TO_ADD) or (
                model in OF_ADMINISTRATORS and role != "administrator"
            )
            expected[where] = HTTPStatus.FORBIDDEN if is_closed else HTTPStatus.OK
            found[where] = HTTPStatus(answer.status_code)
            if answer.status_code == HTTPStatus.OK:
                foreign |= {f"{where}: {text}" for text in foreign_texts(answer.content.decode())}

    assert found == expected
    assert foreign == set()


def test_an_operator_has_no_back_office(rows: dict[type[Model], Model]) -> None:
    browser = signed_in(OperatorFactory.create())

    statuses = {browser.get(address(model, "changelist")).status_code for model in rows}

    assert statuses == {HTTPStatus.FOUND}


def test_a_result_that_was_chosen_cannot_be_deleted_with_what_the_client_said(
    rows: dict[type[Model], Model],
) -> None:
    disposition = Disposition.objects.get()
    Communication.objects.update(state=CommunicationState.FIXED, disposition=disposition)

    with pytest.raises(ProtectedError):
        disposition.delete()

    assert Communication.objects.get().disposition_id == disposition.pk


def test_the_page_of_a_task_shows_no_value_of_what_identifies_its_client() -> None:
    known = {
        "birth_date": "1987-03-21",
        "device_id": "device-4711",
        "last_name": "Хожаназаров",
        "casper": {"full_name_ru": {"last": "Хожаназаров"}, "document_number": "654321"},
    }
    task = TaskFactory.create(phone="79260040077", client_info=known)
    browser = signed_in(SeniorOperatorFactory.create())

    page = browser.get(address(CampaignTask, "change", task.pk)).content.decode()

    assert "birth_date: •••" in page
    secrets = ("1987-03-21", "4711", "Хожаназаров", "654321", "79260040077")
    assert [word for word in secrets if word in page] == []


def signed_in(operator: Operator) -> Client:
    browser = Client()
    enter_back_office(browser, operator)
    return browser


def address(model: type[Model], page: str, *arguments: object) -> str:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=arguments)


def foreign_texts(page: str) -> set[str]:
    """Titles, headings, labels and column heads without a Russian letter."""
    texts = {
        f"{kind} {TAG.sub(' ', text).strip()}"
        for kind, pattern in TEXTS.items()
        for text in pattern.findall(page)
        if TAG.sub("", text)
    }
    return {text for text in texts if not LETTERS.search(text) and "SHA-256" not in text}
