"""Numbers that were counted from calls, an hour at a time. Everything here can be counted anew."""

from django.db import models

from common.models import TimestampedModel


class ReportHour(TimestampedModel):
    """An hour that has been counted. ``rules``: how, as ``campaigns.selectors.counting_rules`` has
    it; an hour with other rules than today's is counted anew."""

    hour = models.DateTimeField(unique=True)
    rules = models.CharField(max_length=64)

    class Meta:
        db_table = "tm$report_hours"


class ReportCall(TimestampedModel):
    """Calls of one hour that are alike in everything that a report tells apart, and what they took.

    The columns are those of ``campaigns.types.CallCount``, where each is described. The keys are
    kept by value: what is counted anew all day needs no check against other tables.
    """

    hour = models.DateTimeField()
    campaign_id = models.BigIntegerField()
    operator_id = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=32)
    state = models.CharField(max_length=32)
    disposition_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=128)
    attempt = models.PositiveSmallIntegerField(null=True)
    first_dial = models.BooleanField()
    calls = models.PositiveIntegerField()
    ended = models.PositiveIntegerField()
    talk_ms = models.PositiveBigIntegerField()
    after_call_ms = models.PositiveBigIntegerField()
    callbacks = models.PositiveIntegerField()
    callbacks_kept = models.PositiveIntegerField()
    callbacks_late = models.PositiveIntegerField()

    class Meta:
        db_table = "tm$report_calls"
        indexes = [models.Index(name="report_call_by_hour", fields=["hour"])]


class ReportTask(TimestampedModel):
    """How many tasks were made for a campaign in an hour."""

    hour = models.DateTimeField()
    campaign_id = models.BigIntegerField()
    tasks = models.PositiveIntegerField()

    class Meta:
        db_table = "tm$report_tasks"
        indexes = [models.Index(name="report_task_by_hour", fields=["hour"])]
