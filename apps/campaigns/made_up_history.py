"""Makes up finished calls of a long time, for measurements and for looking at reports.

Set-based: a statement for each table. Everything follows from the number of the call, so the same
arguments make the same history.
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

# operators, campaigns and results of an installation with two hundred operators in shifts
PEOPLE = """
INSERT INTO "tm$operators" (login, password, locked, role, first_name, last_name)
SELECT 'made-up-' || n, '', true, 'OPERATOR', 'Имя', 'Придуманный ' || n
FROM generate_series(1, 60) AS n ON CONFLICT (login) DO NOTHING
"""
CAMPAIGNS = """
INSERT INTO "tm$campaigns" (name)
SELECT 'Придуманная кампания ' || n FROM generate_series(1, 5) AS n
WHERE NOT EXISTS (SELECT FROM "tm$campaigns" WHERE name = 'Придуманная кампания ' || n)
"""
RESULTS = """
INSERT INTO "tm$dispositions" (campaign_id, result, meaning, block_minutes, position)
SELECT campaign.id, result, meaning, minutes, place
FROM "tm$campaigns" AS campaign, (VALUES
    ('Согласен оформить', 'SUCCESS', 0, 0), ('Заполнит позже', 'REDIAL', 60, 1),
    ('Перезвонить', 'CALLBACK', 0, 2), ('Отказ от взаимодействия', 'REFUSED', 0, 3),
    ('Неверный номер', 'WRONG_NUMBER', 0, 4), ('Больше не звонить', 'NEVER_AGAIN', 0, 5)
) AS offered (result, meaning, minutes, place)
WHERE campaign.name LIKE 'Придуманная кампания %%' ON CONFLICT DO NOTHING
"""
# A call each: five of nine for a new client, the others a second attempt. ``dice`` are eight
# independent numbers from 0 to 999 that look random.
PLAN = """
CREATE TEMPORARY TABLE made_up ON COMMIT DROP AS
WITH thrown AS (
    SELECT n, CASE WHEN n <= %(clients)s THEN n ELSE n - %(clients)s END AS client,
        (n > %(clients)s)::int AS again,
        ARRAY(SELECT get_byte(hash, 2 * i) * 256 + get_byte(hash, 2 * i + 1)
            FROM generate_series(0, 7) AS i) AS dice
    FROM generate_series(1, %(calls)s) AS n, LATERAL decode(md5(n::text), 'hex') AS hash
)
SELECT n, client, again, dice, dice[1] %% 1000 < 350 AS talked,
    date_trunc('hour', %(until)s::timestamptz - make_interval(
        days => (client * %(days)s / %(clients)s)::int + 1 - again
    ), 'Europe/Moscow') - make_interval(
        hours => extract(hour FROM %(until)s::timestamptz AT TIME ZONE 'Europe/Moscow')::int
    ) + make_interval(
        hours => 9 + dice[2] %% 11, mins => dice[3] %% 60, secs => dice[4] %% 60
    ) AS at
FROM thrown
"""
KEYS = """
CREATE TEMPORARY TABLE made_up_keys ON COMMIT DROP AS SELECT
    (SELECT array_agg(id ORDER BY id) FROM "tm$operators" WHERE login LIKE 'made-up-%%') AS people,
    (SELECT array_agg(id ORDER BY id) FROM "tm$campaigns"
        WHERE name LIKE 'Придуманная кампания %%') AS campaigns,
    (SELECT coalesce(max(id), 0) FROM "tm$campaign_tasks") AS tasks,
    (SELECT coalesce(max(id), 0) FROM "tm$call_orders") AS orders,
    (SELECT coalesce(max(id), 0) FROM "tm$communications") AS talks,
    (SELECT coalesce(max(id), 0) FROM "tm$calls") AS calls
"""
TASKS = """
INSERT INTO "tm$campaign_tasks" (id, wtime, campaign_id, phone, client_info, task_time, task_state,
    outcome, attempts)
SELECT tasks + client, at - interval '2 hours', campaigns[1 + client %% 5],
    '79' || lpad(((client * 7919) %% 1000000000)::text, 9, '0'), '{}', at, 'DONE', 'CALLED', 1
FROM made_up, made_up_keys WHERE again = 0
"""
ORDERS = """
INSERT INTO "tm$call_orders" (id, wtime, task_id, campaign_id, phone, state, handed_over_at,
    ended_at, ending, is_attempt)
SELECT orders + n, at, tasks + client, campaigns[1 + client %% 5],
    '79' || lpad(((client * 7919) %% 1000000000)::text, 9, '0'), 'CLOSED', at,
    at + interval '1 minute', CASE WHEN talked THEN 'CONVERSATION' ELSE 'NOT_REACHED' END, true
FROM made_up, made_up_keys
"""
TALKS = """
INSERT INTO "tm$communications" (id, wtime, campaign_task_id, operator_id, phone, state, started_at,
    ended_at, fixed_at, disposition_id, result_details)
SELECT talks + n, at, tasks + client, people[1 + dice[5] %% 60],
    '79' || lpad(((client * 7919) %% 1000000000)::text, 9, '0'), state, at,
    at + make_interval(secs => 15 + dice[6] %% 300),
    CASE state WHEN 'FIXED'
        THEN at + make_interval(secs => 15 + dice[6] %% 300 + dice[7] %% 55) END,
    offered.id,
    CASE state WHEN 'FIXED' THEN jsonb_build_object('result', offered.result, 'reason',
        (ARRAY['', '', 'Не было с собой документа', 'Дорого', 'Нет времени'])[1 + dice[7] %% 5])
        || CASE offered.meaning WHEN 'CALLBACK'
            THEN jsonb_build_object('callback_at', at + interval '1 day') ELSE '{}' END
    ELSE '{}' END
FROM made_up
CROSS JOIN made_up_keys
CROSS JOIN LATERAL (SELECT CASE WHEN dice[8] %% 100 < 3 THEN 'DRAFT' ELSE 'FIXED' END) AS s (state)
LEFT JOIN "tm$dispositions" AS offered ON state = 'FIXED'
    AND offered.campaign_id = campaigns[1 + client %% 5]
    AND offered.position = (ARRAY[0, 1, 1, 1, 2, 3, 3, 3, 4, 5])[1 + dice[8] / 100 %% 10]
WHERE talked
"""
CALLS = """
INSERT INTO "tm$calls" (id, wtime, call_key, order_id, communication_id, operator_id, dialled_at,
    connected_at, ended_at, system_disposition)
SELECT calls + n, at, 'made-up-' || orders + n, orders + n, CASE WHEN talked THEN talks + n END,
    CASE WHEN talked THEN people[1 + dice[5] %% 60] END,
    CASE WHEN talked THEN at - interval '12 seconds' ELSE at END, CASE WHEN talked THEN at END,
    at + make_interval(secs => CASE WHEN talked THEN 15 + dice[6] %% 300 ELSE 25 END),
    CASE WHEN talked THEN 'CONNECTED' ELSE (ARRAY['NO_ANSWER', 'NO_ANSWER', 'NO_ANSWER', 'BUSY',
        'UNREACHABLE', 'REJECTED', 'ANSWERING_MACHINE', 'ABANDONED'])[1 + dice[5] %% 8] END
FROM made_up, made_up_keys
"""
NEXT_KEY = """
SELECT setval(pg_get_serial_sequence('"{table}"', 'id'), (SELECT max(id) FROM "{table}"))
"""
FILLED = ("tm$campaign_tasks", "tm$call_orders", "tm$communications", "tm$calls")


@transaction.atomic
def make_history(calls: int, until: datetime, days: int) -> None:
    """Add so many finished calls of made-up clients, operators and campaigns, spread over the days
    before ``until``, from 9 to 20 hours in Moscow.

    For a database of development: it takes minutes for millions, and nobody can tell these calls
    from real ones afterwards.
    """
    values: dict[str, Any] = {
        "calls": calls,
        "clients": max(1, calls * 5 // 9),
        "until": until,
        "days": days,
    }
    with connection.cursor() as cursor:
        for statement in (PEOPLE, CAMPAIGNS, RESULTS, PLAN, KEYS, TASKS, ORDERS, TALKS, CALLS):
            cursor.execute(statement, values)
        for table in FILLED:
            cursor.execute(NEXT_KEY.format(table=table))
