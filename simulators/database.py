"""SQLite with the settings of the simulators: fast, and a killed process loses nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_database(data_dir: Path | None, name: str, schema: str) -> sqlite3.Connection:
    """Open `<data_dir>/<name>.sqlite`, or a database in memory when there is no folder.

    With synchronous=OFF a commit reaches the operating system but not the disk: a SIGKILL loses
    nothing, a power cut may. A stand-in needs no more, and gains thousands of commits a second.
    """
    if data_dir is not None:
        data_dir.mkdir(parents=True, exist_ok=True)
    place = ":memory:" if data_dir is None else str(data_dir / f"{name}.sqlite")
    db = sqlite3.connect(place, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=OFF")
    db.executescript(schema)
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """A transaction for the block; inside another one it joins that one. Never await inside."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
