from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Coalesce

# what was there before the triggers is counted too
MARK_EVERY_HOUR = """
INSERT INTO "tm$changed_hours" (hour)
SELECT date_trunc('hour', started_at, 'UTC') FROM "tm$communications"
UNION
SELECT date_trunc('hour', coalesce(dialled_at, ended_at, wtime), 'UTC') FROM "tm$calls"
UNION
SELECT date_trunc('hour', wtime, 'UTC') FROM "tm$campaign_tasks"
"""


class Migration(migrations.Migration):
    """Without blocking whoever writes: the tables may have millions of rows."""

    atomic = False

    dependencies = [("campaigns", "0019_changed_hours")]

    operations = [
        AddIndexConcurrently(
            model_name="call",
            index=models.Index(
                Coalesce("dialled_at", "ended_at", "wtime"),
                condition=Q(communication__isnull=True),
                name="call_unreached_by_moment",
            ),
        ),
        migrations.RunSQL(MARK_EVERY_HOUR, migrations.RunSQL.noop),
    ]
