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
                ("wish", models.IntegerField(db_default=1, default=1, editable=False)),
                ("told_wish", models.IntegerField(db_default=0, default=0, editable=False)),
                ("asked", models.BooleanField(db_default=False, default=False, editable=False)),
                ("next_try_at", models.DateTimeField(editable=False, null=True)),
                (
                    "trouble",
                    models.CharField(
                        db_default="", default="", max_length=255, verbose_name="trouble"
                    ),
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
                "verbose_name": "operator on line",
                "verbose_name_plural": "operators on line",
                "db_table": "tm$mightycall_active_operators",
            },
        ),
        migrations.CreateModel(
            name="MightyCallEndedSession",
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
                ("extension", models.CharField(max_length=64)),
                ("external_session_id", models.CharField(max_length=64)),
                ("session_id", models.CharField(db_default="", default="", max_length=128)),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "ended session",
                "verbose_name_plural": "ended sessions",
                "db_table": "tm$mightycall_ended_sessions",
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
                ("sender", models.SmallIntegerField(editable=False, null=True)),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                (
                    "campaign_task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.campaigntask",
                        verbose_name="campaign task",
                    ),
                ),
                (
                    "undoes",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="telephony.mightycalltask",
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
                    ),
                    models.Index(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("task_state", "DONE"), ("task_type", "ADD")
                        ),
                        fields=["next_try_at"],
                        name="mightycall_call_end_awaited",
                    ),
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
            "tm$mightycall_ended_sessions",
            "tm$mightycall_operators",
            "tm$mightycall_tasks",
        ),
    ]
