"""Hours whose numbers are to be counted again, because a call or its result has changed."""

from django.db import models

from common.models import TimestampedModel


class ChangedHour(TimestampedModel):
    """An hour in which something that reports count has changed: a call, a conversation, its result
    or a new task.

    Triggers of the tables write the rows, in the transaction of the change, so that no way of
    changing a call can forget it. They take no lock on one another: an hour has a row for each
    statement that changed it.
    """

    hour = models.DateTimeField()

    class Meta:
        db_table = "tm$changed_hours"
        indexes = [models.Index(name="changed_hour", fields=["hour"])]
