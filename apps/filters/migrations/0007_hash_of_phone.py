import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """Files are imported and phones looked up meanwhile."""

    atomic = False

    dependencies = [
        ('filters', '0006_known_fields_of_casper'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='application',
            index=django.contrib.postgres.indexes.HashIndex(fields=['phone'], name='applications_of_phone'),
        ),
        RemoveIndexConcurrently(
            model_name='application',
            name='application_of_phone',
        ),
    ]
