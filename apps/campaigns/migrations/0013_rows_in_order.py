from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Without blocking whoever writes: the tables may have millions of rows."""

    atomic = False

    dependencies = [
        ('campaigns', '0012_attention_of_event_feeds'),
    ]

    operations = [
        # the new index serves whoever used this one
        RemoveIndexConcurrently(
            model_name='call',
            name='call_by_time',
        ),
        AddIndexConcurrently(
            model_name='call',
            index=models.Index(fields=['wtime', 'id'], name='call_in_order'),
        ),
        AddIndexConcurrently(
            model_name='campaigntask',
            index=models.Index(fields=['wtime', 'id'], name='task_in_order'),
        ),
        AddIndexConcurrently(
            model_name='communication',
            index=models.Index(fields=['started_at', 'id'], name='communication_in_order'),
        ),
        AddIndexConcurrently(
            model_name='decision',
            index=models.Index(fields=['wtime', 'id'], name='decision_in_order'),
        ),
    ]
