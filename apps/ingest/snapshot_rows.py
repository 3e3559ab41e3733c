"""Turns checked rows into the snapshots that the filters take in."""

import polars as pl

from apps.filters.services import SNAPSHOT_COLUMNS
from apps.ingest.csv_reader import LINE
from apps.ingest.format_control import as_date


def copy_bytes(rows: pl.DataFrame) -> bytes:
    """The rows, all of them right, as CSV for PostgreSQL's COPY, in the filters' columns."""
    return (
        rows.select(_MADE.get(name, pl.col(name)) for name in SNAPSHOT_COLUMNS)
        .write_csv(include_header=False)
        .encode()
    )


def _moment(prefix: str) -> pl.Expr:
    """Date and time in one; a date without a time is midnight, no date is no moment."""
    time = pl.col(f"{prefix}_time")
    return pl.format(
        "{} {}",
        as_date(f"{prefix}_date"),
        pl.when(time == "").then(pl.lit("00:00:00")).otherwise(time),
    ).alias(f"{prefix}_at")


def _number(name: str) -> pl.Expr:
    text = pl.col(name).str.replace(",", ".", literal=True)
    return pl.when(text == "").then(None).otherwise(text).alias(name)


_MADE = {
    "line_number": pl.col(LINE).alias("line_number"),
    "created_at": _moment("created"),
    "changed_at": _moment("changed"),
    "loan_changed_at": _moment("loan_changed"),
    "loan_status": pl.col("loan_status").replace("recieved", "received"),
    "birth_date": as_date("birth_date"),
    **{name: _number(name) for name in ("desired_amount", "approved_amount", "term", "grace")},
}
