"""Which cancelled tasks may be put back: whose application is still of use."""

from collections.abc import Sequence

from django.db import connection

from apps.campaigns.types import LeftBecause

# One reason for each task that may not; the first that holds. A later task of the client in the
# campaign came from a newer application. Of a client's results the last one decides.
NOT_RESTORABLE = f"""
SELECT task.id, CASE
    WHEN task.outcome IS DISTINCT FROM 'CANCELLED' THEN '{LeftBecause.NOT_CANCELLED}'
    WHEN task.withdrawal_reason <> '' OR EXISTS (
        SELECT FROM "tm$campaign_tasks" AS newer WHERE newer.phone = task.phone
            AND newer.campaign_id = task.campaign_id AND newer.id > task.id
    ) THEN '{LeftBecause.REPLACED}'
    WHEN EXISTS (
        SELECT FROM "tm$do_not_call" AS listed WHERE listed.phone = task.phone
    ) THEN '{LeftBecause.DO_NOT_CALL}'
    WHEN task.attempts >= campaign.max_attempts THEN '{LeftBecause.EXHAUSTED}'
    WHEN last_result.meaning NOT IN ('REDIAL', 'CALLBACK') THEN '{LeftBecause.ANSWERED}'
    WHEN EXISTS (
        SELECT FROM "tm$call_orders" AS call_order
        WHERE call_order.task_id = task.id AND call_order.state IN ('CALLING', 'RESULT_DUE')
    ) THEN '{LeftBecause.IN_A_CALL}'
END
FROM "tm$campaign_tasks" AS task
JOIN "tm$campaigns" AS campaign ON campaign.id = task.campaign_id
LEFT JOIN LATERAL (
    SELECT disposition.meaning FROM "tm$communications" AS talk
    JOIN "tm$dispositions" AS disposition ON disposition.id = talk.disposition_id
    WHERE talk.campaign_task_id = task.id AND talk.state = 'FIXED'
    ORDER BY greatest(talk.fixed_at, talk.ended_at) DESC, talk.id DESC LIMIT 1
) AS last_result ON true
WHERE task.id = ANY(%s)
"""  # noqa: S608 - the reasons are our own words


def not_restorable(task_ids: Sequence[int]) -> dict[int, LeftBecause]:
    """Those of these tasks that may not be put back, each with the reason."""
    with connection.cursor() as cursor:
        cursor.execute(NOT_RESTORABLE, [list(task_ids)])
        return {task_id: LeftBecause(why) for task_id, why in cursor.fetchall() if why}
