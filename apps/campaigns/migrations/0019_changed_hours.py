from collections.abc import Sequence

from django.db import migrations, models
from django.db.migrations.operations import RunSQL
from django.db.models.functions import Now

from common.models import keep_utime

# ``changed``: the rows that a statement wrote, as they were and as they are, where something
# differs that reports count.
CHANGED = {
    "INSERT": "SELECT * FROM new_rows",
    "DELETE": "SELECT * FROM old_rows",
    "UPDATE": """
        SELECT version.* FROM old_rows AS was JOIN new_rows AS becomes USING (id)
        CROSS JOIN LATERAL (SELECT was.* UNION ALL SELECT becomes.*) AS version
        WHERE ({was}) IS DISTINCT FROM ({becomes})
    """,
}
ROWS_OF = {
    "INSERT": "NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
}
# Whoever changes a call or a conversation has locked the tasks of its client. So two changes of one
# client are made one after the other, and the later one finds what the earlier one wrote.
CALLS = """
    SELECT coalesce(talk.started_at, changed.dialled_at, changed.ended_at, changed.wtime)
    FROM changed LEFT JOIN "tm$communications" AS talk ON talk.id = changed.communication_id
    UNION ALL
    -- is not the first call of its task any more
    SELECT coalesce(talk.started_at, call.dialled_at, call.ended_at, call.wtime)
    FROM changed
    JOIN "tm$call_orders" AS own ON own.id = changed.order_id
    JOIN "tm$call_orders" AS later ON later.task_id = own.task_id AND later.id > own.id
    JOIN "tm$calls" AS call ON call.order_id = later.id
    LEFT JOIN "tm$communications" AS talk ON talk.id = call.communication_id
    UNION ALL
    -- a callback that was promised there may be kept by this call
    SELECT talk.started_at
    FROM changed
    JOIN "tm$call_orders" AS call_order ON call_order.id = changed.order_id
    JOIN "tm$communications" AS talk ON talk.phone = call_order.phone
    WHERE talk.result_details ? 'callback_at'
"""
CONVERSATIONS = """
    SELECT started_at FROM changed
    UNION ALL
    -- is not the first conversation of its task any more
    SELECT later.started_at
    FROM changed JOIN "tm$communications" AS later
        ON later.campaign_task_id = changed.campaign_task_id
        AND (later.started_at, later.id) > (changed.started_at, changed.id)
"""
# the number of attempts before the client was reached
ORDERS = """
    SELECT talk.started_at
    FROM changed
    JOIN "tm$call_orders" AS later ON later.task_id = changed.task_id AND later.id > changed.id
    JOIN "tm$calls" AS call ON call.order_id = later.id
    JOIN "tm$communications" AS talk ON talk.id = call.communication_id
    WHERE changed.is_attempt
"""
TASKS = "SELECT wtime FROM changed"

MARK = """
        WITH changed AS ({changed})
        INSERT INTO "tm$changed_hours" (hour)
        SELECT DISTINCT date_trunc('hour', moment, 'UTC') FROM ({moments}) AS found (moment);
"""
FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {branches}
    END IF;
    RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER mark_hours_{event} AFTER {event} ON "{table}" REFERENCING {rows}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""


def mark_hours(
    table: str, moments: str, events: Sequence[str], columns: Sequence[str] = ()
) -> list[RunSQL]:
    """Operations that create the triggers of one table: after these events the hours of
    ``moments`` are marked, after an UPDATE only where one of the columns differs."""
    name = f"tm_mark_hours_of_{table.removeprefix('tm$')}"
    differ = {
        version: ", ".join(f"{version}.{column}" for column in columns)
        for version in ("was", "becomes")
    }
    branches = "    ELS".join(
        f"IF TG_OP = '{event}' THEN"
        + MARK.format(changed=CHANGED[event].format(**differ), moments=moments)
        for event in events
    )
    return [
        RunSQL(FUNCTION.format(name=name, branches=branches), f"DROP FUNCTION {name}()"),
        *(
            RunSQL(
                TRIGGER.format(event=event, table=table, rows=ROWS_OF[event], name=name),
                f'DROP TRIGGER mark_hours_{event} ON "{table}"',
            )
            for event in events
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0018_do_not_call_entries_set_aside")]

    operations = [
        migrations.CreateModel(
            name="ChangedHour",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "wtime",
                    models.DateTimeField(db_default=Now(), editable=False, verbose_name="created"),
                ),
                (
                    "utime",
                    models.DateTimeField(db_default=Now(), editable=False, verbose_name="updated"),
                ),
                ("hour", models.DateTimeField()),
            ],
            options={
                "db_table": "tm$changed_hours",
                "indexes": [models.Index(fields=["hour"], name="changed_hour")],
            },
        ),
        *keep_utime("tm$changed_hours"),
        *mark_hours(
            "tm$calls",
            CALLS,
            ("INSERT", "UPDATE", "DELETE"),
            (
                *("order_id", "communication_id", "operator_id"),
                *("dialled_at", "ended_at", "system_disposition"),
            ),
        ),
        *mark_hours(
            "tm$communications",
            CONVERSATIONS,
            ("INSERT", "UPDATE", "DELETE"),
            (
                *("campaign_task_id", "operator_id", "disposition_id", "state"),
                *("started_at", "ended_at", "fixed_at", "result_details"),
            ),
        ),
        *mark_hours("tm$call_orders", ORDERS, ("INSERT", "UPDATE"), ("is_attempt",)),
        *mark_hours("tm$campaign_tasks", TASKS, ("INSERT", "DELETE")),
    ]
