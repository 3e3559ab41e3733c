from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Without blocking whoever writes applications: the table may have millions of rows."""

    atomic = False

    dependencies = [
        ('filters', '0008_verdict_waits_longest'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='application',
            index=models.Index(fields=['wtime', 'id'], name='application_in_order'),
        ),
    ]
