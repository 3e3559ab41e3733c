"""What PostgreSQL would read to answer a query, as EXPLAIN tells."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from django.db import connection


def tables_scanned(sql: str, tables: Collection[str]) -> set[str]:
    """Those of the tables of which the query, or a part of it, reads every row."""
    return set(_scanned(_plan_of(sql), tables))


def _plan_of(sql: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql)  # without parameters "%" is itself
        found = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def _scanned(plan: dict[str, Any], tables: Collection[str]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in tables:
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from _scanned(part, tables)
