"""Turns checked rows into the snapshots that the filters take in."""

import io

import polars as pl

from apps.filters.services import SNAPSHOT_COLUMNS, SnapshotChunk
from apps.ingest.reading.csv_reader import LINE


def snapshots(rows: pl.DataFrame, stream: str, file_id: int) -> SnapshotChunk:
    """The rows, all of them right, as the filters take them."""
    origin = {"stream": pl.lit(stream), "file_id": pl.lit(file_id)}
    frame = rows.select(
        _MADE.get(name, origin.get(name, pl.col(name))).alias(name) for name in SNAPSHOT_COLUMNS
    )
    written = io.BytesIO()  # the bytes at once, not by way of a text
    frame.write_csv(written, include_header=False)
    return SnapshotChunk(frame.height, written.getvalue())


def _moment(name: str) -> pl.Expr:
    return pl.concat_str(f"{name}_date", f"{name}_time", separator=" ")


def _perhaps_moment(name: str) -> pl.Expr:
    """A date alone is its midnight, and without a date there is nothing."""
    return _moment(name).str.strip_chars()


def _with_dot(name: str) -> pl.Expr:
    return pl.col(name).str.replace(",", ".", literal=True)


_MADE = {
    "line_number": pl.col(LINE),
    "created_at": _moment("created"),
    "changed_at": _moment("changed"),
    "loan_changed_at": _perhaps_moment("loan_changed"),
    "loan_status": pl.when(pl.col("loan_status") == "recieved")
    .then(pl.lit("received"))
    .otherwise(pl.col("loan_status")),
    "desired_amount": _with_dot("desired_amount"),
    "approved_amount": _with_dot("approved_amount"),
}
