"""Tables of campaigns, with their dispositions, reasons and redial rules."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.states import Domain
from apps.campaigns.time_zones import ZONE_NAMES, ZONES
from apps.campaigns.types import Meaning, SystemDisposition
from common.models import TimestampedModel, one_of

MAX_ATTEMPTS_CEILING = 50


class Campaign(TimestampedModel):
    """A reason to call clients: when, how often, in what order, and what the operator says."""

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


class Disposition(TimestampedModel):
    """A result of a conversation as the operator's form offers it, and what follows from it."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="dispositions")
    result = models.CharField(_("result"), max_length=128)
    meaning = models.CharField(_("meaning"), max_length=32, choices=Meaning)
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
                condition=one_of("meaning", Meaning),
            ),
            models.CheckConstraint(
                name="redial_has_a_block_time",
                condition=~Q(meaning=Meaning.REDIAL) | Q(block_minutes__gt=0),
                violation_error_message=_("To call again, give a block time of at least a minute."),
            ),
        ]

    def __str__(self) -> str:
        return self.result


class DispositionReason(TimestampedModel):
    """A reason that the operator's form offers in addition to the result."""

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


class RedialRule(TimestampedModel):
    """When to call again after a call that reached nobody. Outcomes without a rule take the
    engine's default."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="redial_rules")
    system_disposition = models.CharField(
        _("outcome of the call"), max_length=32, choices=SystemDisposition
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
                condition=one_of("system_disposition", SystemDisposition),
            ),
        ]
