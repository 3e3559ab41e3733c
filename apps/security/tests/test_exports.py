"""Lists as files: only for whom the right was given, and on record."""

import io
from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.test import RequestFactory
from python_calamine import CalamineWorkbook

from apps.security.models import AccessRecord, Operator
from apps.security.services import export_workbook
from apps.security.types import Role
from common.spreadsheets import Column, Sheet
from testing.factories.security import (
    AdministratorFactory,
    OperatorFactory,
    SeniorOperatorFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


def request_of(operator: Operator) -> HttpRequest:
    request = RequestFactory().get("/admin/")
    request.user = operator
    return request


def export(operator: Operator, rows: Iterator[list[str]]) -> bytes:
    sheet = Sheet(title="Calls", columns=[Column("phone")], rows=rows, notes=[("filter", "today")])
    response = export_workbook(
        request_of(operator), name="calls", sheet=sheet, subject="campaigns.communication"
    )
    assert response["Content-Disposition"] == 'attachment; filename="calls.xlsx"'
    return b"".join(response.streaming_content)  # type: ignore[arg-type]


def test_the_file_says_who_made_it_and_from_what() -> None:
    operator = SeniorOperatorFactory.create(may_export=True)

    book = CalamineWorkbook.from_filelike(io.BytesIO(export(operator, iter([["=1"]]))))

    assert book.get_sheet_by_index(0).to_python() == [["phone"], ["=1"]]
    notes = [row[1] for row in book.get_sheet_by_index(1).to_python()]
    assert (notes[0], notes[2]) == (str(operator), "today")


def test_an_export_is_on_record_before_the_first_row_is_read() -> None:
    operator = AdministratorFactory.create()
    found: list[tuple[str, str, int | None]] = []

    def rows() -> Iterator[list[str]]:
        found.extend(AccessRecord.objects.values_list("action", "subject", "operator_id"))
        yield ["1"]

    export(operator, rows())

    assert found == [("EXPORTED", "campaigns.communication", operator.pk)]


@pytest.mark.parametrize(
    ("role", "ticked"),
    [(Role.OPERATOR, True), (Role.OPERATOR, False), (Role.SENIOR_OPERATOR, False)],
    ids=["an operator with the tick", "an operator", "a senior operator without the tick"],
)
def test_whoever_has_no_right_gets_nothing(role: Role, ticked: bool) -> None:
    operator = OperatorFactory.create(role=role, may_export=ticked)

    with pytest.raises(PermissionDenied):
        export(operator, iter([["1"]]))

    assert not AccessRecord.objects.exists()
