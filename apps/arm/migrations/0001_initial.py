import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from common.models import keep_utime


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("campaigns", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ClientCard",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "wtime",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="created",
                    ),
                ),
                (
                    "utime",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="updated",
                    ),
                ),
                ("card", models.JSONField(verbose_name="card")),
                (
                    "communication",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="campaigns.communication",
                    ),
                ),
            ],
            options={
                "verbose_name": "client card",
                "verbose_name_plural": "client cards",
                "db_table": "tm$client_cards",
            },
        ),
        migrations.CreateModel(
            name="Workplace",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "wtime",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="created",
                    ),
                ),
                (
                    "utime",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="updated",
                    ),
                ),
                ("rework_list_changed", models.BooleanField(db_default=False, default=False)),
                (
                    "operator",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "workplace",
                "verbose_name_plural": "workplaces",
                "db_table": "tm$workplaces",
            },
        ),
        *keep_utime(
            "tm$client_cards",
            "tm$workplaces",
        ),
    ]
