"""The pages of applications and cascades in the back office."""

import pytest
from django.test import Client
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
