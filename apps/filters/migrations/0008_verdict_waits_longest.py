from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Applications are judged meanwhile."""

    atomic = False

    dependencies = [
        ('filters', '0007_hash_of_phone'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='verdict',
            index=models.Index(condition=models.Q(('state', 'WAITING')), fields=['waits_for', 'wtime'], name='verdict_waits_longest'),
        ),
    ]
