"""Tables of the MightyCall adapter: accounts, sessions, requests to the queue, events
[source tables 7 to 9].
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.telephony.states import QueueTaskState, QueueTaskType
from common.encryption import encrypt
from common.models import TimestampedModel

# of a MightyCallTask: MightyCall has the call in its queue, or had it, and no end is known
CALL_END_AWAITED = Q(
    task_type=QueueTaskType.ADD, task_state=QueueTaskState.DONE, ended_at__isnull=True
)
# of a MightyCallActiveOperator: MightyCall does not know its present state
UNCONFIRMED = Q(session_id="") | ~Q(desired_revision=F("confirmed_revision"))


class MightyCallOperator(TimestampedModel):
    """An operator's account in MightyCall [source table 7]. ``login`` is the extension there.

    - ``event_cursor``: how far the operator's event feed has been read; empty: not at all.
    - ``feed_failures``: how often in a row the feed could not be read. ``next_poll_at``: not before
      this moment, after a failure.
    """

    login = models.CharField(_("login in MightyCall"), max_length=64, unique=True)
    password = models.CharField(_("encrypted password"), max_length=256)
    operator = models.OneToOneField(
        "security.Operator", models.CASCADE, related_name="+", verbose_name=_("operator")
    )
    event_cursor = models.CharField(max_length=255, default="", db_default="", editable=False)
    feed_failures = models.SmallIntegerField(default=0, db_default=0, editable=False)
    next_poll_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "tm$mightycall_operators"
        verbose_name = _("MightyCall account")
        verbose_name_plural = _("MightyCall accounts")

    def __str__(self) -> str:
        return self.login

    def set_password(self, plain: str) -> None:
        """Keep the password encrypted. Does not save the row."""
        self.password = encrypt(plain)


class MightyCallActiveOperator(TimestampedModel):
    """An operator who is logged in here [source table 8]. The rows are the truth about who is on
    line; MightyCall's state is brought in line with them.

    The key of the row is the external id of the session in MightyCall: opening it again gives the
    same session.

    - ``session_id``: MightyCall's id of the session. Empty until it is open.
    - ``open_requested``: MightyCall may have opened a session, although it never answered.
    - ``ready``: the operator takes calls, or has a break.
    - ``desired_revision`` grows with every change that MightyCall must know of.
    - ``confirmed_revision``: the last one that it has confirmed. While the two differ, the present
      state is sent.
    - ``next_try_at``: not before this moment, after an error; ``last_error`` is its text.
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
        indexes = [
            models.Index(name="mightycall_session", fields=["session_id"]),
            models.Index(name="mightycall_unconfirmed", fields=["id"], condition=UNCONFIRMED),
        ]


class MightyCallEndedSession(TimestampedModel):
    """A session whose operator is gone. The row is deleted when MightyCall has closed the session.

    Without ``session_id`` its opening was requested and never answered: MightyCall may have it
    under ``external_session_id``.
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
    """A request of the engine to MightyCall's queue [source table 9]. The row is the message.

    - ``sender``: the slot of the sender that has taken the row.
    - ``next_try_at`` of a row IN_PROGRESS: when to look up whether it reached MightyCall. Of an ADD
      that is DONE: when to look up whether its call has ended.
    - ``answer``: MightyCall's state or error code, or ours for what was not sent.
    - ``order``: the call order that an ADD queues and a DELETE removes; its id is the external id
      in MightyCall.
    - ``ended_at``, of an ADD: nothing more will come of it.
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
    order = models.ForeignKey(
        "campaigns.CallOrder",
        models.PROTECT,
        related_name="+",
        verbose_name=_("call order"),
        db_index=False,
    )
    campaign_id = models.BigIntegerField(_("campaign"))
    phone = models.CharField(_("phone"), max_length=15)
    priority = models.SmallIntegerField(_("priority"), default=0, db_default=0)
    expires_at = models.DateTimeField(_("expires"), null=True)
    next_try_at = models.DateTimeField(_("next try"), null=True)
    answer = models.CharField(_("answer"), max_length=64, default="", db_default="")
    sender = models.SmallIntegerField(null=True, editable=False)
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
            models.UniqueConstraint(
                name="one_mightycall_task_of_a_type_for_an_order", fields=["order", "task_type"]
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
            models.Index(
                name="mightycall_call_end_awaited",
                fields=["next_try_at"],
                condition=CALL_END_AWAITED,
            ),
        ]


class MightyCallEvent(TimestampedModel):
    """An event that has been applied, so that it is not applied twice. Only its id and kind are
    kept: no personal data.
    """

    event_id = models.CharField(_("event"), max_length=128, unique=True)
    kind = models.CharField(_("kind"), max_length=64)

    class Meta:
        db_table = "tm$mightycall_events"
        verbose_name = _("MightyCall event")
        verbose_name_plural = _("MightyCall events")
        indexes = [models.Index(name="mightycall_event_age", fields=["wtime"])]


class MightyCallRejectedEvent(TimestampedModel):
    """An event that could not be applied, kept to be tried again. Its error stands in
    ``tm$attention_items`` under the same key.
    """

    event_id = models.CharField(_("event"), max_length=128, unique=True)
    # apps.campaigns.types.CallEvent, without personal data; null: it could not even be read. E.g.
    # {"kind": "ENDED", "order_id": 17, "at": "2026-11-01T09:45:00Z", "call_key": "c-1",
    #  "operator_id": 5, "system_disposition": "CONNECTED", "hung_up_by": "CLIENT", "cause": "",
    #  "recording": ""}
    event = models.JSONField(null=True)

    class Meta:
        db_table = "tm$mightycall_rejected_events"
        verbose_name = _("rejected event")
        verbose_name_plural = _("rejected events")


class MightyCallCursor(TimestampedModel):
    """How far an event feed that belongs to no operator has been read. ``failing``: its last
    request failed.
    """

    name = models.CharField(max_length=64, unique=True)
    cursor = models.CharField(max_length=255, default="", db_default="")
    failing = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "tm$mightycall_cursors"
        verbose_name = _("MightyCall cursor")
        verbose_name_plural = _("MightyCall cursors")
