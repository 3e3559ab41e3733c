"""Of what Casper answered nothing is kept that no card needs, nor what earlier releases kept."""

from importlib import import_module

import pytest
from django.db import connection

from apps.campaigns.models import CampaignTask
from apps.filters.integrations.casper import known_fields
from testing.factories.campaigns import TaskFactory

pytestmark = pytest.mark.django_db

MIGRATION = import_module("apps.filters.migrations.0006_known_fields_of_casper")
WHOLE = {
    "phone": "79260040077",
    "email": "anna@example.org",
    "income": 90_000,
    "full_name_ru": {"first": "Анна", "last": "Ким", "maiden": "Пак"},
    "loans": [{"number": "17", "status": "active", "guarantor": "Ким Олег"}],
}
KNOWN = {
    "full_name_ru": {"first": "Анна", "last": "Ким"},
    "loans": [{"number": "17", "status": "active"}],
}


def test_what_no_card_needs_is_not_kept() -> None:
    assert known_fields(WHOLE) == KNOWN


def test_what_earlier_releases_kept_is_forgotten() -> None:
    whole = TaskFactory.create(client_info={"stream": "A", "casper": WHOLE})
    short = TaskFactory.create(client_info={"casper": {**KNOWN, "shortened": True}})
    without = TaskFactory.create(client_info={"stream": "A"})
    odd = TaskFactory.create(client_info={"casper": "text"})

    MIGRATION.forget_what_no_card_needs(None, connection.schema_editor())

    kept = dict(CampaignTask.objects.values_list("pk", "client_info"))
    assert kept == {
        whole.pk: {"stream": "A", "casper": KNOWN},
        short.pk: {"casper": {**KNOWN, "shortened": True}},
        without.pk: {"stream": "A"},
        odd.pk: {"casper": "text"},
    }


def test_more_rows_than_go_at_once_are_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MIGRATION, "ROWS_AT_ONCE", 2)
    tasks = TaskFactory.create_batch(5, client_info={"casper": WHOLE})

    MIGRATION.forget_what_no_card_needs(None, connection.schema_editor())

    kept = CampaignTask.objects.filter(pk__in=[task.pk for task in tasks])
    assert [task.client_info for task in kept] == [{"casper": KNOWN}] * 5
