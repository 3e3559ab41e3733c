"""Two people edit one cascade, and an earlier version is brought back: nothing is lost."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.filters.cascade.revisions import set_cascade
from apps.filters.models import Cascade, CascadeRevision
from apps.filters.tests.back_office.form_data import SETTINGS, change_url, posted
from testing.rivals import PATIENCE_SECONDS, Rivals, wait_until_a_lock_is_awaited

pytestmark = pytest.mark.django_db


def saved_by_another(cascade: Cascade, **changes: Any) -> None:
    other = get_user_model().objects.create(
        login="other", first_name="Пётр", last_name="Второй", role="SENIOR_OPERATOR"
    )
    set_cascade(cascade.campaign_id, {**SETTINGS, **changes}, author_id=other.pk)


def sent_again(page: Any) -> dict[str, Any]:
    """What the browser sends when the form that came back is saved as it is shown."""
    form = page.context["adminform"].form
    values = {field.html_name: field.value() for field in form}
    return {key: value for key, value in values.items() if value not in (None, False)}


def test_the_second_of_two_editors_is_told_and_neither_loses_anything(
    senior: Client, cascade: Cascade
) -> None:
    saved_by_another(cascade, **{"min-age": 21})
    typed = posted(cascade, **{"citizenship-unavailable-countries": "BLR, UKR"})

    page = senior.post(change_url(cascade), typed)

    told = " ".join(page.context["adminform"].form.non_field_errors())
    assert "Второй Пётр" in told
    assert "min-age: 18 → 21" in told
    cascade.refresh_from_db()
    assert (cascade.version, cascade.settings["min-age"]) == (2, 21)

    senior.post(change_url(cascade), sent_again(page))

    cascade.refresh_from_db()
    assert cascade.version == 3
    assert cascade.settings == {
        **SETTINGS,
        "min-age": 21,
        "citizenship-unavailable-countries": ["BLR", "UKR"],
    }


def test_where_both_changed_a_field_the_second_keeps_the_own_value_and_is_told(
    senior: Client, cascade: Cascade
) -> None:
    saved_by_another(cascade, **{"min-age": 21})

    page = senior.post(change_url(cascade), posted(cascade, **{"min-age": 25}))

    form = page.context["adminform"].form
    assert form["min-age"].value() == "25"
    assert "min-age" in form.non_field_errors()[-1]


def test_a_filter_that_the_other_switched_off_stays_off(senior: Client, cascade: Cascade) -> None:
    saved_by_another(cascade, **{"filters-order": ["RESIDENCE"]})

    page = senior.post(change_url(cascade), posted(cascade, **{"max-age": 70}))
    senior.post(change_url(cascade), sent_again(page))

    cascade.refresh_from_db()
    assert cascade.settings["filters-order"] == ["RESIDENCE"]
    assert cascade.settings["max-age"] == 70


def test_a_form_without_its_version_is_refused(senior: Client, cascade: Cascade) -> None:
    senior.post(change_url(cascade), posted(cascade, **{"edited-version": "", "min-age": 30}))

    cascade.refresh_from_db()
    assert cascade.version == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_moment_one_is_refused(
    senior: Client, cascade: Cascade, rivals: Rivals
) -> None:
    typed = posted(cascade, **{"min-age": 30})
    with transaction.atomic():
        Cascade.objects.select_for_update().get(pk=cascade.pk)
        answer = rivals.start(lambda: senior.post(change_url(cascade), typed))
        wait_until_a_lock_is_awaited()
        set_cascade(cascade.campaign_id, {**SETTINGS, "min-age": 21}, author_id=None)

    page = answer.result(PATIENCE_SECONDS)

    assert page.status_code == 200
    cascade.refresh_from_db()
    assert (cascade.version, cascade.settings["min-age"]) == (2, 21)


def version_url(cascade: Cascade, version: int) -> str:
    return reverse("admin:filters_cascade_version", args=[cascade.pk, version])


def test_an_earlier_version_is_shown_and_compared(senior: Client, cascade: Cascade) -> None:
    saved_by_another(cascade, **{"min-age": 21})

    page = senior.get(version_url(cascade, 1))
    same = senior.get(version_url(cascade, 1), {"other": 1})

    assert page.context["differences"] == ["min-age: 21 → 18"]
    assert "min-age: 18" in page.content.decode()
    assert same.context["differences"] == []
    assert version_url(cascade, 1) in senior.get(change_url(cascade)).content.decode()


def test_an_earlier_version_is_brought_back_as_a_new_one_with_its_author(
    senior: Client, cascade: Cascade
) -> None:
    saved_by_another(cascade, **{"min-age": 21})

    senior.post(version_url(cascade, 1), {"seen_version": 2})

    cascade.refresh_from_db()
    assert (cascade.version, cascade.settings) == (3, SETTINGS)
    author = CascadeRevision.objects.get(version=3).author
    assert author is not None
    assert author.login == "senior"
    assert "3" in LogEntry.objects.get().get_change_message()


def test_nothing_is_brought_back_over_a_version_that_the_person_has_not_seen(
    senior: Client, cascade: Cascade
) -> None:
    saved_by_another(cascade, **{"min-age": 21})

    senior.post(version_url(cascade, 1), {"seen_version": 1})

    cascade.refresh_from_db()
    assert cascade.version == 2


def test_a_version_that_cannot_be_read_any_more_is_not_brought_back(
    senior: Client, cascade: Cascade
) -> None:
    flawed = {**SETTINGS, "filters-order": ["HOROSCOPE"]}
    CascadeRevision.objects.update(settings=flawed)
    saved_by_another(cascade, **{"min-age": 21})

    senior.post(version_url(cascade, 1), {"seen_version": 2})

    cascade.refresh_from_db()
    assert cascade.version == 2
