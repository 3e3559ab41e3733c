"""The back office: the story of an application, the form of a cascade, funnel and dry run."""

from datetime import date
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.filters.cascade.revisions import set_cascade
from apps.filters.cascade.settings import KEYS
from apps.filters.judging.batches import judge_batch
from apps.filters.models import Cascade, CascadeRevision, Verdict
from apps.filters.rules.setting_labels import HELP, LABELS
from apps.filters.tests.factories import (
    ApplicationFactory,
    CampaignFactory,
    batch_of,
)

pytestmark = pytest.mark.django_db

SETTINGS = {
    "data-streams": ["MOBILE_LOANS"],
    "filters-order": ["AGE", "RESIDENCE"],
    "min-age": 18,
    "citizenship-unavailable-countries": ["BLR"],
}


@pytest.fixture
def senior(client: Client) -> Client:
    """A browser with a senior operator logged in."""
    operator = get_user_model().objects.create(
        login="senior", first_name="Ольга", last_name="Старшая", role="SENIOR_OPERATOR"
    )
    client.force_login(operator, backend="apps.security.backends.OperatorBackend")
    return client


@pytest.fixture
def cascade() -> Cascade:
    return set_cascade(CampaignFactory.create().pk, SETTINGS, author_id=None)


def posted(cascade: Cascade, **changes: Any) -> dict[str, Any]:
    """What the browser sends when the form is saved."""
    return {
        "campaign": cascade.campaign_id,
        "data-streams": "MOBILE_LOANS",
        "place-AGE": 1,
        "place-RESIDENCE": 2,
        "min-age": 18,
        "citizenship-unavailable-countries": "BLR",
        **changes,
    }


def change_url(cascade: Cascade) -> str:
    return reverse("admin:filters_cascade_change", args=[cascade.pk])


def test_the_page_of_an_application_tells_its_story_and_hides_the_phone(
    senior: Client, cascade: Cascade
) -> None:
    application = ApplicationFactory.create(citizenship="BLR")
    judge_batch(batch_of(application).pk, timezone.now())

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
    judge_batch(batch_of(application).pk, timezone.now())

    page = senior.get(reverse("admin:filters_application_change", args=[application.pk]))

    text = page.content.decode()
    assert text.index(Verdict.objects.get().reason) < text.index("field-application_status")


def test_every_setting_has_its_words_in_the_form(cascade: Cascade) -> None:
    assert set(LABELS) == set(HELP) == set(KEYS) - {"filters-order"}


@pytest.mark.parametrize("by", ["application_number", "phone"])
def test_an_application_is_found_by_number_and_by_phone(senior: Client, by: str) -> None:
    wanted, other = ApplicationFactory.create_batch(2)
    url = reverse("admin:filters_application_changelist")

    text = senior.get(url, {"q": getattr(wanted, by)}).content.decode()

    assert wanted.application_number in text
    assert other.application_number not in text


def test_a_change_of_the_order_is_a_new_version_with_its_author(
    senior: Client, cascade: Cascade
) -> None:
    answer = senior.post(change_url(cascade), posted(cascade, **{"place-AGE": 3}))

    cascade.refresh_from_db()
    assert answer.status_code == 302, answer.content.decode()
    assert cascade.settings["filters-order"] == ["RESIDENCE", "AGE"]
    assert cascade.version == 2
    revision = CascadeRevision.objects.get(version=2)
    assert revision.author is not None
    assert revision.author.login == "senior"
    assert "Старшая" in senior.get(change_url(cascade)).content.decode()


def test_saving_without_a_change_makes_no_version(senior: Client, cascade: Cascade) -> None:
    senior.post(change_url(cascade), posted(cascade))

    cascade.refresh_from_db()
    assert (cascade.version, cascade.revisions.count()) == (1, 1)


@pytest.mark.parametrize("more", [{"ml-skip-error": False}, {"ml-skip-error": True}, {}])
def test_a_field_left_alone_is_no_change(senior: Client, more: dict[str, bool]) -> None:
    stored = {
        **SETTINGS,
        **more,
        "phone-templates": [r"7\d{10}", r"79\d{9}"],
        "max-grace": 0,
        "casper-conditions": [{"field": "loans.status", "in": ["overdue"]}],
    }
    cascade = set_cascade(CampaignFactory.create().pk, stored, author_id=None)
    form = senior.get(change_url(cascade)).context["adminform"].form
    values = {field.name: field.value() for field in form}
    sent = {key: v for key, v in values.items() if v is not None and v is not False}

    senior.post(change_url(cascade), sent)

    cascade.refresh_from_db()
    assert (cascade.version, cascade.settings) == (1, stored)
    assert LogEntry.objects.get().get_change_message() == "Ни одно поле не изменено."


@pytest.mark.parametrize("bound", ["max-grace", "min-amount", "quiet-days"])
def test_a_bound_of_zero_is_a_bound(senior: Client, cascade: Cascade, bound: str) -> None:
    senior.post(change_url(cascade), posted(cascade, **{bound: 0}))

    cascade.refresh_from_db()
    assert cascade.settings[bound] == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"citizenship-unavailable-countries": "XXX"}, "citizenship-unavailable-countries"),
        ({"phone-templates": "7(\\d+)+"}, "phone-templates"),
        ({"place-RESIDENCE": 1}, "place-RESIDENCE"),
        ({"min-age": -1}, "min-age"),
        ({"data-streams": ""}, None),
        ({"min-age": 40, "max-age": 30}, None),
    ],
)
def test_a_wrong_setting_is_refused_at_its_field_and_nothing_changes(
    senior: Client, cascade: Cascade, changes: dict[str, Any], field: str | None
) -> None:
    answer = senior.post(change_url(cascade), posted(cascade, **changes))

    assert answer.status_code == 200
    assert (field or "__all__") in answer.context["adminform"].form.errors
    cascade.refresh_from_db()
    assert (cascade.version, cascade.settings) == (1, SETTINGS)


def test_the_funnel_counts_who_entered_and_where_they_stopped(
    senior: Client, cascade: Cascade
) -> None:
    applications = [
        ApplicationFactory.create(),
        ApplicationFactory.create(citizenship="BLR"),
        ApplicationFactory.create(birth_date=date(2015, 1, 1)),
    ]
    judge_batch(batch_of(*applications).pk, timezone.now())

    page = senior.get(reverse("admin:filters_cascade_funnel", args=[cascade.pk]))

    funnel = page.context["funnel"]
    stopped = {stage.rule: stage.stopped for stage in funnel.stages if stage.stopped}
    assert (funnel.entered, funnel.passed, funnel.waiting) == (3, 1, 0)
    assert stopped == {"AGE": 1, "RESIDENCE": 1}
    assert "<svg" in page.content.decode()


def test_a_dry_run_compares_and_leaves_no_trace(senior: Client, cascade: Cascade) -> None:
    ApplicationFactory.create_batch(2, citizenship="BLR")
    url = reverse("admin:filters_cascade_dry_run", args=[cascade.pk])

    page = senior.post(url, {"days": 2, "settings": "data-streams: MOBILE_LOANS"})

    result = page.context["result"]
    assert (result.now.passed, result.changed.passed, result.gained) == (0, 2, 2)
    assert not Verdict.objects.exists()
    cascade.refresh_from_db()
    assert cascade.version == 1


@pytest.mark.parametrize("page", ["funnel", "dry_run"])
def test_an_operator_sees_none_of_these_pages(client: Client, cascade: Cascade, page: str) -> None:
    operator = get_user_model().objects.create(login="plain", role="OPERATOR")
    client.force_login(operator, backend="apps.security.backends.OperatorBackend")

    answer = client.get(reverse(f"admin:filters_cascade_{page}", args=[cascade.pk]))

    assert answer.status_code in (302, 403)


def test_the_pages_need_no_inline_script_or_style(senior: Client, cascade: Cascade) -> None:
    pages = [
        change_url(cascade),
        reverse("admin:filters_cascade_funnel", args=[cascade.pk]),
        reverse("admin:filters_cascade_dry_run", args=[cascade.pk]),
    ]

    texts = [senior.get(url).content.decode() for url in pages]

    for text in texts:
        assert " style=" not in text
        assert "<style" not in text
        assert "onclick=" not in text


def test_a_stream_that_no_file_arrives_in_is_saved_with_a_remark(
    senior: Client, cascade: Cascade
) -> None:
    wrong = {"data-streams": "MOBILE_LOAN"}

    page = senior.post(change_url(cascade), posted(cascade, **wrong), follow=True)

    assert "MOBILE_LOANS" in "".join(map(str, page.context["messages"]))
    cascade.refresh_from_db()
    assert cascade.settings["data-streams"] == ["MOBILE_LOAN"]


def test_the_form_of_a_cascade_that_cannot_be_read_says_so_and_mends_it(
    senior: Client, cascade: Cascade
) -> None:
    Cascade.objects.update(settings={**SETTINGS, "filters-order": ["AGE", "HOROSCOPE"]})

    page = senior.get(change_url(cascade))
    senior.post(change_url(cascade), posted(cascade))

    assert "HOROSCOPE" in "".join(map(str, page.context["messages"]))
    assert senior.get(reverse("admin:filters_cascade_funnel", args=[cascade.pk])).status_code == 200
    cascade.refresh_from_db()
    assert cascade.settings["filters-order"] == ["AGE", "RESIDENCE"]
