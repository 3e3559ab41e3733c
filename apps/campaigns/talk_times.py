"""When the latest conversations of operators began and ended, and when their operators were free
again."""

from collections.abc import Collection

from django.conf import settings
from django.db import connection

from apps.campaigns.types import TalkTimes

LATEST = 5  # more than can pass between two looks at an operator
# a draft that is saved later, as a card for rework, did not keep the operator from the next call
LATEST_TALKS = """
SELECT talk.operator_id, started_at, ended_at,
    least(
        fixed_at, CASE WHEN state <> 'NEW' THEN ended_at + make_interval(secs => %s) END
    ) AS freed_at,
    state = 'NEW' OR ended_at IS NULL AS is_live
FROM unnest(%s::bigint[]) AS asked (operator_id), LATERAL (
    SELECT id, operator_id, started_at, ended_at, fixed_at, state
    FROM "tm$communications" AS talk WHERE talk.operator_id = asked.operator_id
    ORDER BY started_at DESC LIMIT %s
) AS talk
ORDER BY talk.operator_id, talk.started_at, talk.id
"""


def latest_talk_times(operator_ids: Collection[int]) -> dict[int, list[TalkTimes]]:
    """The latest ``LATEST`` conversations of each of these operators, oldest first. Takes one
    statement. An operator without conversations is left out."""
    found: dict[int, list[TalkTimes]] = {}
    with connection.cursor() as cursor:
        cursor.execute(LATEST_TALKS, [settings.RESULT_SECONDS, list(operator_ids), LATEST])
        for operator_id, *times in cursor.fetchall():
            found.setdefault(operator_id, []).append(TalkTimes(*times))
    return found
