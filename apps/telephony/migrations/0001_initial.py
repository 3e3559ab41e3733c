import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from common.rows import keep_utime


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("campaigns", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MightyCallCursor",
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
                ("name", models.CharField(max_length=64, unique=True)),
                ("cursor", models.CharField(db_default="", default="", max_length=255)),
            ],
            options={
                "verbose_name": "MightyCall cursor",
                "verbose_name_plural": "MightyCall cursors",
                "db_table": "tm$mightycall_cursors",
            },
        ),
        migrations.CreateModel(
            name="MightyCallEvent",
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
                ("event_id", models.CharField(max_length=128, unique=True, verbose_name="event")),
                ("kind", models.CharField(max_length=64, verbose_name="kind")),
            ],
            options={
                "verbose_name": "MightyCall event",
                "verbose_name_plural": "MightyCall events",
                "db_table": "tm$mightycall_events",
            },
        ),
        migrations.CreateModel(
            name="MightyCallActiveOperator",
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
                ("session_id", models.CharField(db_default="", default="", max_length=128)),
                ("ready", models.BooleanField(db_default=True, default=True, verbose_name="ready")),
                ("told_ready", models.BooleanField(null=True)),
                (
                    "operator",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="operator",
                    ),
                ),
            ],
            options={
                "verbose_name": "operator on line",
                "verbose_name_plural": "operators on line",
                "db_table": "tm$mightycall_active_operators",
            },
        ),
        migrations.CreateModel(
            name="MightyCallOperator",
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
                (
                    "login",
                    models.CharField(
                        max_length=64, unique=True, verbose_name="login in MightyCall"
                    ),
                ),
                ("password", models.CharField(max_length=256, verbose_name="encrypted password")),
                (
                    "event_cursor",
                    models.CharField(db_default="", default="", editable=False, max_length=255),
                ),
                (
                    "operator",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="operator",
                    ),
                ),
            ],
            options={
                "verbose_name": "MightyCall account",
                "verbose_name_plural": "MightyCall accounts",
                "db_table": "tm$mightycall_operators",
            },
        ),
        migrations.CreateModel(
            name="MightyCallTask",
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
                (
                    "task_type",
                    models.CharField(
                        choices=[("ADD", "add"), ("DELETE", "delete")],
                        max_length=16,
                        verbose_name="type",
                    ),
                ),
                (
                    "task_state",
                    models.CharField(
                        choices=[("NEW", "new"), ("IN_PROGRESS", "sent"), ("DONE", "done")],
                        db_default="NEW",
                        default="NEW",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("campaign_id", models.BigIntegerField(verbose_name="campaign")),
                ("phone", models.CharField(max_length=15, verbose_name="phone")),
                (
                    "priority",
                    models.SmallIntegerField(db_default=0, default=0, verbose_name="priority"),
                ),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expires")),
                ("next_try_at", models.DateTimeField(null=True, verbose_name="next try")),
                (
                    "answer",
                    models.CharField(
                        db_default="", default="", max_length=64, verbose_name="answer"
                    ),
                ),
                (
                    "campaign_task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaigntask",
                        verbose_name="campaign task",
                    ),
                ),
            ],
            options={
                "verbose_name": "MightyCall task",
                "verbose_name_plural": "MightyCall tasks",
                "db_table": "tm$mightycall_tasks",
                "indexes": [
                    models.Index(
                        condition=models.Q(("task_state", "DONE"), _negated=True),
                        fields=["task_state", "id"],
                        name="mightycall_task_unfinished",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("task_state", "NEW")),
                        fields=("campaign_task", "task_type"),
                        name="one_new_mightycall_task_of_a_type",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("task_type__in", ["ADD", "DELETE"])),
                        name="mightycall_task_type_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("task_state__in", ["NEW", "IN_PROGRESS", "DONE"])),
                        name="mightycall_task_state_is_known",
                    ),
                ],
            },
        ),
        *keep_utime(
            "tm$mightycall_cursors",
            "tm$mightycall_events",
            "tm$mightycall_active_operators",
            "tm$mightycall_operators",
            "tm$mightycall_tasks",
        ),
    ]
