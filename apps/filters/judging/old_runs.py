"""Deletes runs over stored applications that nobody looks at any more."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from apps.filters.models import DryRun
from apps.filters.states import RunPurpose


@transaction.atomic
def forget_old_runs(now: datetime) -> int:
    """Delete what was finished more than DRY_RUN_DAYS ago; returns how many.

    A trial stays as long as the judging again that follows from it.
    """
    old = DryRun.objects.filter(finished_at__lt=now - timedelta(days=settings.DRY_RUN_DAYS))
    rejudgings, _ = old.filter(purpose=RunPurpose.REJUDGE).delete()
    others, _ = old.filter(rejudgings=None).delete()
    return rejudgings + others
