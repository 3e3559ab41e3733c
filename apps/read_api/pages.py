"""Cuts a page out of a table of millions of rows at a bounded cost, whatever is filtered by.

Rows are ordered by a time and their id, and a page begins after a place in this order. Where a
filter leads to a client's few rows by an index of its own, these are read and sorted. Otherwise
rows are read in their order, by the index of the time, and the other filters look at each of them:
at ``WINDOW_ROWS`` at most, so that a page may hold fewer rows than asked for, even none, and still
have a next one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import BooleanField, DateTimeField, F, Func, Model, QuerySet, Value
from django.db.models.expressions import OrderBy
from django.db.models.lookups import GreaterThanOrEqual, LessThan
from psycopg.errors import QueryCanceled

Row = TypeVar("Row", bound=Model)

# as many as PostgreSQL reads in some ten milliseconds
WINDOW_ROWS = 10_000
# of all statements of a page: if a plan is wrong after all, nobody else waits for it for longer
LONGEST_MS = 3_000
# Of this transaction alone. PostgreSQL reads a table from end to end where it takes a range for
# long, and it knows no better when thousands of rows were written at one moment.
SETTINGS = """
SELECT set_config('statement_timeout', %s, true), set_config('enable_seqscan', 'off', true)
"""
# Of a window besides: an index has its rows in order, and to sort them all of a moment are read.
WITHOUT_SORTING = "SELECT set_config('enable_sort', 'off', true)"


class TooLongError(Exception):
    """The page was not found in time."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of the rows: that of the row with this time and this id."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Order:
    """By this column of the table and then by id; the newest or the oldest first.

    Not ``by_index``: PostgreSQL must not use the index of the time. It would, wherever it takes a
    range of time for shorter than it is, in place of the index that leads to a few rows.
    """

    column: str
    newest_first: bool = True
    by_index: bool = True

    def sorted(self, rows: "QuerySet[Row]") -> "QuerySet[Row]":
        keys = (self._time(), F("id"))
        return rows.order_by(*(OrderBy(key, descending=self.newest_first) for key in keys))

    def between(
        self, rows: "QuerySet[Row]", since: datetime | None, until: datetime | None
    ) -> "QuerySet[Row]":
        """From ``since`` on, and before ``until``."""
        if since is not None:
            rows = rows.filter(GreaterThanOrEqual(self._time(), since))
        if until is not None:
            rows = rows.filter(LessThan(self._time(), until))
        return rows

    def after(self, rows: "QuerySet[Row]", place: Place) -> "QuerySet[Row]":
        return rows.filter(self._compared("<" if self.newest_first else ">", place))

    def up_to(self, rows: "QuerySet[Row]", place: Place) -> "QuerySet[Row]":
        """With the place itself."""
        return rows.filter(self._compared(">=" if self.newest_first else "<=", place))

    def place_of(self, row: Model) -> Place:
        return Place(getattr(row, self.column), row.pk)

    def _compared(self, sign: str, place: Place) -> Func:
        """``ROW(column, id) < ROW(…, …)``: a range of the index. Two conditions joined by OR, the
        ORM's way to say the same, would make PostgreSQL read all rows of the same time."""
        row = Func(self._time(), F("id"), function="ROW")
        other = Func(Value(place.at), Value(place.id), function="ROW")
        return Func(
            row,
            other,
            template="(%(expressions)s)",
            arg_joiner=f" {sign} ",
            output_field=BooleanField(),
        )

    def _time(self) -> F | Func:
        if self.by_index:
            return F(self.column)
        # no index is of this expression
        template = "(%(expressions)s + interval '0')"
        return Func(F(self.column), template=template, output_field=DateTimeField())


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """``next`` is where the next page begins: after this place. None: there is no next page."""

    rows: list[Row]
    next: Place | None


def page_of(
    found: "QuerySet[Row]", order: Order, limit: int, after: Place | None = None
) -> Page[Row]:
    """The next ``limit`` rows of ``found``, to all of which an index leads. Raises
    TooLongError."""
    if after is not None:
        found = order.after(found, after)
    with _bounded():
        rows = list(order.sorted(found)[: limit + 1])
    more = order.place_of(rows[limit - 1]) if len(rows) > limit else None
    return Page(rows[:limit], more)


def page_of_window(
    found: "QuerySet[Row]",
    chosen: "QuerySet[Row]",
    order: Order,
    limit: int,
    after: Place | None = None,
) -> Page[Row]:
    """The next ``limit`` rows of ``chosen``, among the next ``WINDOW_ROWS`` of ``found``, of which
    ``chosen`` is a part. Raises TooLongError."""
    if after is not None:
        found, chosen = order.after(found, after), order.after(chosen, after)
    with _bounded(), connection.cursor() as cursor:
        cursor.execute(WITHOUT_SORTING)
        end = _last_place(order.sorted(found), order)
        page = page_of(order.up_to(chosen, end) if end else chosen, order, limit)
    return Page(page.rows, page.next or end)


def _last_place(found: "QuerySet[Any]", order: Order) -> Place | None:
    """The last place of the window; None where the rows end before it does."""
    places = found.values_list(order.column, "id")
    return next((Place(*place) for place in places[WINDOW_ROWS - 1 : WINDOW_ROWS]), None)


@contextmanager
def _bounded() -> Iterator[None]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(SETTINGS, [str(LONGEST_MS)])
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooLongError from error
        raise
