"""The description of the columns agrees with the table that their values are stored in."""

from typing import Any

import pytest
from django.db.models import CharField

from apps.filters.models import Application
from apps.filters.services import SNAPSHOT_COLUMNS
from apps.ingest.reading.columns import COLUMNS, Column, Kind
from apps.ingest.reading.format_control import MAX_TEXT

WRITTEN_BY_THE_IMPORT = {"stream", "file_id", "line_number"}
LONGEST = {Kind.DIGITS: 32, Kind.PHONE: 11, Kind.COUNTRY: 3, Kind.TEXT: MAX_TEXT}


def place_of(column: Column) -> Any:
    return Application._meta.get_field(column.stored_name)


def test_every_column_has_its_place_in_the_table_and_the_table_has_no_other() -> None:
    assert {column.stored_name for column in COLUMNS} == {*SNAPSHOT_COLUMNS} - WRITTEN_BY_THE_IMPORT


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_a_value_that_keeps_the_format_fits_its_place(column: Column) -> None:
    place = place_of(column)
    longest = max(map(len, column.choices), default=LONGEST.get(column.kind, 0))

    assert bool(longest) == isinstance(place, CharField)
    assert not longest or place.max_length >= longest


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_a_column_that_may_be_empty_may_be_so_in_the_table(column: Column) -> None:
    place = place_of(column)

    assert place.null == (not column.required and not isinstance(place, CharField))


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_a_synonym_is_another_spelling_of_a_choice(column: Column) -> None:
    assert {*column.synonyms.values()} <= {*column.choices}
    assert not {*column.synonyms} & {*column.choices}
