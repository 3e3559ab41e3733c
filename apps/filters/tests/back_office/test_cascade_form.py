"""The form of a cascade: what is saved, what is refused, what stays as it was."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from apps.filters.back_office import cascade_form
from apps.filters.cascade import settings as cascade_settings
from apps.filters.cascade.phone_masks import PhoneMasks
from apps.filters.cascade.revisions import set_cascade
from apps.filters.cascade.settings import ORDER
from apps.filters.cascade.settings import SETTINGS as DESCRIBED
from apps.filters.models import Cascade, CascadeRevision
from apps.filters.rules import RULES
from apps.filters.rules.base import InternalRule
from apps.filters.rules.client_conditions import Conditions
from apps.filters.rules.settings import Flag, Rubles, Setting, Whole, Words
from apps.filters.tests.back_office.form_data import SETTINGS, change_url, posted
from testing.factories.campaigns import CampaignFactory

pytestmark = pytest.mark.django_db


WORDS: dict[str, Any] = {"label": "знак", "help": ""}
# a setting of each kind, what a person types, what is stored, and the field of the form
KINDS: list[tuple[Setting, Any, Any, type[forms.Field]]] = [
    (Whole(key="lucky-number", low=1, high=9, **WORDS), "7", 7, forms.IntegerField),
    (Rubles(key="price", **WORDS), "100", 100, forms.DecimalField),
    (Rubles(key="price", **WORDS), "99.50", 99.5, forms.DecimalField),
    (Flag(key="believes", **WORDS), "on", True, forms.BooleanField),
    (Words(key="signs", **WORDS), "leo, virgo", ["leo", "virgo"], forms.CharField),
    (Words(key="moods", known=("up",), **WORDS), "up", ["up"], forms.CharField),
    (PhoneMasks(key="lines", **WORDS), "7\\d+\r\n79", ["7\\d+", "79"], forms.CharField),
    (
        Conditions(key="omens", **WORDS),
        "- {field: moon.phase, above: 0.5}",
        [{"field": "moon.phase", "above": 0.5}],
        forms.CharField,
    ),
]


@pytest.fixture
def horoscope() -> Iterator[type[InternalRule]]:
    """A filter that did not exist; its test gives it settings and reloads what is made of them."""

    class Horoscope(InternalRule):
        name = "HOROSCOPE"
        title = "гороскоп"
        needs_a_setting = True

        def stops(self, application: Any, history: Any) -> None:
            return None

    RULES[Horoscope.name] = Horoscope
    yield Horoscope
    del RULES[Horoscope.name]
    reload()


def reload() -> None:
    importlib.reload(cascade_settings)
    importlib.reload(cascade_form)


@pytest.mark.parametrize(("setting", "typed", "stored", "field"), KINDS)
def test_a_new_filters_setting_whatever_its_kind_has_its_right_form_field_at_once(
    horoscope: type[InternalRule],
    setting: Setting,
    typed: Any,
    stored: Any,
    field: type[forms.Field],
) -> None:
    horoscope.settings = (setting,)
    reload()
    campaign_id = CampaignFactory.create().pk
    sent = {"campaign": campaign_id, "data-streams": "A", "place-HOROSCOPE": 1}

    form = cascade_form.CascadeForm({**sent, setting.key: typed})

    assert form.is_valid(), form.errors
    assert type(form.fields[setting.key]) is field
    assert form.cleaned_data["settings"] == {
        "data-streams": ["A"],
        "filters-order": ["HOROSCOPE"],
        setting.key: stored,
    }
    shown = cascade_form.CascadeForm(
        instance=set_cascade(campaign_id, form.cleaned_data["settings"], author_id=None)
    )
    assert not form.fields[setting.key].has_changed(shown[setting.key].value(), typed)


@pytest.mark.parametrize(
    ("setting", "typed"),
    [
        (Whole(key="lucky-number", low=1, high=9, **WORDS), "10"),
        (Whole(key="lucky-number", low=1, high=9, **WORDS), "many"),
        (Rubles(key="price", **WORDS), "1e999999999"),
        (Words(key="moods", known=("up",), **WORDS), "down"),
        (PhoneMasks(key="lines", **WORDS), "(7"),
        (Conditions(key="omens", **WORDS), "- ["),
        (Conditions(key="omens", **WORDS), "- {field: moon}"),
    ],
)
def test_a_wrong_value_of_a_new_filters_setting_is_refused_at_its_field_alone(
    horoscope: type[InternalRule], setting: Setting, typed: str
) -> None:
    horoscope.settings = (setting,)
    reload()
    sent = {"campaign": CampaignFactory.create().pk, "data-streams": "A", "place-HOROSCOPE": 1}

    form = cascade_form.CascadeForm({**sent, setting.key: typed})

    assert list(form.errors) == [setting.key]


@pytest.mark.parametrize("setting", DESCRIBED.values(), ids=DESCRIBED)
def test_every_setting_has_its_words_in_the_form(setting: Setting) -> None:
    field = setting.form_field(None)

    assert field.label
    assert field.help_text


def test_a_setting_that_filters_share_is_described_once() -> None:
    described = [setting for rule in RULES.values() for setting in rule.settings]

    assert all(DESCRIBED[setting.key] is setting for setting in described)
    assert ORDER not in DESCRIBED


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


def test_a_check_that_the_form_names_has_a_place_at_once(senior: Client, cascade: Cascade) -> None:
    typed = {"ml-checks": "INCOME, FRAUD", "place-ML_FRAUD": 3, "place-ML_INCOME": 4}

    senior.post(change_url(cascade), posted(cascade, **typed))

    cascade.refresh_from_db()
    order = ["AGE", "RESIDENCE", "ML_FRAUD", "ML_INCOME"]
    assert cascade.settings["filters-order"] == order
    assert "place-ML_FRAUD" in senior.get(change_url(cascade)).content.decode()


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
        ({"data-streams": ""}, "data-streams"),
        ({"min-age": 40, "max-age": 30}, "min-age"),
        ({"min-age": "", "place-AGE": 1}, None),
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
