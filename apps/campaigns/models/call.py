"""Tables of calls, as telephony reports them, and of communications with their results."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models.campaign import Disposition
from apps.campaigns.models.order import CallOrder
from apps.campaigns.models.task import CampaignTask
from apps.campaigns.states import CommunicationState
from apps.campaigns.types import HungUpBy, SystemDisposition
from common.models import TimestampedModel, one_of


class Communication(TimestampedModel):
    """One call of one operator to one client, and its result [source table 4]."""

    state = models.CharField(
        _("state"),
        max_length=32,
        choices=CommunicationState,
        default=CommunicationState.NEW,
        db_default=CommunicationState.NEW,
    )
    # what the operator filled in; texts of the campaign's form, ``callback_at`` only for CALLBACK:
    # {"reason": "No document at hand", "result": "Call back", "comment": "after work",
    #  "callback_at": "2026-11-19T15:00:00+00:00"}
    result_details = models.JSONField(_("result"), default=dict)
    campaign_task = models.ForeignKey(
        CampaignTask, models.PROTECT, related_name="communications", verbose_name=_("task")
    )
    operator = models.ForeignKey(
        "security.Operator", models.PROTECT, related_name="+", verbose_name=_("operator")
    )
    # PROTECT keeps saved results readable: a chosen disposition is switched off, never deleted
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
    # the moment of the first saving: a correction leaves it as it is
    fixed_at = models.DateTimeField(_("result saved"), null=True)
    # 1, and one more with each correction; earlier versions are rows of ``tm$result_versions``
    result_version = models.PositiveSmallIntegerField(
        _("version of the result"), default=1, db_default=1
    )

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
            models.Index(name="communication_of_operator", fields=["operator", "-started_at"]),
            models.Index(name="communication_of_phone", fields=["phone", "-started_at"]),
            models.Index(name="communication_by_time", fields=["wtime"]),
            models.Index(name="communication_in_order", fields=["started_at", "id"]),
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"


class ResultVersion(TimestampedModel):
    """A saved result as it stood before a correction, and who corrected it, when and why. Rows are
    never changed."""

    communication = models.ForeignKey(
        Communication, models.PROTECT, related_name="versions", db_index=False
    )
    version = models.PositiveSmallIntegerField(_("version"))
    disposition = models.ForeignKey(
        Disposition,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("disposition"),
    )
    # as ``Communication.result_details``; the example stands there
    result_details = models.JSONField(_("result"))
    corrected_at = models.DateTimeField(_("corrected"))
    corrected_by = models.ForeignKey(
        "security.Operator",
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("corrected by"),
    )
    # what a senior operator gave as the reason; operators correct their own without one
    why = models.CharField(_("why"), max_length=255, default="", db_default="")

    class Meta:
        db_table = "tm$result_versions"
        verbose_name = _("earlier result")
        verbose_name_plural = _("earlier results")
        constraints = [
            models.UniqueConstraint(
                name="one_row_per_version_of_a_result", fields=["communication", "version"]
            ),
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"


class Call(TimestampedModel):
    """One telephone call made for a call order, as telephony reported it.

    Its times only fill up; nothing in it moves backwards.
    """

    call_key = models.CharField(_("call in telephony"), max_length=128, unique=True)
    order = models.ForeignKey(
        CallOrder, models.PROTECT, related_name="calls", verbose_name=_("call order")
    )
    communication = models.OneToOneField(
        Communication, models.PROTECT, null=True, related_name="call"
    )
    operator = models.ForeignKey(
        "security.Operator", models.PROTECT, null=True, related_name="+", db_index=False
    )
    dialled_at = models.DateTimeField(_("dialled"), null=True)
    ringing_at = models.DateTimeField(_("ringing"), null=True)
    connected_at = models.DateTimeField(_("connected"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    system_disposition = models.CharField(
        _("outcome"), max_length=32, choices=SystemDisposition, null=True
    )
    hung_up_by = models.CharField(_("hung up by"), max_length=16, choices=HungUpBy, null=True)
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
                | one_of("system_disposition", SystemDisposition),
            ),
            models.CheckConstraint(
                name="call_ender_is_known",
                condition=Q(hung_up_by__isnull=True) | one_of("hung_up_by", HungUpBy),
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
            models.Index(name="call_in_order", fields=["wtime", "id"]),
            # columns that change with updates which write to other indexes anyway
            models.Index(
                Coalesce("dialled_at", "ended_at", "wtime"),
                name="call_unreached_by_moment",
                condition=Q(communication__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"
