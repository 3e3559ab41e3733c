from django.contrib.postgres.operations import (
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.models import Q

UNFINISHED = ("NEW", "IN_PROGRESS")


class Migration(migrations.Migration):
    """Without blocking whoever writes: the table may have millions of rows. Each new index is there
    before the one that it replaces goes."""

    atomic = False

    dependencies = [
        ("campaigns", "0016_task_changes"),
    ]

    operations = [
        ValidateConstraint("campaigntask", "task_outcome_is_known"),
        ValidateConstraint("campaigntask", "task_priority_is_known"),
        ValidateConstraint("decision", "decision_step_is_known"),
        ValidateConstraint("tasktransition", "transition_outcome_is_known"),
        AddIndexConcurrently(
            model_name="campaigntask",
            index=models.Index(
                condition=Q(task_state="NEW"),
                fields=["campaign", "priority", "task_time", "id"],
                name="task_due_by_priority",
            ),
        ),
        RemoveIndexConcurrently(model_name="campaigntask", name="task_due"),
        AddIndexConcurrently(
            model_name="campaigntask",
            index=models.Index(
                condition=Q(task_state__in=UNFINISHED)
                | Q(redial_at__isnull=False)
                | Q(outcome="CANCELLED"),
                fields=["subject_key", "campaign"],
                name="task_of_unsettled_subject",
            ),
        ),
        RemoveIndexConcurrently(model_name="campaigntask", name="task_of_subject"),
        AddIndexConcurrently(
            model_name="campaigntask",
            index=models.Index(
                condition=Q(callback_at__isnull=False)
                & (Q(task_state__in=UNFINISHED) | Q(redial_at__isnull=False)),
                fields=["callback_at", "id"],
                name="task_callback_owed",
            ),
        ),
    ]
