"""Turns checked rows into snapshots of applications, which the filters store."""

import io
from collections import defaultdict
from functools import cache

import polars as pl

from apps.filters.services import SNAPSHOT_COLUMNS, SnapshotChunk
from apps.ingest.reading.columns import COLUMNS, Column, Kind
from apps.ingest.reading.csv_reader import LINE


def snapshots(rows: pl.DataFrame, stream: str, file_id: int) -> SnapshotChunk:
    """The rows as CSV for COPY, in the order of SNAPSHOT_COLUMNS. No rule may be broken in them."""
    values = {
        "stream": pl.lit(stream),
        "file_id": pl.lit(file_id),
        "line_number": pl.col(LINE),
        **_stored_values(),
    }
    frame = rows.select(values[name].alias(name) for name in SNAPSHOT_COLUMNS)
    written = io.BytesIO()  # ``write_csv()`` without it makes a str, which would be encoded again
    frame.write_csv(written, include_header=False)
    return SnapshotChunk(frame.height, written.getvalue())


@cache
def _stored_values() -> dict[str, pl.Expr]:
    """For each column of ``Application`` that comes from the file: the text that COPY reads."""
    columns = defaultdict(list)
    for column in COLUMNS:
        columns[column.stored_name].append(column)
    return {name: _stored_value(*found) for name, found in columns.items()}


def _stored_value(column: Column, time: Column | None = None) -> pl.Expr:
    text = pl.col(column.name)
    if time is not None:
        moment = pl.concat_str(text, pl.col(time.name), separator=" ")
        # a date without a time is its midnight, and nothing stays nothing
        return moment if column.required and time.required else moment.str.strip_chars()
    if column.kind is Kind.AMOUNT:
        return text.str.replace(",", ".", literal=True)
    value = text
    for spelling, choice in column.synonyms.items():
        value = pl.when(text == spelling).then(pl.lit(choice)).otherwise(value)
    return value
