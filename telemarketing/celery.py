"""The Celery application. A message only carries ids: the work itself is in the tables."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, task_prerun, worker_init
from django.db import close_old_connections

from telemarketing.start import refuse_weak_settings
from telemarketing.sweeps import SweepOnce

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telemarketing.settings")

app = Celery("telemarketing", task_cls=SweepOnce)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def look_at_settings(**_: Any) -> None:
    """Celery logs an error of this function and goes on; SystemExit ends the process."""
    refuse_weak_settings()


@task_prerun.connect
def look_at_connections(task: Any, **_: Any) -> None:
    """Close a connection to PostgreSQL that is broken or old, as Django does before a request.

    Celery would close every connection after every task (see CELERY_DB_REUSE_MAX)."""
    if not task.request.is_eager:
        close_old_connections()
