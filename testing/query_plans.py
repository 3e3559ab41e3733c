"""What PostgreSQL would read to answer a query, as EXPLAIN tells."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from django.db import connection


def tables_scanned(sql: str, tables: Collection[str]) -> set[str]:
    """Those of the tables of which the query, or a part of it, reads every row."""
    return set(_scanned(_plan_of(sql), tables))


def rows_read(sql: str, tables: Collection[str]) -> int:
    """How many rows of these tables PostgreSQL looks at to answer the query."""
    return _read(_plan_of(sql, "ANALYZE, "), tables)


def _read(plan: dict[str, Any], tables: Collection[str]) -> int:
    read = 0
    if plan.get("Relation Name") in tables:
        removed = (plan.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
        read = round((plan["Actual Rows"] + sum(removed)) * plan["Actual Loops"])
    return read + sum(_read(part, tables) for part in plan.get("Plans", []))


def _plan_of(sql: str, options: str = "") -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ({options}FORMAT JSON) {sql}")  # without parameters "%" is itself
        found = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def _scanned(plan: dict[str, Any], tables: Collection[str]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in tables:
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from _scanned(part, tables)
