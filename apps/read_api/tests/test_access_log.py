"""Every row about a client that somebody reads goes into the access log, before it is shown."""

import pytest
from django.db import IntegrityError, connection

from apps.read_api.rest.resources import RESOURCES
from apps.read_api.tests.scene import Ask, Scene, ids_of
from apps.security.models import AccessRecord, Operator

pytestmark = pytest.mark.django_db
NAMES = [resource.name for resource in RESOURCES]
NOT_ABOUT_CLIENTS = {"campaigns", "operators"}


@pytest.mark.parametrize("name", NAMES)
def test_each_row_about_a_client_that_is_read_is_recorded(
    name: str, scene: Scene, ask: Ask, senior: Operator
) -> None:
    row = scene.found[name]

    listed = ids_of(ask(name))
    ask(f"{name}/{row.pk}")

    label = row._meta.label_lower
    expected = [(senior.pk, "127.0.0.1", "LISTED", label, pk) for pk in [*listed, row.pk]]
    found = AccessRecord.objects.order_by("id").values_list(
        "operator_id", "address", "action", "subject", "subject_id"
    )
    assert list(found) == ([] if name in NOT_ABOUT_CLIENTS else expected)


def test_a_search_in_vain_is_recorded_without_its_text(ask: Ask) -> None:
    assert ids_of(ask("applications", phone="79131234567")) == []

    found = AccessRecord.objects.values_list("action", "subject", "subject_id")
    assert list(found) == [("SEARCHED", "filters.application", None)]


def test_what_cannot_be_recorded_is_not_shown(scene: Scene, ask: Ask) -> None:
    with connection.cursor() as cursor:
        cursor.execute('ALTER TABLE "tm$access_log" ADD CHECK (id < 0) NOT VALID')

    with pytest.raises(IntegrityError):
        ask("applications")
