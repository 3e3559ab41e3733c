import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from common.models import keep_utime


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DoNotCallEntry",
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
                ("phone", models.CharField(max_length=15, unique=True, verbose_name="phone")),
                ("reason", models.CharField(max_length=255, verbose_name="reason")),
            ],
            options={
                "verbose_name": "do-not-call entry",
                "verbose_name_plural": "do-not-call list",
                "db_table": "tm$do_not_call",
            },
        ),
        migrations.CreateModel(
            name="Campaign",
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
                ("name", models.CharField(max_length=64, verbose_name="name")),
                (
                    "domain",
                    models.CharField(
                        choices=[("LOANS", "loans")],
                        db_default="LOANS",
                        default="LOANS",
                        max_length=32,
                        verbose_name="domain",
                    ),
                ),
                (
                    "description",
                    models.CharField(
                        blank=True,
                        help_text="A short recommendation, shown on the client card.",
                        max_length=256,
                        null=True,
                        verbose_name="advice to the operator",
                    ),
                ),
                (
                    "script",
                    models.TextField(blank=True, db_default="", default="", verbose_name="script"),
                ),
                (
                    "active",
                    models.BooleanField(db_default=False, default=False, verbose_name="active"),
                ),
                (
                    "priority",
                    models.SmallIntegerField(
                        db_default=0,
                        default=0,
                        help_text="Tasks of a campaign with a higher number are called first.",
                        verbose_name="priority",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        db_default="Europe/Moscow",
                        default="Europe/Moscow",
                        max_length=64,
                        verbose_name="default time zone",
                    ),
                ),
                (
                    "weekday_from",
                    models.TimeField(
                        db_default="09:00", default="09:00", verbose_name="weekdays from"
                    ),
                ),
                (
                    "weekday_till",
                    models.TimeField(
                        db_default="20:00",
                        default="20:00",
                        help_text="00:00 is the end of the day.",
                        verbose_name="weekdays till",
                    ),
                ),
                (
                    "weekend_from",
                    models.TimeField(
                        db_default="10:00", default="10:00", verbose_name="weekends from"
                    ),
                ),
                (
                    "weekend_till",
                    models.TimeField(
                        db_default="18:00",
                        default="18:00",
                        help_text="00:00 is the end of the day.",
                        verbose_name="weekends till",
                    ),
                ),
                (
                    "max_attempts",
                    models.PositiveSmallIntegerField(
                        db_default=3,
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(50),
                        ],
                        verbose_name="maximum of attempts",
                    ),
                ),
                (
                    "min_in_flight",
                    models.PositiveSmallIntegerField(
                        db_default=5,
                        default=5,
                        help_text="The ceiling is three per operator on line, and at least this.",
                        verbose_name="least number of tasks in telephony",
                    ),
                ),
            ],
            options={
                "verbose_name": "campaign",
                "verbose_name_plural": "campaigns",
                "db_table": "tm$campaigns",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("domain__in", ["LOANS"])),
                        name="campaign_domain_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("max_attempts__gte", 1)),
                        name="campaign_allows_an_attempt",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CampaignTask",
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
                ("phone", models.CharField(max_length=15, verbose_name="phone")),
                ("client_info", models.JSONField(verbose_name="client information")),
                ("task_time", models.DateTimeField(verbose_name="time of the call")),
                (
                    "task_type",
                    models.CharField(
                        choices=[("PHONE_MIGHTYCALL", "call through MightyCall")],
                        db_default="PHONE_MIGHTYCALL",
                        default="PHONE_MIGHTYCALL",
                        max_length=32,
                        verbose_name="type",
                    ),
                ),
                (
                    "task_state",
                    models.CharField(
                        choices=[("NEW", "new"), ("IN_PROGRESS", "in progress"), ("DONE", "done")],
                        db_default="NEW",
                        default="NEW",
                        max_length=32,
                        verbose_name="state",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("CALLED", "called"),
                            ("NOT_REACHED", "not reached"),
                            ("SUPERSEDED", "superseded by a newer application"),
                            ("CANCELLED", "cancelled"),
                            ("EXHAUSTED", "attempts exhausted"),
                            ("FORBIDDEN", "call forbidden"),
                        ],
                        max_length=32,
                        null=True,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(
                        db_default=0, default=0, verbose_name="attempts"
                    ),
                ),
                (
                    "handed_over_at",
                    models.DateTimeField(null=True, verbose_name="handed to telephony"),
                ),
                ("redial_at", models.DateTimeField(null=True, verbose_name="call again at")),
                (
                    "source_key",
                    models.CharField(
                        db_default="", default="", max_length=64, verbose_name="made from"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "campaign task",
                "verbose_name_plural": "campaign tasks",
                "db_table": "tm$campaign_tasks",
            },
        ),
        migrations.CreateModel(
            name="Communication",
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
                    "state",
                    models.CharField(
                        choices=[("NEW", "new"), ("DRAFT", "draft"), ("FIXED", "saved")],
                        db_default="NEW",
                        default="NEW",
                        max_length=32,
                        verbose_name="state",
                    ),
                ),
                ("result_details", models.JSONField(default=dict, verbose_name="result")),
                ("phone", models.CharField(max_length=15, verbose_name="phone")),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("card_fetched_at", models.DateTimeField(null=True, verbose_name="card shown")),
                ("fixed_at", models.DateTimeField(null=True, verbose_name="result saved")),
                (
                    "campaign_task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="communications",
                        to="campaigns.campaigntask",
                        verbose_name="task",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="operator",
                    ),
                ),
            ],
            options={
                "verbose_name": "communication",
                "verbose_name_plural": "communications",
                "db_table": "tm$communications",
            },
        ),
        migrations.CreateModel(
            name="Call",
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
                    "call_key",
                    models.CharField(max_length=128, unique=True, verbose_name="call in telephony"),
                ),
                ("dialled_at", models.DateTimeField(null=True, verbose_name="dialled")),
                ("ringing_at", models.DateTimeField(null=True, verbose_name="ringing")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                ("connected_at", models.DateTimeField(null=True, verbose_name="connected")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                (
                    "system_disposition",
                    models.CharField(
                        choices=[
                            ("CONNECTED", "connected"),
                            ("BUSY", "busy"),
                            ("NO_ANSWER", "no answer"),
                            ("REJECTED", "rejected"),
                            ("INVALID_NUMBER", "invalid number"),
                            ("UNREACHABLE", "unreachable"),
                            ("NETWORK_FAILURE", "network failure"),
                            ("ANSWERING_MACHINE", "answering machine"),
                            ("ABANDONED", "answered, no operator was free"),
                            ("CANCELLED", "cancelled"),
                            ("FAILED", "failed"),
                        ],
                        max_length=32,
                        null=True,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "hung_up_by",
                    models.CharField(
                        choices=[
                            ("CLIENT", "client"),
                            ("OPERATOR", "operator"),
                            ("SYSTEM", "system"),
                        ],
                        max_length=16,
                        null=True,
                        verbose_name="hung up by",
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        db_default="", default="", max_length=64, verbose_name="cause"
                    ),
                ),
                (
                    "recording",
                    models.CharField(
                        db_default="", default="", max_length=512, verbose_name="recording"
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign_task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="campaigns.campaigntask",
                    ),
                ),
                (
                    "communication",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="call",
                        to="campaigns.communication",
                    ),
                ),
            ],
            options={
                "verbose_name": "call",
                "verbose_name_plural": "calls",
                "db_table": "tm$calls",
            },
        ),
        migrations.CreateModel(
            name="Decision",
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
                    "step",
                    models.CharField(
                        choices=[
                            ("FORMAT_CONTROL", "format control"),
                            ("FILTER", "filter"),
                            ("ENGINE", "campaign engine"),
                            ("CALLING_HOURS", "calling hours"),
                            ("DO_NOT_CALL", "do-not-call list"),
                            ("GUARD", "check before the call"),
                            ("TELEPHONY", "telephony"),
                            ("RESULT", "result of the conversation"),
                        ],
                        max_length=32,
                        verbose_name="step",
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("PASSED", "passed"),
                            ("STOPPED", "stopped"),
                            ("WAITING", "waiting"),
                        ],
                        max_length=16,
                        verbose_name="verdict",
                    ),
                ),
                ("rule", models.CharField(max_length=64, verbose_name="rule")),
                ("reason", models.TextField(verbose_name="reason")),
                ("phone", models.CharField(max_length=15, verbose_name="phone")),
                (
                    "source_key",
                    models.CharField(
                        db_default="", default="", max_length=64, verbose_name="about"
                    ),
                ),
                ("campaign_id", models.BigIntegerField(null=True, verbose_name="campaign")),
                ("task_id", models.BigIntegerField(null=True, verbose_name="task")),
                (
                    "settings_version",
                    models.IntegerField(null=True, verbose_name="version of the settings"),
                ),
            ],
            options={
                "verbose_name": "decision",
                "verbose_name_plural": "ledger of decisions",
                "db_table": "tm$decisions",
                "indexes": [
                    models.Index(fields=["phone"], name="decision_of_phone"),
                    models.Index(
                        condition=models.Q(("source_key", ""), _negated=True),
                        fields=["source_key"],
                        name="decision_of_source",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeferredCandidate",
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
                ("phone", models.CharField(max_length=15, verbose_name="phone")),
                ("client_info", models.JSONField(verbose_name="client information")),
                ("source_key", models.CharField(max_length=64, verbose_name="made from")),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deferred",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "deferred candidate",
                "verbose_name_plural": "deferred candidates",
                "db_table": "tm$deferred_candidates",
            },
        ),
        migrations.CreateModel(
            name="Disposition",
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
                ("result", models.CharField(max_length=128, verbose_name="result")),
                (
                    "meaning",
                    models.CharField(
                        choices=[
                            ("SUCCESS", "success"),
                            ("REDIAL", "call again after the block time"),
                            ("CALLBACK", "call back at the time the client named"),
                            ("REFUSED", "refused"),
                            ("NEVER_AGAIN", "never call again"),
                            ("WRONG_NUMBER", "wrong number"),
                        ],
                        max_length=32,
                        verbose_name="meaning",
                    ),
                ),
                (
                    "block_minutes",
                    models.PositiveIntegerField(
                        db_default=0,
                        default=0,
                        help_text="How long the client is not called after this result.",
                        verbose_name="block time, minutes",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        db_default=0, default=0, verbose_name="position"
                    ),
                ),
                (
                    "active",
                    models.BooleanField(db_default=True, default=True, verbose_name="offered"),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dispositions",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "disposition",
                "verbose_name_plural": "dispositions",
                "db_table": "tm$dispositions",
            },
        ),
        migrations.AddField(
            model_name="communication",
            name="disposition",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="campaigns.disposition",
            ),
        ),
        migrations.CreateModel(
            name="DispositionReason",
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
                ("text", models.CharField(max_length=128, verbose_name="reason")),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        db_default=0, default=0, verbose_name="position"
                    ),
                ),
                (
                    "active",
                    models.BooleanField(db_default=True, default=True, verbose_name="offered"),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reasons",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "reason",
                "verbose_name_plural": "reasons",
                "db_table": "tm$disposition_reasons",
            },
        ),
        migrations.CreateModel(
            name="RedialRule",
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
                    "system_disposition",
                    models.CharField(
                        choices=[
                            ("CONNECTED", "connected"),
                            ("BUSY", "busy"),
                            ("NO_ANSWER", "no answer"),
                            ("REJECTED", "rejected"),
                            ("INVALID_NUMBER", "invalid number"),
                            ("UNREACHABLE", "unreachable"),
                            ("NETWORK_FAILURE", "network failure"),
                            ("ANSWERING_MACHINE", "answering machine"),
                            ("ABANDONED", "answered, no operator was free"),
                            ("CANCELLED", "cancelled"),
                            ("FAILED", "failed"),
                        ],
                        max_length=32,
                        verbose_name="outcome of the call",
                    ),
                ),
                (
                    "delay_minutes",
                    models.PositiveIntegerField(
                        help_text="0: do not call again.", verbose_name="call again after, minutes"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="redial_rules",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "verbose_name": "redial rule",
                "verbose_name_plural": "redial rules",
                "db_table": "tm$redial_rules",
            },
        ),
        migrations.CreateModel(
            name="TaskTransition",
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
                    "from_state",
                    models.CharField(
                        choices=[("NEW", "new"), ("IN_PROGRESS", "in progress"), ("DONE", "done")],
                        max_length=32,
                        null=True,
                        verbose_name="from",
                    ),
                ),
                (
                    "to_state",
                    models.CharField(
                        choices=[("NEW", "new"), ("IN_PROGRESS", "in progress"), ("DONE", "done")],
                        max_length=32,
                        verbose_name="to",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("CALLED", "called"),
                            ("NOT_REACHED", "not reached"),
                            ("SUPERSEDED", "superseded by a newer application"),
                            ("CANCELLED", "cancelled"),
                            ("EXHAUSTED", "attempts exhausted"),
                            ("FORBIDDEN", "call forbidden"),
                        ],
                        max_length=32,
                        null=True,
                        verbose_name="outcome",
                    ),
                ),
                ("why", models.CharField(max_length=255, verbose_name="why")),
                (
                    "operator",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transitions",
                        to="campaigns.campaigntask",
                    ),
                ),
            ],
            options={
                "verbose_name": "transition",
                "verbose_name_plural": "transitions",
                "db_table": "tm$task_transitions",
            },
        ),
        migrations.AddIndex(
            model_name="campaigntask",
            index=models.Index(
                condition=models.Q(("task_state", "NEW")),
                fields=["campaign", "task_time", "id"],
                name="task_due",
            ),
        ),
        migrations.AddIndex(
            model_name="campaigntask",
            index=models.Index(
                condition=models.Q(("task_state", "IN_PROGRESS")),
                fields=["campaign", "handed_over_at"],
                name="task_in_flight",
            ),
        ),
        migrations.AddIndex(
            model_name="campaigntask",
            index=models.Index(
                condition=models.Q(("redial_at__isnull", False)),
                fields=["redial_at"],
                name="task_redial_due",
            ),
        ),
        migrations.AddIndex(
            model_name="campaigntask",
            index=models.Index(fields=["phone"], name="task_of_phone"),
        ),
        migrations.AddIndex(
            model_name="campaigntask",
            index=models.Index(
                condition=models.Q(("source_key", ""), _negated=True),
                fields=["source_key"],
                name="task_of_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaigntask",
            constraint=models.UniqueConstraint(
                condition=models.Q(("task_state__in", ("NEW", "IN_PROGRESS"))),
                fields=("campaign", "phone"),
                name="one_open_task_per_client",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaigntask",
            constraint=models.CheckConstraint(
                condition=models.Q(("task_type__in", ["PHONE_MIGHTYCALL"])),
                name="task_type_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaigntask",
            constraint=models.CheckConstraint(
                condition=models.Q(("task_state__in", ["NEW", "IN_PROGRESS", "DONE"])),
                name="task_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaigntask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__isnull", True),
                    (
                        "outcome__in",
                        [
                            "CALLED",
                            "NOT_REACHED",
                            "SUPERSEDED",
                            "CANCELLED",
                            "EXHAUSTED",
                            "FORBIDDEN",
                        ],
                    ),
                    _connector="OR",
                ),
                name="task_outcome_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaigntask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome__isnull", False), ("task_state", "DONE")),
                    models.Q(
                        models.Q(("task_state", "DONE"), _negated=True), ("outcome__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="only_done_tasks_have_an_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaigntask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("redial_at__isnull", True), ("task_state", "DONE"), _connector="OR"
                ),
                name="only_done_tasks_wait_for_redial",
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["wtime"],
                name="call_going_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("system_disposition__isnull", True),
                    (
                        "system_disposition__in",
                        [
                            "CONNECTED",
                            "BUSY",
                            "NO_ANSWER",
                            "REJECTED",
                            "INVALID_NUMBER",
                            "UNREACHABLE",
                            "NETWORK_FAILURE",
                            "ANSWERING_MACHINE",
                            "ABANDONED",
                            "CANCELLED",
                            "FAILED",
                        ],
                    ),
                    _connector="OR",
                ),
                name="call_outcome_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True),
                    ("system_disposition__isnull", False),
                    _connector="OR",
                ),
                name="ended_calls_have_an_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="deferredcandidate",
            constraint=models.UniqueConstraint(
                fields=("campaign", "phone"), name="one_deferred_candidate_per_client"
            ),
        ),
        migrations.AddConstraint(
            model_name="disposition",
            constraint=models.UniqueConstraint(
                fields=("campaign", "result"), name="one_disposition_per_result"
            ),
        ),
        migrations.AddConstraint(
            model_name="disposition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "meaning__in",
                        ["SUCCESS", "REDIAL", "CALLBACK", "REFUSED", "NEVER_AGAIN", "WRONG_NUMBER"],
                    )
                ),
                name="disposition_meaning_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="disposition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("meaning", "REDIAL"), _negated=True),
                    ("block_minutes__gt", 0),
                    _connector="OR",
                ),
                name="redial_has_a_block_time",
            ),
        ),
        migrations.AddIndex(
            model_name="communication",
            index=models.Index(
                condition=models.Q(
                    models.Q(("state", "FIXED"), _negated=True),
                    ("ended_at__isnull", True),
                    _connector="OR",
                ),
                fields=["operator", "started_at"],
                name="communication_unfinished",
            ),
        ),
        migrations.AddIndex(
            model_name="communication",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False), ("state", "NEW")),
                fields=["ended_at"],
                name="communication_result_awaited",
            ),
        ),
        migrations.AddIndex(
            model_name="communication",
            index=models.Index(fields=["phone", "-started_at"], name="communication_of_phone"),
        ),
        migrations.AddConstraint(
            model_name="communication",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["NEW", "DRAFT", "FIXED"])),
                name="communication_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="communication",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "NEW")),
                fields=("operator",),
                name="one_live_communication_per_operator",
            ),
        ),
        migrations.AddConstraint(
            model_name="communication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True),
                    ("ended_at__gte", models.F("started_at")),
                    _connector="OR",
                ),
                name="communication_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="communication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("disposition__isnull", True), ("state", "FIXED"), _connector="OR"
                ),
                name="only_fixed_communications_have_a_disposition",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispositionreason",
            constraint=models.UniqueConstraint(
                fields=("campaign", "text"), name="one_reason_per_text"
            ),
        ),
        migrations.AddConstraint(
            model_name="redialrule",
            constraint=models.UniqueConstraint(
                fields=("campaign", "system_disposition"), name="one_redial_rule_per_outcome"
            ),
        ),
        migrations.AddConstraint(
            model_name="redialrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "system_disposition__in",
                        [
                            "CONNECTED",
                            "BUSY",
                            "NO_ANSWER",
                            "REJECTED",
                            "INVALID_NUMBER",
                            "UNREACHABLE",
                            "NETWORK_FAILURE",
                            "ANSWERING_MACHINE",
                            "ABANDONED",
                            "CANCELLED",
                            "FAILED",
                        ],
                    )
                ),
                name="redial_outcome_is_known",
            ),
        ),
        *keep_utime(
            "tm$do_not_call",
            "tm$campaigns",
            "tm$campaign_tasks",
            "tm$communications",
            "tm$calls",
            "tm$decisions",
            "tm$deferred_candidates",
            "tm$dispositions",
            "tm$disposition_reasons",
            "tm$redial_rules",
            "tm$task_transitions",
        ),
    ]
