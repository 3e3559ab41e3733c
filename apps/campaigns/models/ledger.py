"""Tables of the ledger of decisions and of the do-not-call list."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.types import DecisionVerdict, Step
from common.models import TimestampedModel, one_of


class DoNotCallEntry(TimestampedModel):
    """A phone that no campaign may call any more; ``wtime`` says since when."""

    phone = models.CharField(_("phone"), max_length=15, unique=True)
    reason = models.CharField(_("reason"), max_length=255)
    # the conversation whose result put the phone here, NULL: something else did
    communication = models.ForeignKey(
        "campaigns.Communication",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("communication"),
    )
    # redials that were dropped, by task: {"17": "2026-11-19T15:00:00+00:00"}
    dropped_redials = models.JSONField(_("dropped redials"), default=dict, db_default={})

    class Meta:
        db_table = "tm$do_not_call"
        verbose_name = _("do-not-call entry")
        verbose_name_plural = _("do-not-call list")


class Decision(TimestampedModel):
    """The ledger: one row for every decision about a client. It is written in the transaction of
    the decision and never changed.

    It has no foreign keys: every layer can write it, and a row outlives what it is about.
    ``wtime`` is the moment of the decision.
    """

    step = models.CharField(_("step"), max_length=32, choices=Step)
    verdict = models.CharField(_("verdict"), max_length=16, choices=DecisionVerdict)
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
                condition=one_of("step", Step),
            ),
            models.CheckConstraint(
                name="decision_verdict_is_known",
                condition=one_of("verdict", DecisionVerdict),
            ),
        ]
        indexes = [
            models.Index(name="decision_of_phone", fields=["phone"]),
            models.Index(name="decision_in_order", fields=["wtime", "id"]),
            models.Index(
                name="decision_of_source", fields=["source_key"], condition=~Q(source_key="")
            ),
        ]
