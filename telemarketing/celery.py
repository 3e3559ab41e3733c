"""The Celery application. A message only carries ids: the work itself is in the tables."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telemarketing.settings")

app = Celery("telemarketing")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
