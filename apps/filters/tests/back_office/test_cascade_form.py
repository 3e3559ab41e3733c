"""The form of a cascade: what is saved, what is refused, what stays as it was."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from apps.filters.cascade.revisions import set_cascade
from apps.filters.cascade.settings import KEYS
from apps.filters.models import Cascade, CascadeRevision
from apps.filters.rules.setting_labels import HELP, LABELS
from apps.filters.tests.back_office.form_data import SETTINGS, change_url, posted
from testing.factories.campaigns import CampaignFactory

pytestmark = pytest.mark.django_db


def test_every_setting_has_its_words_in_the_form(cascade: Cascade) -> None:
    assert set(LABELS) == set(HELP) == set(KEYS) - {"filters-order"}


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
