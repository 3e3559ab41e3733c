"""The table of a call list with what became of each row, at this moment."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.filters import selectors as filters
from apps.filters.types import JudgedRow
from apps.ingest.call_lists.list_columns import column_name
from apps.ingest.call_lists.list_files import rows_path
from apps.ingest.models import CallList, CallListRow
from apps.ingest.reading.columns import column_title
from apps.ingest.states import CallListState, LeftOut
from apps.ingest.types import sentence
from apps.ingest.uploaded_rows import read_rows
from common.spreadsheets import Cell, Column, Sheet

MOST_MARKS = 1_000  # comments are held in memory; the column behind tells of every row
REMARK_WIDTH = 50
OURS = 8  # columns that are added behind those of the list


def result_sheet(call_list: CallList) -> Sheet:
    """The list as it was uploaded, row by row, with what became of each: left out because of what,
    or judged, called, with which result. Wrong cells are marked."""
    width = max(len(call_list.headings), *map(len, call_list.samples), 1)
    headings = [column_name(call_list.headings, place) for place in range(width)]
    return Sheet(
        title=call_list.name,
        columns=[
            *(Column(heading) for heading in headings),
            Column(pgettext("column of a result file", "What became of it"), REMARK_WIDTH),
            Column(_("Because"), REMARK_WIDTH),
            Column(pgettext("column of a result file", "Calls")),
            Column(_("Next call")),
            Column(_("Talked at")),
            Column(_("Result"), REMARK_WIDTH // 2),
            Column(_("Reason"), REMARK_WIDTH // 2),
            Column(_("Comment"), REMARK_WIDTH),
        ],
        rows=_rows(call_list, width),
        notes=[(_("Call list"), f"№ {call_list.pk}"), (_("Campaign"), str(call_list.campaign))],
        marks=_marks(call_list, width),
    )


def _rows(call_list: CallList, width: int) -> Iterator[Sequence[Cell]]:
    rows = read_rows(rows_path(call_list))
    next(rows, None)  # the headings
    left_out = _Merged(call_list.left_out.order_by("line_number").iterator(chunk_size=2_000))
    judged = _Merged(_judged(call_list))
    for row in rows:
        cells = [*row.cells, *[""] * width][:width]
        gone, stored = left_out.of(row.line), judged.of(row.line)
        if isinstance(gone, CallListRow):
            yield [*cells, *_left_out(gone)]
        elif isinstance(stored, JudgedRow):
            yield [*cells, *_stored(stored)]
        else:
            yield [*cells, _not_stored(call_list), *[""] * (OURS - 1)]


class _Merged:
    """Looks up rows by their line as long as both come in nearly the same order."""

    def __init__(self, rows: Iterator[CallListRow | JudgedRow]) -> None:
        self._rows = rows
        self._ahead: dict[int, CallListRow | JudgedRow] = {}
        self._last = 0

    def of(self, line: int) -> CallListRow | JudgedRow | None:
        while self._last < line:
            row = next(self._rows, None)
            if row is None:
                break
            self._last = row.line_number if isinstance(row, CallListRow) else row.line
            self._ahead[self._last] = row
        return self._ahead.pop(line, None)


def _judged(call_list: CallList) -> Iterator[CallListRow | JudgedRow]:
    if call_list.file_id is None or call_list.first_id is None or call_list.last_id is None:
        return iter(())
    return filters.judged_rows(
        call_list.file_id, call_list.first_id, call_list.last_id, call_list.campaign_id
    )


def _left_out(row: CallListRow) -> list[Cell]:
    why = "; ".join(sentence(column_title(column), rule) for column, _value, rule in row.broken)
    return [str(row.get_why_display()), why, *[""] * (OURS - 2)]


def _stored(row: JudgedRow) -> list[Cell]:
    standing = row.standing
    if standing is None:
        what = _("accepted, waits for the filters") if not row.verdict else row.verdict
        return [what, sentence(row.rule, row.reason), *[""] * (OURS - 2)]
    return [
        _("accepted, task: %s") % standing.state,
        row.reason,
        standing.attempts,
        standing.call_again_at,
        standing.talked_at,
        standing.result,
        standing.reason,
        standing.comment,
    ]


def _not_stored(call_list: CallList) -> str:
    match call_list.state:
        case CallListState.IMPORTED:
            return _("duplicate: this version of the application was stored before")
        case CallListState.IMPORTING | CallListState.QUEUED | CallListState.FAILED:
            return _("waits for the import")
        case _:
            return _("will be imported")


def _marks(call_list: CallList, width: int) -> dict[tuple[int, int], str]:
    """The wrong cells that come first, by their row in the table."""
    refused = call_list.left_out.filter(why=LeftOut.REFUSED).order_by("line_number")
    wrong = {row.line_number: row.broken for row in refused[:MOST_MARKS]}
    marks: dict[tuple[int, int], str] = {}
    if not wrong:
        return marks
    last = max(wrong)
    for number, row in enumerate(read_rows(rows_path(call_list))):
        if row.line > last:
            break
        for column, _value, rule in wrong.get(row.line, ()):
            place = call_list.mapping.get(column, width)
            marks[number, place] = sentence(column_title(column), rule)
    return marks
