"""Polls in a process of its own that is killed at a given step."""

import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings as django_settings
from django.db import connection

from testing.waiting import until

POLLING = "testing.incoming.take_all_files"


def kill_a_poller_at(
    step: tuple[str, str], config_dir: Path, base_folder: Path, work: str = POLLING
) -> None:
    """``work`` is what the process does: the name of a function without arguments."""
    place, when = step
    command = [sys.executable, "-m", "apps.ingest.tests.killed_poller"]
    arguments = [connection.settings_dict["NAME"], base_folder, config_dir, place, when, work]
    done = subprocess.run(  # noqa: S603 - our own module
        [*command, *map(str, arguments)],
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    # PostgreSQL releases the locks of a killed process when it notices its end
    until(nobody_else_is_connected, "PostgreSQL has noticed the end of the poller")


def nobody_else_is_connected() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT FROM pg_stat_activity
            WHERE datname = current_database() AND pid != pg_backend_pid()
                AND backend_type = 'client backend'"""
        )
        return not cursor.rowcount


def all_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
