from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Without blocking whoever writes: the table may have millions of rows."""

    atomic = False

    dependencies = [
        ("campaigns", "0013_rows_in_order"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="communication",
            index=models.Index(
                fields=["operator", "-started_at"], name="communication_of_operator"
            ),
        ),
    ]
