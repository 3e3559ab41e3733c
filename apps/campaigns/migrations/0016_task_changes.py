import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """The rows that there are keep the new conditions: they are validated in the next migration,
    without blocking whoever writes."""

    dependencies = [
        ("campaigns", "0015_corrections"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="campaigntask",
            name="task_outcome_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="decision",
            name="decision_step_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="tasktransition",
            name="transition_outcome_is_known",
        ),
        migrations.AddField(
            model_name="campaigntask",
            name="callback_at",
            field=models.DateTimeField(null=True, verbose_name="callback promised for"),
        ),
        migrations.AddField(
            model_name="campaigntask",
            name="callback_operator",
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="who calls back"),
        ),
        migrations.AddField(
            model_name="campaigntask",
            name="priority",
            field=models.SmallIntegerField(choices=[(1, "high"), (0, "normal"), (-1, "low")], db_default=0, default=0, verbose_name="priority"),
        ),
        migrations.AlterField(
            model_name="campaigntask",
            name="outcome",
            field=models.CharField(choices=[("CALLED", "called"), ("NOT_REACHED", "not reached"), ("SUPERSEDED", "superseded by a newer application"), ("EXHAUSTED", "attempts exhausted"), ("FORBIDDEN", "call forbidden"), ("WITHDRAWN", "withdrawn, the application has changed"), ("CANCELLED", "cancelled by hand")], max_length=32, null=True, verbose_name="outcome"),
        ),
        migrations.AlterField(
            model_name="decision",
            name="step",
            field=models.CharField(choices=[("FORMAT_CONTROL", "format control"), ("FILTER", "filter"), ("ENGINE", "campaign engine"), ("DO_NOT_CALL", "do-not-call list"), ("GUARD", "check before the call"), ("TELEPHONY", "telephony"), ("CLIENT_CARD", "client card"), ("RESULT", "result of the conversation"), ("BACK_OFFICE", "back office")], max_length=32, verbose_name="step"),
        ),
        migrations.AlterField(
            model_name="tasktransition",
            name="outcome",
            field=models.CharField(choices=[("CALLED", "called"), ("NOT_REACHED", "not reached"), ("SUPERSEDED", "superseded by a newer application"), ("EXHAUSTED", "attempts exhausted"), ("FORBIDDEN", "call forbidden"), ("WITHDRAWN", "withdrawn, the application has changed"), ("CANCELLED", "cancelled by hand")], max_length=32, null=True, verbose_name="outcome"),
        ),
        AddConstraintNotValid(
            model_name="campaigntask",
            constraint=models.CheckConstraint(condition=models.Q(("outcome__isnull", True), ("outcome__in", ["CALLED", "NOT_REACHED", "SUPERSEDED", "EXHAUSTED", "FORBIDDEN", "WITHDRAWN", "CANCELLED"]), _connector="OR"), name="task_outcome_is_known"),
        ),
        AddConstraintNotValid(
            model_name="campaigntask",
            constraint=models.CheckConstraint(condition=models.Q(("priority__in", [1, 0, -1])), name="task_priority_is_known"),
        ),
        AddConstraintNotValid(
            model_name="decision",
            constraint=models.CheckConstraint(condition=models.Q(("step__in", ["FORMAT_CONTROL", "FILTER", "ENGINE", "DO_NOT_CALL", "GUARD", "TELEPHONY", "CLIENT_CARD", "RESULT", "BACK_OFFICE"])), name="decision_step_is_known"),
        ),
        AddConstraintNotValid(
            model_name="tasktransition",
            constraint=models.CheckConstraint(condition=models.Q(("outcome__isnull", True), ("outcome__in", ["CALLED", "NOT_REACHED", "SUPERSEDED", "EXHAUSTED", "FORBIDDEN", "WITHDRAWN", "CANCELLED"]), _connector="OR"), name="transition_outcome_is_known"),
        ),
    ]
