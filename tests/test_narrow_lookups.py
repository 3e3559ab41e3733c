"""A list of the back office tells nothing of columns that it hides or masks, whatever is asked."""

import re
from html import unescape
from itertools import cycle

import pytest
from django.contrib import admin
from django.db.models import Field, Model
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.filters.models import Application
from apps.ingest.models import IncomingFile
from apps.security.models import Operator
from common.back_office import NarrowLookups
from testing.browser import enter_back_office
from testing.factories.campaigns import CommunicationFactory
from testing.factories.filters import ApplicationFactory
from testing.factories.security import AdministratorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cold_cache")]

PAGES = list(admin.site._registry)
GUESSES = ("startswith", "contains", "regex", "gt", "range", "iexact", "istartswith", "lte")
# each was HTTP 500 once
ODD_VALUES = ("(", "[", "*", "\0", "99999999999", "x" * 5_000, "\U0001f600", "-1", "")
FILTER_LINK = re.compile(r'<a href="(\?[^"]+)"')


@pytest.fixture
def browser(settings: Settings) -> Client:
    """Of an administrator, to whom all pages are open. An error of a page is HTTP 500 there."""
    settings.SECURE_SSL_REDIRECT = False
    client = Client(raise_request_exception=False)
    enter_back_office(client, AdministratorFactory.create())
    return client


def list_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def paths(model: type[Model]) -> list[str]:
    """The columns of the model, and those of the tables that it names by foreign keys."""
    own = [field for field in model._meta.get_fields() if isinstance(field, Field)]
    further = [
        f"{field.name}__{other.name}"
        for field in own
        if field.related_model
        for other in field.related_model._meta.get_fields()
        if isinstance(other, Field)
    ]
    return [*(field.name for field in own), *further]


def label(model: type[Model]) -> str:
    return model._meta.label


def test_every_page_is_one_of_narrow_lookups() -> None:
    assert [
        page.model for page in admin.site._registry.values() if not isinstance(page, NarrowLookups)
    ] == []


@pytest.mark.parametrize("model", PAGES, ids=label)
def test_no_column_can_be_guessed_by_a_look_up(model: type[Model]) -> None:
    page = admin.site._registry[model]

    assert [
        asked
        for path in paths(model)
        for guess in GUESSES
        if page.lookup_allowed(asked := f"{path}__{guess}", "7", HttpRequest())
    ] == []


@pytest.mark.parametrize("model", PAGES, ids=label)
def test_a_look_up_that_is_not_allowed_is_refused(browser: Client, model: type[Model]) -> None:
    guesses = [
        f"{path}__{guess}" for path, guess in zip(paths(model), cycle(GUESSES), strict=False)
    ]

    answered = {
        asked: status
        for asked in guesses
        if (status := browser.get(list_of(model), {asked: "7"}).status_code) != 400
    }

    assert answered == {}


def test_a_passport_cannot_be_guessed_letter_by_letter(browser: Client) -> None:
    application = ApplicationFactory.create()
    number = str(application.document_number)
    place = list_of(Application)

    statuses = {
        browser.get(
            place, {"pk__exact": str(application.pk), f"document_number{end}": value}
        ).status_code
        for end, value in (("", number), ("__exact", number), ("__startswith", number[:1]))
    }

    assert statuses == {400}


@pytest.mark.parametrize("model", PAGES, ids=label)
def test_every_link_of_a_filter_opens(browser: Client, model: type[Model]) -> None:
    CommunicationFactory.create()
    ApplicationFactory.create()
    place = list_of(model)
    links = [unescape(found) for found in FILTER_LINK.findall(browser.get(place).content.decode())]

    assert {link: browser.get(f"{place}{link}").status_code for link in links} == dict.fromkeys(
        links, 200
    )


@pytest.mark.parametrize("model", PAGES, ids=label)
def test_no_odd_value_breaks_a_list(browser: Client, model: type[Model]) -> None:
    page = admin.site._registry[model]
    assert isinstance(page, NarrowLookups)
    asked = sorted({"q", "o", "p", "e", "_facets", "unheard", *page._lookups(None)})

    broken = [
        (name, value[:10])
        for name in asked
        for value in ODD_VALUES
        if browser.get(list_of(model), {name: value}).status_code >= 500
    ]

    assert broken == []


def test_a_date_that_no_calendar_has_is_refused(browser: Client) -> None:
    place = list_of(IncomingFile)

    assert browser.get(place, {"finished_at__year": "99999999999"}).status_code == 400
    assert browser.get(place, {"finished_at__year": "2026"}).status_code == 200


def test_the_search_for_operators_in_a_form_takes_no_nul(browser: Client) -> None:
    asked = {"app_label": "telephony", "model_name": "mightycalloperator", "field_name": "operator"}
    place = reverse("admin:autocomplete")

    assert browser.get(place, {**asked, "term": "\0"}).status_code == 400
    assert browser.get(place, {**asked, "term": "а"}).status_code == 200


def test_a_password_is_no_filter(browser: Client) -> None:
    assert browser.get(list_of(Operator), {"password__startswith": "a"}).status_code == 400
