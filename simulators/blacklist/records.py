"""BlackList's records: those that were created, and those that the seed implies.

A phone is blacklisted by the seed when `fraction(seed, phone)` is below the share, so nothing need
be stored for a hundred million numbers. Such a record has the id `seed-<phone>`; once it is changed
or deleted, a row of that id stands in its place.
"""

import sqlite3
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from simulators.blacklist.query import Condition, values_by_field
from simulators.database import open_database
from simulators.seeds import fraction

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    id TEXT PRIMARY KEY, phone TEXT, device_id TEXT, reason TEXT NOT NULL, blocked_until TEXT,
    is_deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS records_by_phone ON records (phone);
CREATE INDEX IF NOT EXISTS records_by_device ON records (device_id);
"""
COLUMNS = ("id", "phone", "device_id", "reason", "blocked_until")
SEED_PREFIX = "seed-"
REASONS = ("fraud", "court order", "asked not to be called", "bankruptcy", "deceased")
FOR_EVER_SHARE = 0.7
FAR_FUTURE = "2099-12-31T00:00:00.000Z"
IN_LIST = 500  # values in one IN (...); SQLite's own limit is far above

Record = dict[str, Any]


class Records:
    def __init__(self, data_dir: Path | None, seed: int, share: float) -> None:
        self._db = open_database(data_dir, "blacklist", SCHEMA)
        self._seed = seed
        self._share = share

    def search(self, condition: Condition) -> list[Record]:
        """Every record that matches, also one whose ``blocked_until`` has passed: the caller
        decides.
        """
        mentioned = values_by_field(condition)
        found = {row["id"]: row for field in mentioned for row in self._rows(field, mentioned)}
        implied = self._implied(mentioned)
        written = self._existing_ids([record["id"] for record in implied])
        live = [_as_record(row) for row in found.values() if not row["is_deleted"]]
        live += [record for record in implied if record["id"] not in written]
        return [record for record in live if condition.matches(record)]

    def create(self, fields: Record) -> Record:
        record = {column: fields.get(column) for column in COLUMNS} | {"id": str(uuid.uuid4())}
        self._write(record)
        return record

    def update(self, record_id: str, changes: Record) -> Record | None:
        """The record as it is now; None when there is no record of that id."""
        record = self.find(record_id)
        if record is None:
            return None
        record |= changes
        self._write(record)
        return record

    def delete(self, record_id: str) -> bool:
        record = self.find(record_id)
        if record is None:
            return False
        self._write(record, is_deleted=True)
        return True

    def find(self, record_id: str) -> Record | None:
        row = self._db.execute("SELECT * FROM records WHERE id = ?", [record_id]).fetchone()
        if row is not None:
            return None if row["is_deleted"] else _as_record(row)
        return self._record_of_seed(record_id.removeprefix(SEED_PREFIX), record_id)

    def count(self) -> int:
        """How many records were created or changed. Those that the seed implies cannot be
        counted.
        """
        query = "SELECT count(*) FROM records WHERE NOT is_deleted"
        return int(self._db.execute(query).fetchone()[0])

    def close(self) -> None:
        self._db.close()

    def _implied(self, mentioned: dict[str, list[str]]) -> list[Record]:
        ids = [value for value in mentioned.get("id", []) if value.startswith(SEED_PREFIX)]
        phones = mentioned.get("phone", []) + [value.removeprefix(SEED_PREFIX) for value in ids]
        candidates = (self._record_of_seed(phone) for phone in dict.fromkeys(phones))
        return [record for record in candidates if record is not None]

    def _record_of_seed(self, phone: str, record_id: str | None = None) -> Record | None:
        own_id = SEED_PREFIX + phone
        if record_id not in (None, own_id) or fraction(self._seed, phone) >= self._share:
            return None
        luck = fraction(self._seed, phone, "until")
        return {
            "id": own_id,
            "phone": phone,
            "device_id": None,
            "reason": REASONS[int(fraction(self._seed, phone, "reason") * len(REASONS))],
            "blocked_until": None if luck < FOR_EVER_SHARE else FAR_FUTURE,
        }

    def _rows(self, field: str, mentioned: dict[str, list[str]]) -> Iterable[sqlite3.Row]:
        for chunk in _chunks(mentioned[field]):
            marks = ",".join("?" * len(chunk))
            # the field is one of query.FIELDS, never text from a request
            yield from self._db.execute(
                f"SELECT * FROM records WHERE {field} IN ({marks})",  # noqa: S608
                chunk,
            )

    def _existing_ids(self, ids: list[str]) -> set[str]:
        return {row["id"] for row in self._rows("id", {"id": ids})}

    def _write(self, record: Record, *, is_deleted: bool = False) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?)",
            [*(record[column] for column in COLUMNS), int(is_deleted)],
        )


def _as_record(row: sqlite3.Row) -> Record:
    return {column: row[column] for column in COLUMNS}


def _chunks(values: list[str]) -> Iterable[list[str]]:
    return (values[start : start + IN_LIST] for start in range(0, len(values), IN_LIST))
