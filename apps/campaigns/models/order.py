"""Call orders: what is handed to telephony, one open order for a phone in the whole system."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models.campaign import Campaign
from apps.campaigns.models.task import CampaignTask
from apps.campaigns.states import LIVE_ORDER_STATES, DialMode, OrderEnding, OrderState
from common.models import TimestampedModel, one_of


class CallOrder(TimestampedModel):
    """One request to telephony to call one client, and what became of it.

    ``phone`` is the task's at the hand-over. The order is open until its call has ended and the
    result of the conversation is saved or drafted; a client with an open order is *engaged*, and
    there is no other definition of that. Telephony names the order in everything it reports.
    """

    task = models.ForeignKey(
        CampaignTask, models.PROTECT, related_name="orders", verbose_name=_("task")
    )
    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        related_name="+",
        verbose_name=_("campaign"),
        db_index=False,
    )
    phone = models.CharField(_("phone"), max_length=15)
    dial_mode = models.CharField(
        _("dial mode"),
        max_length=16,
        choices=DialMode,
        default=DialMode.QUEUE,
        db_default=DialMode.QUEUE,
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=OrderState,
        default=OrderState.QUEUED,
        db_default=OrderState.QUEUED,
    )
    handed_over_at = models.DateTimeField(_("handed to telephony"))
    expires_at = models.DateTimeField(_("expires"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    ending = models.CharField(_("how it ended"), max_length=16, choices=OrderEnding, null=True)
    is_attempt = models.BooleanField(_("counts as an attempt"), default=False, db_default=False)

    class Meta:
        db_table = "tm$call_orders"
        verbose_name = _("call order")
        verbose_name_plural = _("call orders")
        constraints = [
            models.UniqueConstraint(
                name="one_open_order_per_phone",
                fields=["phone"],
                condition=~Q(state=OrderState.CLOSED),
            ),
            models.CheckConstraint(
                name="order_dial_mode_is_known", condition=one_of("dial_mode", DialMode)
            ),
            models.CheckConstraint(
                name="order_state_is_known", condition=one_of("state", OrderState)
            ),
            models.CheckConstraint(
                name="order_ending_is_known",
                condition=Q(ending__isnull=True) | one_of("ending", OrderEnding),
            ),
            models.CheckConstraint(
                name="only_closed_orders_have_an_ending",
                condition=Q(state=OrderState.CLOSED, ending__isnull=False, ended_at__isnull=False)
                | (~Q(state=OrderState.CLOSED) & Q(ending__isnull=True)),
            ),
            models.CheckConstraint(
                name="order_expires_after_hand_over",
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("handed_over_at")),
            ),
        ]
        indexes = [
            models.Index(
                name="order_of_campaign_open",
                fields=["campaign", "handed_over_at"],
                condition=~Q(state=OrderState.CLOSED),
            ),
            models.Index(
                name="order_live",
                fields=["phone"],
                condition=Q(state__in=LIVE_ORDER_STATES),
            ),
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"
