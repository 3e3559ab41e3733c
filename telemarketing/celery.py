"""The Celery application. A message only carries ids: the work itself is in the tables."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun
from django.db import close_old_connections

from telemarketing.sweeps import SweepOnce

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telemarketing.settings")

app = Celery("telemarketing", task_cls=SweepOnce)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def look_at_connections(task: Any, **_: Any) -> None:
    """Close a connection to PostgreSQL that is broken or old, as Django does before a request.

    Celery would close every connection after every task (see CELERY_DB_REUSE_MAX)."""
    if not task.request.is_eager:
        close_old_connections()
