"""Campaigns, their tasks, the calls and communications made of them, and the ledger (tables 2 to
4)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.states import (
    UNFINISHED,
    CommunicationState,
    Domain,
    TaskOutcome,
    TaskState,
    TaskType,
)
from apps.campaigns.time_zones import ZONE_NAMES, ZONES
from apps.campaigns.types import (
    DecisionVerdict,
    HungUpBy,
    Meaning,
    Step,
    SystemDisposition,
)
from common.rows import Row

MAX_ATTEMPTS_CEILING = 50
MEANING_TITLES = [
    (Meaning.SUCCESS.value, _("success")),
    (Meaning.REDIAL.value, _("call again after the block time")),
    (Meaning.CALLBACK.value, _("call back at the time the client named")),
    (Meaning.REFUSED.value, _("refused")),
    (Meaning.NEVER_AGAIN.value, _("never call again")),
    (Meaning.WRONG_NUMBER.value, _("wrong number")),
]
SYSTEM_DISPOSITION_TITLES = [
    (SystemDisposition.CONNECTED.value, _("connected")),
    (SystemDisposition.BUSY.value, _("busy")),
    (SystemDisposition.NO_ANSWER.value, _("no answer")),
    (SystemDisposition.REJECTED.value, _("rejected")),
    (SystemDisposition.INVALID_NUMBER.value, _("invalid number")),
    (SystemDisposition.UNREACHABLE.value, _("unreachable")),
    (SystemDisposition.NETWORK_FAILURE.value, _("network failure")),
    (SystemDisposition.ANSWERING_MACHINE.value, _("answering machine")),
    (SystemDisposition.ABANDONED.value, _("answered, no operator was free")),
    (SystemDisposition.CANCELLED.value, _("cancelled")),
    (SystemDisposition.FAILED.value, _("failed")),
]


def one_of(field: str, values: list[str] | type[models.TextChoices]) -> Q:
    """The CHECK condition that keeps ``field`` within its enumeration."""
    known = values if isinstance(values, list) else values.values
    return Q(**{f"{field}__in": known})


class Campaign(Row):
    """A reason to call clients, with the hours, limits and words of these calls."""

    name = models.CharField(_("name"), max_length=64)
    domain = models.CharField(
        _("domain"), max_length=32, choices=Domain, default=Domain.LOANS, db_default=Domain.LOANS
    )
    description = models.CharField(
        _("advice to the operator"),
        max_length=256,
        null=True,
        blank=True,
        help_text=_("A short recommendation, shown on the client card."),
    )
    script = models.TextField(_("script"), blank=True, default="", db_default="")
    active = models.BooleanField(_("active"), default=False, db_default=False)
    priority = models.SmallIntegerField(
        _("priority"),
        default=0,
        db_default=0,
        help_text=_("Tasks of a campaign with a higher number are called first."),
    )
    time_zone = models.CharField(
        _("default time zone"),
        max_length=64,
        choices=ZONES,
        default="Europe/Moscow",
        db_default="Europe/Moscow",
    )
    weekday_from = models.TimeField(_("weekdays from"), default="09:00", db_default="09:00")
    weekday_till = models.TimeField(
        _("weekdays till"),
        default="20:00",
        db_default="20:00",
        help_text=_("00:00 is the end of the day."),
    )
    weekend_from = models.TimeField(_("weekends from"), default="10:00", db_default="10:00")
    weekend_till = models.TimeField(
        _("weekends till"),
        default="18:00",
        db_default="18:00",
        help_text=_("00:00 is the end of the day."),
    )
    max_attempts = models.PositiveSmallIntegerField(
        _("maximum of attempts"),
        default=3,
        db_default=3,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_ATTEMPTS_CEILING)],
    )
    min_in_flight = models.PositiveSmallIntegerField(
        _("least number of tasks in telephony"),
        default=5,
        db_default=5,
        help_text=_("The ceiling is three per operator on line, and at least this."),
    )

    class Meta:
        db_table = "tm$campaigns"
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                name="campaign_domain_is_known", condition=one_of("domain", Domain)
            ),
            models.CheckConstraint(
                name="campaign_allows_an_attempt", condition=Q(max_attempts__gte=1)
            ),
            models.CheckConstraint(
                name="campaign_time_zone_is_known", condition=one_of("time_zone", ZONE_NAMES)
            ),
            *(
                models.CheckConstraint(
                    name=f"{days}_window_opens_before_it_closes",
                    condition=Q(**{f"{days}_from__lte": F(f"{days}_till")})
                    | Q(**{f"{days}_till": "00:00"}),
                    violation_error_message=_("Calls cannot end before they begin."),
                )
                for days in ("weekday", "weekend")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Disposition(Row):
    """A result of a conversation as the operator's form offers it, and what follows from it."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="dispositions")
    result = models.CharField(_("result"), max_length=128)
    meaning = models.CharField(_("meaning"), max_length=32, choices=MEANING_TITLES)
    block_minutes = models.PositiveIntegerField(
        _("block time, minutes"),
        default=0,
        db_default=0,
        help_text=_("How long to wait before calling again; for results that ask for it."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0, db_default=0)
    active = models.BooleanField(_("offered"), default=True, db_default=True)

    class Meta:
        db_table = "tm$dispositions"
        verbose_name = _("disposition")
        verbose_name_plural = _("dispositions")
        constraints = [
            models.UniqueConstraint(
                name="one_disposition_per_result",
                fields=["campaign", "result"],
                violation_error_message=_("The campaign has this result already."),
            ),
            models.CheckConstraint(
                name="disposition_meaning_is_known",
                condition=one_of("meaning", [m.value for m in Meaning]),
            ),
            models.CheckConstraint(
                name="redial_has_a_block_time",
                condition=~Q(meaning=Meaning.REDIAL.value) | Q(block_minutes__gt=0),
                violation_error_message=_("To call again, give a block time of at least a minute."),
            ),
        ]

    def __str__(self) -> str:
        return self.result


class DispositionReason(Row):
    """A reason that the operator's form offers beside the result."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="reasons")
    text = models.CharField(_("reason"), max_length=128)
    position = models.PositiveSmallIntegerField(_("position"), default=0, db_default=0)
    active = models.BooleanField(_("offered"), default=True, db_default=True)

    class Meta:
        db_table = "tm$disposition_reasons"
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        constraints = [
            models.UniqueConstraint(name="one_reason_per_text", fields=["campaign", "text"]),
        ]

    def __str__(self) -> str:
        return self.text


class RedialRule(Row):
    """When to call again after a call that reached nobody; without a rule the engine's default
    holds."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="redial_rules")
    system_disposition = models.CharField(
        _("outcome of the call"), max_length=32, choices=SYSTEM_DISPOSITION_TITLES
    )
    delay_minutes = models.PositiveIntegerField(
        _("call again after, minutes"), help_text=_("0: do not call again.")
    )

    class Meta:
        db_table = "tm$redial_rules"
        verbose_name = _("redial rule")
        verbose_name_plural = _("redial rules")
        constraints = [
            models.UniqueConstraint(
                name="one_redial_rule_per_outcome", fields=["campaign", "system_disposition"]
            ),
            models.CheckConstraint(
                name="redial_outcome_is_known",
                condition=one_of("system_disposition", [d.value for d in SystemDisposition]),
            ),
        ]


class CampaignTask(Row):
    """One client to be called in one campaign.

    ``task_time`` is the earliest moment of the call. A DONE task with ``redial_at`` becomes NEW
    again at that moment.
    """

    phone = models.CharField(_("phone"), max_length=15)
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
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, db_default=0)
    handed_over_at = models.DateTimeField(_("handed to telephony"), null=True)
    redial_at = models.DateTimeField(_("call again at"), null=True)
    source_key = models.CharField(_("made from"), max_length=64, default="", db_default="")

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
            # the hand-over: due tasks of a campaign, oldest start first
            models.Index(
                name="task_due",
                fields=["campaign", "task_time", "id"],
                condition=Q(task_state=TaskState.NEW),
            ),
            # the ceiling and the search for tasks that telephony forgot
            models.Index(
                name="task_in_flight",
                fields=["campaign", "handed_over_at"],
                condition=Q(task_state=TaskState.IN_PROGRESS),
            ),
            models.Index(
                name="task_redial_due",
                fields=["redial_at"],
                condition=Q(redial_at__isnull=False),
            ),
            models.Index(name="task_of_phone", fields=["phone"]),
            models.Index(name="task_of_source", fields=["source_key"], condition=~Q(source_key="")),
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"


class TaskTransition(Row):
    """The trace of a task's move: when (``wtime``), from, to, why, by whom (NULL: the system
    itself)."""

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


class DeferredCandidate(Row):
    """A newer application of a client with whom an operator is talking: it becomes a task after the
    result."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="deferred", db_index=False)
    phone = models.CharField(_("phone"), max_length=15)
    client_info = models.JSONField(_("client information"))
    source_key = models.CharField(_("made from"), max_length=64)

    class Meta:
        db_table = "tm$deferred_candidates"
        verbose_name = _("deferred candidate")
        verbose_name_plural = _("deferred candidates")
        constraints = [
            models.UniqueConstraint(
                name="one_deferred_candidate_per_client", fields=["campaign", "phone"]
            ),
        ]


class Communication(Row):
    """One call of one operator to one client and its result (table 4).

    ``result_details`` holds what the operator filled in: ``reason``, ``result``, ``comment``,
    ``callback_at``.
    """

    state = models.CharField(
        _("state"),
        max_length=32,
        choices=CommunicationState,
        default=CommunicationState.NEW,
        db_default=CommunicationState.NEW,
    )
    result_details = models.JSONField(_("result"), default=dict)
    campaign_task = models.ForeignKey(
        CampaignTask, models.PROTECT, related_name="communications", verbose_name=_("task")
    )
    operator = models.ForeignKey(
        "security.Operator", models.PROTECT, related_name="+", verbose_name=_("operator")
    )
    # what was said stays said: a disposition that was chosen is no longer offered, never deleted
    disposition = models.ForeignKey(
        Disposition,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("disposition"),
    )
    phone = models.CharField(_("phone"), max_length=15)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    card_fetched_at = models.DateTimeField(_("card shown"), null=True)
    fixed_at = models.DateTimeField(_("result saved"), null=True)

    class Meta:
        db_table = "tm$communications"
        verbose_name = _("communication")
        verbose_name_plural = _("communications")
        constraints = [
            models.CheckConstraint(
                name="communication_state_is_known", condition=one_of("state", CommunicationState)
            ),
            models.UniqueConstraint(
                name="one_live_communication_per_operator",
                fields=["operator"],
                condition=Q(state=CommunicationState.NEW),
            ),
            models.CheckConstraint(
                name="communication_ends_after_it_starts",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
            ),
            models.CheckConstraint(
                name="only_fixed_communications_have_a_disposition",
                condition=Q(disposition__isnull=True) | Q(state=CommunicationState.FIXED),
            ),
        ]
        indexes = [
            models.Index(
                name="communication_unfinished",
                fields=["operator", "started_at"],
                condition=~Q(state=CommunicationState.FIXED) | Q(ended_at__isnull=True),
            ),
            models.Index(
                name="communication_result_awaited",
                fields=["ended_at"],
                condition=Q(state=CommunicationState.NEW, ended_at__isnull=False),
            ),
            models.Index(name="communication_of_phone", fields=["phone", "-started_at"]),
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"


class Call(Row):
    """One telephone call, as telephony told of it. Its times only fill up; nothing in it moves
    backwards."""

    call_key = models.CharField(_("call in telephony"), max_length=128, unique=True)
    campaign_task = models.ForeignKey(CampaignTask, models.PROTECT, related_name="calls")
    communication = models.OneToOneField(
        Communication, models.PROTECT, null=True, related_name="call"
    )
    operator = models.ForeignKey(
        "security.Operator", models.PROTECT, null=True, related_name="+", db_index=False
    )
    # the hand-over it was made for: its end says nothing about a later one
    handed_over_at = models.DateTimeField(_("handed to telephony"), null=True)
    dialled_at = models.DateTimeField(_("dialled"), null=True)
    ringing_at = models.DateTimeField(_("ringing"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    connected_at = models.DateTimeField(_("connected"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    system_disposition = models.CharField(
        _("outcome"), max_length=32, choices=SYSTEM_DISPOSITION_TITLES, null=True
    )
    hung_up_by = models.CharField(
        _("hung up by"),
        max_length=16,
        null=True,
        choices=[
            (HungUpBy.CLIENT.value, _("client")),
            (HungUpBy.OPERATOR.value, _("operator")),
            (HungUpBy.SYSTEM.value, _("system")),
        ],
    )
    cause = models.CharField(_("cause"), max_length=64, default="", db_default="")
    recording = models.CharField(_("recording"), max_length=512, default="", db_default="")

    class Meta:
        db_table = "tm$calls"
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints = [
            models.CheckConstraint(
                name="call_outcome_is_known",
                condition=Q(system_disposition__isnull=True)
                | one_of("system_disposition", [d.value for d in SystemDisposition]),
            ),
            models.CheckConstraint(
                name="call_ender_is_known",
                condition=Q(hung_up_by__isnull=True)
                | one_of("hung_up_by", [who.value for who in HungUpBy]),
            ),
            models.CheckConstraint(
                name="ended_calls_have_an_outcome",
                condition=Q(ended_at__isnull=True) | Q(system_disposition__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="call_going_on",
                fields=["wtime"],
                condition=Q(ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"


class DoNotCallEntry(Row):
    """A phone that no campaign may call, and since when (``wtime``)."""

    phone = models.CharField(_("phone"), max_length=15, unique=True)
    reason = models.CharField(_("reason"), max_length=255)

    class Meta:
        db_table = "tm$do_not_call"
        verbose_name = _("do-not-call entry")
        verbose_name_plural = _("do-not-call list")


class Decision(Row):
    """The ledger: one row for every decision about a client, written with the decision and never
    changed.

    It points by value, so that every layer may write it and no row of it is lost with what it
    speaks of. ``wtime`` is when.
    """

    step = models.CharField(
        _("step"),
        max_length=32,
        choices=[
            (Step.FORMAT_CONTROL.value, _("format control")),
            (Step.FILTER.value, _("filter")),
            (Step.ENGINE.value, _("campaign engine")),
            (Step.CALLING_HOURS.value, _("calling hours")),
            (Step.DO_NOT_CALL.value, _("do-not-call list")),
            (Step.GUARD.value, _("check before the call")),
            (Step.TELEPHONY.value, _("telephony")),
            (Step.RESULT.value, _("result of the conversation")),
        ],
    )
    verdict = models.CharField(
        _("verdict"),
        max_length=16,
        choices=[
            (DecisionVerdict.PASSED.value, _("passed")),
            (DecisionVerdict.STOPPED.value, _("stopped")),
            (DecisionVerdict.WAITING.value, _("waiting")),
        ],
    )
    rule = models.CharField(_("rule"), max_length=64)
    reason = models.TextField(_("reason"))
    phone = models.CharField(_("phone"), max_length=15)
    source_key = models.CharField(_("about"), max_length=64, default="", db_default="")
    campaign_id = models.BigIntegerField(_("campaign"), null=True)
    task_id = models.BigIntegerField(_("task"), null=True)
    settings_version = models.IntegerField(_("version of the settings"), null=True)

    class Meta:
        db_table = "tm$decisions"
        verbose_name = _("decision")
        verbose_name_plural = _("ledger of decisions")
        constraints = [
            models.CheckConstraint(
                name="decision_step_is_known",
                condition=one_of("step", [step.value for step in Step]),
            ),
            models.CheckConstraint(
                name="decision_verdict_is_known",
                condition=one_of("verdict", [verdict.value for verdict in DecisionVerdict]),
            ),
        ]
        indexes = [
            models.Index(name="decision_of_phone", fields=["phone"]),
            models.Index(
                name="decision_of_source", fields=["source_key"], condition=~Q(source_key="")
            ),
        ]
