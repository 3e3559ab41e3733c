"""What the workplace itself remembers: prepared client cards, and what each operator has yet to
see."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import TimestampedModel


class ClientCard(TimestampedModel):
    """The card of one communication, prepared when its call started. ``card`` is the body that
    ``getClientCard`` serves."""

    communication = models.OneToOneField(
        "campaigns.Communication", models.CASCADE, related_name="+"
    )
    card = models.JSONField(_("card"))

    class Meta:
        db_table = "tm$client_cards"
        verbose_name = _("client card")
        verbose_name_plural = _("client cards")


class Workplace(TimestampedModel):
    """What an operator has yet to see: the list of cards for rework changed and was not fetched
    since."""

    operator = models.OneToOneField("security.Operator", models.CASCADE, related_name="+")
    rework_list_changed = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "tm$workplaces"
        verbose_name = _("workplace")
        verbose_name_plural = _("workplaces")
