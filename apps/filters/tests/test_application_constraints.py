"""The database refuses what format control refuses, whoever writes."""

from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection

from apps.filters.models import Application
from testing.factories.filters import NOW, ApplicationFactory

pytestmark = pytest.mark.django_db

VIOLATIONS: list[tuple[str, dict[str, Any]]] = [
    ("application_number_is_digits", {"application_number": "12a"}),
    ("application_number_is_digits", {"application_number": ""}),
    ("application_phone_is_eleven_digits", {"phone": "89131234567"}),
    ("application_phone_is_eleven_digits", {"phone": "7913123456"}),
    ("application_phone_is_eleven_digits", {"phone": "7_913123456"}),
    ("application_phone_is_eleven_digits", {"phone": "7913123456 "}),
    ("application_phone_is_eleven_digits", {"phone": "+7913123456"}),
    (
        "application_changed_after_it_was_created",
        {"created_at": NOW, "changed_at": NOW.replace(hour=1)},
    ),
    ("application_status_is_known", {"application_status": "other"}),
    ("loan_status_is_known", {"loan_status": "recieved"}),
    ("scoring_result_is_known", {"application_status": "scored", "scoring_result": "maybe"}),
    ("only_scored_applications_have_a_result", {"scoring_result": "approved"}),
    ("client_type_is_known", {"client_type": ""}),
    ("sex_is_known", {"sex": "m"}),
    ("amounts_are_not_negative", {"desired_amount": -1}),
    ("amounts_are_not_negative", {"approved_amount": -1}),
    ("terms_are_not_negative", {"term": -1}),
    ("terms_are_not_negative", {"grace": -1}),
    ("units_of_terms_are_known", {"term_unit": "year"}),
    ("units_of_terms_are_known", {"grace_unit": "year"}),
]
DROP = 'ALTER TABLE "tm$applications" DROP CONSTRAINT loan_status_is_known'
ADD_FOR_NEW_ROWS = """
ALTER TABLE "tm$applications" ADD CONSTRAINT loan_status_is_known
CHECK (loan_status IN ('', 'transferred', 'received', 'canceled', 'repaid')) NOT VALID
"""
CHECKS = """
SELECT conname, convalidated FROM pg_constraint
WHERE conrelid = '"tm$applications"'::regclass AND contype = 'c'
"""


@pytest.mark.parametrize(("constraint", "values"), VIOLATIONS)
def test_a_value_that_cannot_be_is_refused(constraint: str, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        ApplicationFactory.create(**values)


def test_every_constraint_is_tried_above_and_holds_for_old_rows_too() -> None:
    with connection.cursor() as cursor:
        cursor.execute(CHECKS)
        found = dict(cursor.fetchall())

    named = {check.name for check in Application._meta.constraints} - {"one_row_per_snapshot"}
    assert {constraint for constraint, _values in VIOLATIONS} == named
    assert all(found[name] for name in named)


@pytest.mark.django_db(transaction=True)
def test_a_rule_that_an_old_row_breaks_holds_for_new_rows_and_stops_no_upgrade(
    caplog: pytest.LogCaptureFixture,
) -> None:
    migration = import_module("apps.filters.migrations.0004_validate_application_constraints")
    with connection.cursor() as cursor:
        cursor.execute(DROP)
        ApplicationFactory.create(loan_status="recieved")
        cursor.execute(ADD_FOR_NEW_ROWS)
    try:
        with connection.schema_editor(atomic=False) as editor:
            migration.validate(None, editor)

        assert "loan_status_is_known" in caplog.text
        with pytest.raises(IntegrityError, match="loan_status_is_known"):
            ApplicationFactory.create(loan_status="recieved")
    finally:
        Application.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute('ALTER TABLE "tm$applications" VALIDATE CONSTRAINT loan_status_is_known')
