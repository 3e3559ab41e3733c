"""For tests in which two connections want the same rows."""

import time

from django.db import connection

DEADLINE_SECONDS = 10.0


def wait_until_a_rival_waits() -> None:
    """Until another connection waits for what this one has locked; fails when none ever does."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.rowcount:
                return
    raise AssertionError("nobody waits")
