"""What the workplace itself stores: prepared client cards, and what each operator has not seen
yet."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import TimestampedModel


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


class Workplace(TimestampedModel):
    """Whether an operator's list of cards for rework has changed since it was last fetched."""

    operator = models.OneToOneField("security.Operator", models.CASCADE, related_name="+")
    rework_list_changed = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "tm$workplaces"
        verbose_name = _("workplace")
        verbose_name_plural = _("workplaces")
