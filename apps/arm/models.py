"""What the workplace itself stores: prepared client cards, what each operator has not seen yet, and
what each was doing when."""

from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from apps.arm.types import PeriodState
from common.models import TimestampedModel, one_of


class ClientCard(TimestampedModel):
    """The card of one communication, as it was prepared when its call started."""

    communication = models.OneToOneField(
        "campaigns.Communication", models.CASCADE, related_name="+"
    )
    # apps.arm.types.PreparedCard: moments in ISO 8601, amounts in kopecks, no key for None. E.g.
    # {"client": {"phone": "79963802789", "name_ru": {"first": "Иван", "last": "Иванов",
    #             "middle": ""}, "citizenship": "Россия", "born_on": "1995-05-12", "age": 31},
    #  "products": [{"kind": "LOAN", "number": "34697463", "started_at": "2026-11-01T09:45:00Z",
    #                "ended_at": "2026-11-22T09:45:00Z", "term": 21, "grace": 0, "current": true,
    #                "status": {"key": "received", "value": "Получен"}, "documents": [], ...}],
    #  "offers": [{"code": "A", "name": "До зарплаты", "min_amount": 100000, ...}],
    #  "history": [{"id": 7, "phone": "79963802789", "started_at": "2026-10-01T09:45:00Z",
    #               "campaign_name": "Доведи до займа", "campaign_description": "",
    #               "operator": {"first_name": "Елена", "last_name": "Петрова"},
    #               "result": {"reason": "", "result": "Заполнит позже", "comment": ""},
    #               ...}],
    #  "unavailable": ["offers"], "person_check": {"status": "DIFFERENT", "differs": ["name"]},
    #  "script": "Добрый день, ..."}
    card = models.JSONField(_("card"))
    # while parts are missing: when the services are asked again, and how often they were
    next_try_at = models.DateTimeField(null=True, editable=False)
    tries = models.SmallIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        db_table = "tm$client_cards"
        verbose_name = _("client card")
        verbose_name_plural = _("client cards")
        indexes = [
            models.Index(
                name="client_card_incomplete",
                fields=["next_try_at"],
                condition=Q(next_try_at__isnull=False),
            )
        ]


class BreakReason(TimestampedModel):
    """A reason for a break, from the dictionary that senior operators keep. One that was used is
    switched off and never deleted, so that what lies behind us stays readable.

    ``suggested_minutes``: how long such a break usually is; None: nobody says.
    """

    title = models.CharField(_("title"), max_length=64, unique=True)
    position = models.SmallIntegerField(_("order"), default=0, db_default=0)
    active = models.BooleanField(_("can be chosen"), default=True, db_default=True)
    suggested_minutes = models.PositiveSmallIntegerField(
        _("suggested minutes"), null=True, blank=True
    )

    class Meta:
        db_table = "tm$break_reasons"
        verbose_name = _("break reason")
        verbose_name_plural = _("break reasons")

    def __str__(self) -> str:
        return self.title


class Workplace(TimestampedModel):
    """What the workplace keeps of an operator.

    - ``rework_list_changed``: the list of cards for rework has changed since it was last fetched.
    - ``break_reason``: of the break that the operator has, or asked for last.
    """

    operator = models.OneToOneField("security.Operator", models.CASCADE, related_name="+")
    rework_list_changed = models.BooleanField(default=False, db_default=False)
    break_reason = models.ForeignKey(
        BreakReason, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        db_table = "tm$workplaces"
        verbose_name = _("workplace")
        verbose_name_plural = _("workplaces")


class StatePeriod(TimestampedModel):
    """How long an operator was in a state. The periods of one operator follow each other without a
    gap, and the last one is open.

    The open row stays the same one: when the state changes, what it said becomes a closed row, and
    it says what is new. So its lock puts all who record the operator's state into a row.
    """

    operator = models.ForeignKey(
        "security.Operator", models.CASCADE, related_name="+", db_index=False
    )
    state = models.CharField(max_length=16, choices=PeriodState)
    break_reason = models.ForeignKey(
        BreakReason, models.PROTECT, null=True, related_name="+", db_index=False
    )
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tm$state_periods"
        verbose_name = _("period in a state")
        verbose_name_plural = _("periods in states")
        constraints = [
            models.UniqueConstraint(
                name="one_open_period_per_operator",
                fields=["operator"],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="period_state_is_known", condition=one_of("state", PeriodState)
            ),
            models.CheckConstraint(
                name="period_ends_after_it_begins",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gt=F("began_at")),
            ),
            models.CheckConstraint(
                name="only_breaks_have_a_reason",
                condition=Q(break_reason__isnull=True) | Q(state=PeriodState.BREAK),
            ),
        ]
        indexes = [
            models.Index(name="period_of_operator", fields=["operator", "ended_at"]),
            # a period that is long lies in many days: the index of its beginning misses it
            GistIndex(
                Func(
                    "began_at", "ended_at", function="tstzrange", output_field=DateTimeRangeField()
                ),
                name="period_by_time",
            ),
            models.Index(
                name="period_with_reason",
                fields=["break_reason"],
                condition=Q(break_reason__isnull=False),
            ),
        ]
