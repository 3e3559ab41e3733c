"""The pages of applications and cascades in the back office."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.filters.models import Cascade, Verdict
from apps.filters.tests.back_office.form_data import change_url
from testing.factories.filters import ApplicationFactory, batch_of
from testing.judging import judge_fully

pytestmark = pytest.mark.django_db


def test_the_page_of_an_application_tells_its_story_and_hides_the_phone(
    senior: Client, cascade: Cascade
) -> None:
    application = ApplicationFactory.create(citizenship="BLR")
    judge_fully(batch_of(application).pk, timezone.now())

    page = senior.get(reverse("admin:filters_application_change", args=[application.pk]))

    text = page.content.decode()
    assert page.status_code == 200
    assert Verdict.objects.get().reason in text
    assert application.phone not in text
    assert application.document_number not in text


def test_the_verdict_stands_above_the_fields_of_the_application(
    senior: Client, cascade: Cascade
) -> None:
    application = ApplicationFactory.create(citizenship="BLR")
    judge_fully(batch_of(application).pk, timezone.now())

    page = senior.get(reverse("admin:filters_application_change", args=[application.pk]))

    text = page.content.decode()
    assert text.index(Verdict.objects.get().reason) < text.index("field-application_status")


@pytest.mark.parametrize("by", ["application_number", "phone"])
def test_an_application_is_found_by_number_and_by_phone(senior: Client, by: str) -> None:
    wanted, other = ApplicationFactory.create_batch(2)
    url = reverse("admin:filters_application_changelist")

    text = senior.get(url, {"q": getattr(wanted, by)}).content.decode()

    assert wanted.application_number in text
    assert other.application_number not in text


@pytest.mark.parametrize("text", ["+7 (913) 123-45-67", "8 913 1234567", "9131234567"])
def test_an_application_is_found_by_a_phone_in_any_form(senior: Client, text: str) -> None:
    wanted = ApplicationFactory.create(phone="79131234567")

    answer = senior.get(reverse("admin:filters_application_changelist"), {"q": text})

    assert [row.pk for row in answer.context["cl"].result_list] == [wanted.pk]


def test_the_list_says_who_it_is_and_why_the_client_is_not_called(
    senior: Client, cascade: Cascade
) -> None:
    application = ApplicationFactory.create(
        last_name="Асанов", first_name="Айбек", citizenship="BLR"
    )
    judge_fully(batch_of(application).pk, timezone.now())
    verdict = Verdict.objects.get()

    text = senior.get(reverse("admin:filters_application_changelist")).content.decode()

    for told in ("Асанов Айбек", "Зарегистрирована", cascade.campaign.name, verdict.reason):
        assert told in text
    assert verdict.rule not in text  # its name stands there


def test_the_list_takes_as_many_queries_for_many_applications_as_for_one(
    senior: Client, cascade: Cascade
) -> None:
    queries = []
    senior.get(reverse("admin:filters_application_changelist"))  # what is kept for a while
    for number in (1, 20):
        applications = ApplicationFactory.create_batch(number)
        judge_fully(batch_of(*applications).pk, timezone.now())
        with CaptureQueriesContext(connection) as asked:
            senior.get(reverse("admin:filters_application_changelist"))
        queries.append(len(asked))

    assert queries[0] == queries[1]


def test_the_pages_need_no_inline_script_or_style(senior: Client, cascade: Cascade) -> None:
    pages = [
        change_url(cascade),
        reverse("admin:filters_cascade_funnel", args=[cascade.pk]),
        reverse("admin:filters_cascade_dry_run", args=[cascade.pk]),
        reverse("admin:filters_cascade_rejudge", args=[cascade.pk]),
        reverse("admin:filters_cascade_version", args=[cascade.pk, 1]),
    ]

    texts = [senior.get(url).content.decode() for url in pages]

    for text in texts:
        assert " style=" not in text
        assert "<style" not in text
        assert "onclick=" not in text
