import json
from typing import Any

from django.db import migrations
from psycopg.types.json import Jsonb

from apps.filters.integrations.casper import known_fields

TABLES = ("tm$campaign_tasks", "tm$deferred_candidates")
ROWS_AT_ONCE = 1_000
READ = """
SELECT id, client_info -> 'casper' FROM "{table}"
WHERE id > %s AND jsonb_typeof(client_info -> 'casper') = 'object' ORDER BY id LIMIT %s
"""
WRITE = """
UPDATE "{table}" AS row SET client_info = jsonb_set(client_info, '{{casper}}', known.casper)
FROM unnest(%s::bigint[], %s::jsonb[]) AS known (id, casper) WHERE row.id = known.id
"""


def forget_what_no_card_needs(_apps: Any, schema_editor: Any) -> None:
    """Earlier releases kept whole answers of Casper, also fields that nothing here knows."""
    for table in TABLES:
        last = 0
        while rows := _answers(schema_editor, table, last):
            last = rows[-1][0]
            short = {pk: _known(answer) for pk, answer in rows}
            changed = {pk: short[pk] for pk, answer in rows if short[pk] != answer}
            with schema_editor.connection.cursor() as cursor:
                cursor.execute(
                    WRITE.format(table=table), [list(changed), list(map(Jsonb, changed.values()))]
                )


def _answers(schema_editor: Any, table: str, after: int) -> list[tuple[int, dict[str, Any]]]:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(READ.format(table=table), [after, ROWS_AT_ONCE])
        return [(pk, json.loads(answer)) for pk, answer in cursor.fetchall()]


def _known(answer: dict[str, Any]) -> dict[str, Any]:
    """``shortened`` is our own word: it tells that deals were left out."""
    mark = {"shortened": True} if answer.get("shortened") else {}
    return {**known_fields(answer), **mark}


class Migration(migrations.Migration):
    atomic = False  # each batch is committed: rows are not locked until the end
    dependencies = [
        ("filters", "0005_judging_lanes"),
        ("campaigns", "0009_attention_of_judging"),
    ]

    operations = [
        migrations.RunPython(forget_what_no_card_needs, migrations.RunPython.noop, elidable=True)
    ]
