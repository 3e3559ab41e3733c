"""Call lists as people upload them, and what the workers do with them."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from apps.filters.models import Cascade
from apps.ingest.call_lists.advancing import advance_list
from apps.ingest.call_lists.asking import (
    NewList,
    add_piece,
    begin_list,
    confirm_list,
    map_columns,
    proposed_columns,
)
from apps.ingest.models import CallList
from common.clock import now
from testing.factories.filters import CascadeFactory
from testing.factories.security import SeniorOperatorFactory

HEADINGS = ("Телефон", "ФИО", "Дата рождения")
ROWS = (
    ("+7 (913) 111-22-33", "Иванов Иван Иванович", "07.10.1990"),
    ("8 913 111-22-34", "Петров Пётр", "1985-01-31"),
)


def csv_list(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> bytes:
    """A list as Excel saves it: UTF-8 with a BOM, divided by ``;``."""
    return "\r\n".join(";".join(row) for row in (headings, *rows)).encode("utf-8-sig")


def workbook(*rows: Sequence[Any], **options: Any) -> bytes:
    """The rows as an .xlsx file; dates and times as Excel keeps them."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"default_date_format": "dd.mm.yyyy", **options}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return target.getvalue()


def uploaded(content: bytes, name: str = "список.csv", cascade: Cascade | None = None) -> CallList:
    """The list after a worker has read it."""
    cascade = cascade or CascadeFactory.create()
    author = SeniorOperatorFactory.create()
    new = NewList(cascade.campaign_id, author.pk, name, len(content))
    call_list = begin_list(new)
    add_piece(call_list, 0, content)
    return worked_on(call_list)


def checked(content: bytes, cascade: Cascade | None = None, **constants: str) -> CallList:
    """The list after its proposed columns were chosen and its rows were checked."""
    call_list = uploaded(content, cascade=cascade)
    columns = proposed_columns(call_list)
    columns.constants.update(constants)  # type: ignore[attr-defined]
    assert map_columns(call_list, columns)
    return worked_on(call_list)


def imported(content: bytes, cascade: Cascade | None = None, **constants: str) -> CallList:
    """The list after it was confirmed and imported."""
    call_list = checked(content, cascade, **constants)
    assert confirm_list(call_list, call_list.author_id, now())
    return worked_on(call_list)


def worked_on(call_list: CallList) -> CallList:
    """The list after workers have done all that they can do."""
    advance_list(call_list.pk, now)
    return CallList.objects.get(pk=call_list.pk)


def work_on_all() -> None:
    """What workers do with every list that waits for them."""
    for call_list in CallList.objects.order_by("pk"):
        worked_on(call_list)
