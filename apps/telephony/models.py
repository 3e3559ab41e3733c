"""The MightyCall adapter's rows: credentials, open sessions, the queue of tasks, events (tables 7
to 9)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.telephony.states import QueueTaskState, QueueTaskType
from common.encryption import decrypt, encrypt
from common.models import TimestampedModel


class MightyCallOperator(TimestampedModel):
    """An operator's account in MightyCall. ``login`` is the extension there; the password is stored
    encrypted."""

    login = models.CharField(_("login in MightyCall"), max_length=64, unique=True)
    password = models.CharField(_("encrypted password"), max_length=256)
    operator = models.OneToOneField(
        "security.Operator", models.CASCADE, related_name="+", verbose_name=_("operator")
    )
    event_cursor = models.CharField(max_length=255, default="", db_default="", editable=False)

    class Meta:
        db_table = "tm$mightycall_operators"
        verbose_name = _("MightyCall account")
        verbose_name_plural = _("MightyCall accounts")

    def __str__(self) -> str:
        return self.login

    def set_password(self, plain: str) -> None:
        self.password = encrypt(plain)

    def plain_password(self) -> str:
        return decrypt(self.password)


class MightyCallActiveOperator(TimestampedModel):
    """An operator who is logged in here (table 8): the truth about whose events are polled.

    The row's own key is the external id of the session, so opening is told again and again and
    happens once. ``session_id`` is empty until MightyCall opened the session; ``asked`` says that
    it may have, though it never answered. ``ready`` is what the operator wants, ``told_ready`` what
    MightyCall was last told; where they differ, it is told.
    """

    operator = models.OneToOneField(
        "security.Operator", models.CASCADE, related_name="+", verbose_name=_("operator")
    )
    session_id = models.CharField(max_length=128, default="", db_default="")
    ready = models.BooleanField(_("ready"), default=True, db_default=True)
    desired_revision = models.IntegerField(default=1, db_default=1, editable=False)
    confirmed_revision = models.IntegerField(default=0, db_default=0, editable=False)
    open_requested = models.BooleanField(default=False, db_default=False, editable=False)
    next_try_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=255, default="", db_default="")

    class Meta:
        db_table = "tm$mightycall_active_operators"
        verbose_name = _("operator on line")
        verbose_name_plural = _("operators on line")


class MightyCallEndedSession(TimestampedModel):
    """A session whose operator is gone, until MightyCall has heard of it.

    Without ``session_id`` its opening was asked for and never answered: it is known by
    ``external_session_id`` only.
    """

    operator = models.ForeignKey("security.Operator", models.CASCADE, related_name="+")
    extension = models.CharField(max_length=64)
    external_session_id = models.CharField(max_length=64)
    session_id = models.CharField(max_length=128, default="", db_default="")

    class Meta:
        db_table = "tm$mightycall_ended_sessions"
        verbose_name = _("ended session")
        verbose_name_plural = _("ended sessions")


class MightyCallTask(TimestampedModel):
    """A request of the engine to MightyCall's queue: the row is the message.

    ``sender`` is the slot of the sender that has taken the row. ``next_try_at`` of a row that is
    sent: when to ask what became of it; of an ADD that is done: when to ask whether its call has
    ended. ``undoes`` is the ADD that a DELETE takes back. ``ended_at``, of an ADD: nothing more
    will come of it.
    """

    task_type = models.CharField(_("type"), max_length=16, choices=QueueTaskType)
    task_state = models.CharField(
        _("state"),
        max_length=16,
        choices=QueueTaskState,
        default=QueueTaskState.NEW,
        db_default=QueueTaskState.NEW,
    )
    campaign_task = models.ForeignKey(
        "campaigns.CampaignTask", models.PROTECT, related_name="+", verbose_name=_("campaign task")
    )
    campaign_id = models.BigIntegerField(_("campaign"))
    phone = models.CharField(_("phone"), max_length=15)
    priority = models.SmallIntegerField(_("priority"), default=0, db_default=0)
    expires_at = models.DateTimeField(_("expires"), null=True)
    next_try_at = models.DateTimeField(_("next try"), null=True)
    answer = models.CharField(_("answer"), max_length=64, default="", db_default="")
    sender = models.SmallIntegerField(null=True, editable=False)
    undoes = models.ForeignKey(
        "self", models.CASCADE, null=True, related_name="+", editable=False, db_index=False
    )
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        db_table = "tm$mightycall_tasks"
        verbose_name = _("MightyCall task")
        verbose_name_plural = _("MightyCall tasks")
        constraints = [
            models.UniqueConstraint(
                name="one_new_mightycall_task_of_a_type",
                fields=["campaign_task", "task_type"],
                condition=Q(task_state=QueueTaskState.NEW),
            ),
            models.CheckConstraint(
                name="mightycall_task_type_is_known",
                condition=Q(task_type__in=QueueTaskType.values),
            ),
            models.CheckConstraint(
                name="mightycall_task_state_is_known",
                condition=Q(task_state__in=QueueTaskState.values),
            ),
        ]
        indexes = [
            models.Index(
                name="mightycall_task_unfinished",
                fields=["task_state", "id"],
                condition=~Q(task_state=QueueTaskState.DONE),
            ),
            # calls whose end has not been told
            models.Index(
                name="mightycall_call_end_awaited",
                fields=["next_try_at"],
                condition=Q(
                    task_type=QueueTaskType.ADD,
                    task_state=QueueTaskState.DONE,
                    ended_at__isnull=True,
                ),
            ),
        ]


class MightyCallEvent(TimestampedModel):
    """An event that was taken, so that it is taken once. Personal data is not kept."""

    event_id = models.CharField(_("event"), max_length=128, unique=True)
    kind = models.CharField(_("kind"), max_length=64)

    class Meta:
        db_table = "tm$mightycall_events"
        verbose_name = _("MightyCall event")
        verbose_name_plural = _("MightyCall events")


class MightyCallCursor(TimestampedModel):
    """How far a stream of events that belongs to no operator was read."""

    name = models.CharField(max_length=64, unique=True)
    cursor = models.CharField(max_length=255, default="", db_default="")

    class Meta:
        db_table = "tm$mightycall_cursors"
        verbose_name = _("MightyCall cursor")
        verbose_name_plural = _("MightyCall cursors")
