"""The Celery application. A message carries ids and only nudges; rows are the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telemarketing.settings")

app = Celery("telemarketing")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
