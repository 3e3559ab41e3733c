"""``config/campaigns.yaml``: the source's example loads, every mistake is named, all or nothing."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.campaigns.models import Campaign
from apps.filters.cascade.config_file import read_file, read_text
from apps.filters.checks import campaigns_file_is_valid
from apps.filters.models import Cascade, CascadeRevision
from common.configuration import ConfigError

# the example of [source figure 25]
SOURCE_EXAMPLE = r"""
events-analyser:
  campaigns:
    - campaign-id: 1
      data-streams: MOBILE_LOANS #Поток из мобильного приложения "Корона Pay"
      request-statuses: registered, scored #Статус клиента
      filters-order: #Порядок фильтров
        - RESIDENCE #Гражданство
        - AGE #Возраст
        - PHONE_BLACK_LIST #Не находится в черном списке ГК "ЦФТ"
        - ML_DEVICE #Данная проверка от сервиса ML должна быть пройдена
        - ML_PHONE #Данная проверка от сервиса ML должна быть пройдена
        - ML_FACE #Данная проверка от сервиса ML должна быть пройдена
        - ML_DOCUMENT #Данная проверка от сервиса ML должна быть пройдена

      ml-skip-error: false #При ошибке от ML сервисов не пропускаем дальше клиента
      citizenship-unavailable-countries: #Недоступные страны
        - BLR
        - UKR
      min-age: 18 #Минимальный возраст клиента
      phone-templates: #Маски для номеров телефона
        - 7\d{5}4\d{4}
        - 7\d{5}3\d{4}
"""
SMALL = "events-analyser: {campaigns: [{campaign-id: 7, data-streams: MOBILE_LOANS%s}]}"


def command(name: str, *arguments: object) -> str:
    out = StringIO()
    call_command(name, *map(str, arguments), stdout=out)
    return out.getvalue()


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "campaigns.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_sources_example_loads_verbatim() -> None:
    (campaign,) = read_text(SOURCE_EXAMPLE, "campaigns.yaml")

    assert campaign.campaign_id == 1
    assert campaign.settings == {
        "data-streams": ["MOBILE_LOANS"],
        "request-statuses": ["registered", "scored"],
        "phone-templates": [r"7\d{5}4\d{4}", r"7\d{5}3\d{4}"],
        "filters-order": [
            "RESIDENCE",
            "AGE",
            "PHONE_BLACK_LIST",
            "ML_DEVICE",
            "ML_PHONE",
            "ML_FACE",
            "ML_DOCUMENT",
        ],
        "ml-skip-error": False,
        "citizenship-unavailable-countries": ["BLR", "UKR"],
        "min-age": 18,
    }


@pytest.mark.parametrize(
    ("more", "place", "expected"),
    [
        (", min-aeg: 18", "min-aeg", "min-age"),
        (", filters-order: [AGES]", "filters-order[0]", "AGE"),
        (", filters-order: [AGE, AGE], min-age: 1", "filters-order[1]", "один раз"),
        (", citizenship-unavailable-countries: BLR, XXX", "[1]", "3166"),
        (", request-statuses: sored", "request-statuses[0]", "scored"),
        (", min-age: 40, max-age: 30", "min-age", "30"),
        (", min-age: -1", "min-age", "от 0"),
        (", min-age: eighteen", "min-age", "целое"),
        (", min-amount: -5", "min-amount", "0"),
        (", ml-skip-error: maybe", "ml-skip-error", "true"),
        (", phone-templates: ['7(\\d']", "phone-templates[0]", "регулярное"),
        (", phone-templates: ['(?=7)\\d+']", "phone-templates[0]", "регулярное"),
        (", phone-templates: ['(\\d+)+7']", "phone-templates[0]", "повторения"),
        (", phone-templates: ['((a|b)*)*']", "phone-templates[0]", "повторения"),
        (", filters-order: [AGE]", "filters-order", "min-age"),
        (", casper-conditions: [{field: a}]", "casper-conditions[0]", "not-in"),
        (", casper-conditions: [{field: a, above: .nan}]", "casper-conditions[0].above", "число"),
        (", data-streams: POS_REJECT", "data-streams", ""),
        (", campaign: {hours: {weekdays: 9-20}}", "campaign.hours.weekdays", "часы"),
        (", min-age: ", "min-age: None", "целое"),
    ],
)
def test_a_mistake_is_named_with_its_file_place_and_what_was_expected(
    more: str, place: str, expected: str
) -> None:
    text = SMALL % more.replace("countries: BLR, XXX", "countries: 'BLR, XXX'")

    with pytest.raises(ConfigError) as caught:
        read_text(text, "campaigns.yaml")

    message = str(caught.value)
    assert message.startswith("campaigns.yaml")
    assert place in message
    assert expected in message


@pytest.mark.parametrize(
    "text",
    [
        "events-analyser: {campaigns: []}",
        "events-analyser: [",
        "other: {}",
        "events-analyser: {campaigns: [{campaign-id: 1, data-streams: A},"
        " {campaign-id: 1, data-streams: A}]}",
        "events-analyser: {campaigns: [{campaign-id: yes, data-streams: A}]}",
        "events-analyser: {campaigns: [{campaign-id: 1}]}",
        "events-analyser: {campaigns: [{campaign-id: 1, data-streams: A, campaign: }]}",
        "events-analyser: {campaigns: [1]}",
        "",
    ],
)
def test_a_file_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        read_text(text, "campaigns.yaml")


@pytest.mark.parametrize("mask", [r"7\d{10}", r"7(9|8)\d+", r"79[0-9]{2}1+\d*", r"7(?:\d{2})+1{7}"])
def test_honest_masks_are_accepted(mask: str) -> None:
    text = (
        "events-analyser: {campaigns: [{campaign-id: 1, data-streams: A, phone-templates: ['%s']}]}"
    )

    (campaign,) = read_text(text % mask, "campaigns.yaml")

    assert campaign.settings["phone-templates"] == [mask]


@pytest.mark.django_db
def test_applying_twice_changes_nothing_the_second_time() -> None:
    first = command("apply_config", settings.CONFIG_DIR / "campaigns.yaml")

    assert "Доведи до займа" in first
    assert command("apply_config", settings.CONFIG_DIR / "campaigns.yaml") == "no changes\n"
    assert CascadeRevision.objects.count() == Cascade.objects.count() == 2


@pytest.mark.django_db
def test_what_was_exported_applies_with_no_changes(tmp_path: Path) -> None:
    command("apply_config", settings.CONFIG_DIR / "campaigns.yaml")
    path = tmp_path / "exported.yaml"
    command("export_config", path)

    assert command("apply_config", path) == "no changes\n"


@pytest.mark.django_db
def test_every_kind_of_setting_is_exported_as_it_is_stored(tmp_path: Path) -> None:
    more = (
        ", phone-templates: ['123', '7{2,3}\\d'], min-amount: 99.5, max-amount: 100, min-age: 18,"
        " ml-skip-error: true, loan-statuses: [empty, recieved],"
        " casper-conditions: [{field: a.b, count: x, above: 2}, {field: c, not-in: [1, z]}]"
    )
    command("apply_config", written(tmp_path, SMALL % more))
    stored = Cascade.objects.get().settings
    path = tmp_path / "exported.yaml"
    command("export_config", path)

    (described,) = read_file(path)

    assert described.settings == stored
    assert stored == {
        "data-streams": ["MOBILE_LOANS"],
        "filters-order": [],
        "phone-templates": ["123", r"7{2,3}\d"],
        "min-amount": 99.5,
        "max-amount": 100,
        "min-age": 18,
        "ml-skip-error": True,
        "loan-statuses": ["empty", "received"],
        "casper-conditions": [
            {"field": "a.b", "count": "x", "above": 2},
            {"field": "c", "not-in": ["1", "z"]},
        ],
    }


@pytest.mark.django_db
def test_a_dry_run_says_what_would_change_and_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL % ", min-age: 18")
    command("apply_config", path)
    path = written(tmp_path, SMALL % ", min-age: 21")

    said = command("apply_config", "--dry-run", path)

    assert "min-age: 18 → 21" in said
    assert Cascade.objects.get().settings["min-age"] == 18


@pytest.mark.django_db
def test_only_missing_leaves_what_exists_and_says_where_it_differs(tmp_path: Path) -> None:
    command("apply_config", written(tmp_path, SMALL % ", min-age: 18, campaign: {name: Первая}"))
    text = SMALL % ", min-age: 21, campaign: {name: Другая}}, {campaign-id: 8, data-streams: A"
    path = written(tmp_path, text)

    said = command("apply_config", "--only-missing", path)

    assert Cascade.objects.get(campaign_id=7).settings["min-age"] == 18
    assert Campaign.objects.get(pk=7).name == "Первая"
    assert Cascade.objects.get(campaign_id=8).settings["data-streams"] == ["A"]
    assert "left as it is: campaign 7: filters: min-age: 18 → 21" in said


@pytest.mark.django_db
def test_a_mistake_in_one_campaign_applies_none(tmp_path: Path) -> None:
    text = (
        "events-analyser: {campaigns: [{campaign-id: 1, data-streams: A},"
        " {campaign-id: 2, data-streams: A, min-age: -1}]}"
    )

    with pytest.raises(CommandError, match=r"campaigns\[1\].min-age"):
        command("apply_config", written(tmp_path, text))

    assert not Campaign.objects.exists()


def test_the_start_is_stopped_by_a_wrong_file(tmp_path: Path, settings: Settings) -> None:
    written(tmp_path, SMALL % ", min-age: -1")
    settings.CONFIG_DIR = tmp_path

    (error,) = campaigns_file_is_valid()

    assert error.id == "filters.E001"
    assert "min-age" in error.msg
