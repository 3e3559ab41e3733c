"""Writes many changed rows in one statement: UPDATE … FROM unnest, a column an array."""

from collections.abc import Sequence
from typing import TypeVar

from django.db import connection, models

Model = TypeVar("Model", bound=models.Model)


def update_rows(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """Write these fields, named as attributes (``operator_id``), of rows of one model.

    The rows are locked by the caller. ``QuerySet.bulk_update`` would write a CASE with a branch for
    each row and field: ten times slower at 500 rows.
    """
    if not rows:
        return
    meta = type(rows[0])._meta
    by_attribute = {field.attname: field for field in meta.concrete_fields}
    columns = [by_attribute[name] for name in fields]
    types = ", ".join(f"%s::{column.db_type(connection)}[]" for column in columns)
    names = ", ".join(f'"{column.column}"' for column in columns)
    assignments = ", ".join(f'"{column.column}" = changed."{column.column}"' for column in columns)
    statement = (
        f'UPDATE "{meta.db_table}" AS target SET {assignments}'  # noqa: S608 - our own columns
        f" FROM unnest(%s::bigint[], {types}) AS changed (id, {names})"
        " WHERE target.id = changed.id"
    )
    values = [
        [column.get_db_prep_save(getattr(row, column.attname), connection) for row in rows]
        for column in columns
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, [[row.pk for row in rows], *values])
