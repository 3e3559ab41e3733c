"""Tables of campaign tasks, of their transitions, and of candidates that wait."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models.campaign import Campaign
from apps.campaigns.states import UNFINISHED, TaskOutcome, TaskPriority, TaskState, TaskType
from common.models import TimestampedModel, one_of


class CampaignTask(TimestampedModel):
    """One client to be called in one campaign.

    ``callback_at`` and ``callback_operator``: what the client was promised, and who calls back.
    They stay through further attempts, until a conversation has another result.

    ``task_time`` is the earliest moment of the call. A DONE task with ``redial_at`` becomes NEW
    again at that moment. ``source_key`` names what it was made from, e.g. ``application:17``.
    """

    phone = models.CharField(_("phone"), max_length=15)
    # what the client card needs, as the domain wrote it; the engine never looks inside:
    # {"application_number": "34697463", "stream": "MOBILE_LOANS", "first_name": "Anna",
    #  "birth_date": "1990-05-17", "approved_amount": 1500000, ...}; amounts are in kopecks
    client_info = models.JSONField(_("client information"))
    task_time = models.DateTimeField(_("time of the call"))
    task_type = models.CharField(
        _("type"),
        max_length=32,
        choices=TaskType,
        default=TaskType.PHONE_MIGHTYCALL,
        db_default=TaskType.PHONE_MIGHTYCALL,
    )
    task_state = models.CharField(
        _("state"),
        max_length=32,
        choices=TaskState,
        default=TaskState.NEW,
        db_default=TaskState.NEW,
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="tasks", verbose_name=_("campaign"), db_index=False
    )
    outcome = models.CharField(_("outcome"), max_length=32, choices=TaskOutcome, null=True)
    priority = models.SmallIntegerField(
        _("priority"),
        choices=TaskPriority,
        default=TaskPriority.NORMAL,
        db_default=TaskPriority.NORMAL,
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, db_default=0)
    # calls in a row that failed before the client's telephone could ring; no attempts
    failures_in_row = models.PositiveSmallIntegerField(
        _("failures in a row"), default=0, db_default=0
    )
    redial_at = models.DateTimeField(_("call again at"), null=True)
    callback_at = models.DateTimeField(_("callback promised for"), null=True)
    callback_operator = models.ForeignKey(
        "security.Operator",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("who calls back"),
    )
    source_key = models.CharField(_("made from"), max_length=64, default="", db_default="")
    subject_key = models.CharField(_("subject"), max_length=128, default="", db_default="")
    subject_changed_at = models.DateTimeField(_("subject changed"), null=True)
    # why the task ends with the call that goes on, whatever its result; empty: it does not
    withdrawal_reason = models.CharField(
        _("withdrawn because"), max_length=255, default="", db_default=""
    )

    class Meta:
        db_table = "tm$campaign_tasks"
        verbose_name = _("campaign task")
        verbose_name_plural = _("campaign tasks")
        constraints = [
            models.UniqueConstraint(
                name="one_open_task_per_client",
                fields=["campaign", "phone"],
                condition=Q(task_state__in=UNFINISHED),
            ),
            models.CheckConstraint(
                name="task_type_is_known", condition=one_of("task_type", TaskType)
            ),
            models.CheckConstraint(
                name="task_state_is_known", condition=one_of("task_state", TaskState)
            ),
            models.CheckConstraint(
                name="task_outcome_is_known",
                condition=Q(outcome__isnull=True) | one_of("outcome", TaskOutcome),
            ),
            models.CheckConstraint(
                name="task_priority_is_known",
                condition=Q(priority__in=TaskPriority.values),
            ),
            models.CheckConstraint(
                name="only_done_tasks_have_an_outcome",
                condition=Q(task_state=TaskState.DONE, outcome__isnull=False)
                | (~Q(task_state=TaskState.DONE) & Q(outcome__isnull=True)),
            ),
            models.CheckConstraint(
                name="only_done_tasks_wait_for_redial",
                condition=Q(redial_at__isnull=True) | Q(task_state=TaskState.DONE),
            ),
        ]
        indexes = [
            # the hand-over: due tasks of a campaign, of each priority the oldest start first
            models.Index(
                name="task_due_by_priority",
                fields=["campaign", "priority", "task_time", "id"],
                condition=Q(task_state=TaskState.NEW),
            ),
            models.Index(
                name="task_in_progress",
                fields=["campaign", "id"],
                condition=Q(task_state=TaskState.IN_PROGRESS),
            ),
            models.Index(
                name="task_redial_due",
                fields=["redial_at"],
                condition=Q(redial_at__isnull=False),
            ),
            models.Index(name="task_of_phone", fields=["phone"]),
            models.Index(name="task_in_order", fields=["wtime", "id"]),
            models.Index(name="task_of_source", fields=["source_key"], condition=~Q(source_key="")),
            # tasks that a newer version of their subject may withdraw; cancelled ones may come back
            models.Index(
                name="task_of_unsettled_subject",
                fields=["subject_key", "campaign"],
                condition=Q(task_state__in=UNFINISHED)
                | Q(redial_at__isnull=False)
                | Q(outcome=TaskOutcome.CANCELLED),
            ),
            # callbacks that are still owed
            models.Index(
                name="task_callback_owed",
                fields=["callback_at", "id"],
                condition=Q(callback_at__isnull=False)
                & (Q(task_state__in=UNFINISHED) | Q(redial_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"


class TaskTransition(TimestampedModel):
    """One move of a task: when (``wtime``), from, to, why, and by whom (NULL: the system)."""

    task = models.ForeignKey(CampaignTask, models.CASCADE, related_name="transitions")
    from_state = models.CharField(_("from"), max_length=32, choices=TaskState, null=True)
    to_state = models.CharField(_("to"), max_length=32, choices=TaskState)
    outcome = models.CharField(_("outcome"), max_length=32, choices=TaskOutcome, null=True)
    why = models.CharField(_("why"), max_length=255)
    operator = models.ForeignKey(
        "security.Operator", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        db_table = "tm$task_transitions"
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")
        constraints = [
            models.CheckConstraint(
                name="transition_origin_is_known",
                condition=Q(from_state__isnull=True) | one_of("from_state", TaskState),
            ),
            models.CheckConstraint(
                name="transition_target_is_known", condition=one_of("to_state", TaskState)
            ),
            models.CheckConstraint(
                name="transition_outcome_is_known",
                condition=Q(outcome__isnull=True) | one_of("outcome", TaskOutcome),
            ),
        ]


class DeferredCandidate(TimestampedModel):
    """A newer candidate of a client with whom an operator is talking. It becomes a task once the
    conversation has its result."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="deferred", db_index=False)
    phone = models.CharField(_("phone"), max_length=15)
    # becomes ``CampaignTask.client_info``; the example stands there
    client_info = models.JSONField(_("client information"))
    source_key = models.CharField(_("made from"), max_length=64)
    subject_key = models.CharField(_("subject"), max_length=128, default="", db_default="")
    subject_changed_at = models.DateTimeField(_("subject changed"), null=True)

    class Meta:
        db_table = "tm$deferred_candidates"
        verbose_name = _("deferred candidate")
        verbose_name_plural = _("deferred candidates")
        constraints = [
            models.UniqueConstraint(
                name="one_deferred_candidate_per_client", fields=["campaign", "phone"]
            ),
        ]
