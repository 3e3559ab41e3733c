"""What needs a person's attention: items that could not be handled, each with its error."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.campaigns.states import AttentionKind
from common.models import TimestampedModel, one_of


class AttentionItem(TimestampedModel):
    """One item of many that raised an unexpected error and was set aside, so that the others go on.

    It is tried again at ``next_try_at``, with growing pauses; a person may release it to be tried
    at once. ``error`` is the kind of the error and where in our code it was raised, without values.
    """

    kind = models.CharField(_("kind"), max_length=32, choices=AttentionKind)
    # the item's key within its kind, e.g. the id of a campaign task
    key = models.CharField(_("item"), max_length=128)
    error = models.CharField(_("error"), max_length=255)
    tries = models.PositiveIntegerField(_("tries"), default=1, db_default=1)
    next_try_at = models.DateTimeField(_("next try"))

    class Meta:
        db_table = "tm$attention_items"
        verbose_name = _("item that needs attention")
        verbose_name_plural = _("needs attention")
        constraints = [
            models.UniqueConstraint(name="one_attention_item_per_key", fields=["kind", "key"]),
            models.CheckConstraint(
                name="attention_kind_is_known", condition=one_of("kind", AttentionKind)
            ),
            models.CheckConstraint(name="attention_item_was_tried", condition=Q(tries__gte=1)),
        ]
        indexes = [models.Index(name="attention_due", fields=["kind", "next_try_at"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key}"
