"""The states of a verdict."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VerdictState(models.TextChoices):
    """What a cascade says of an application. PASSED and STOPPED are final."""

    PASSED = "PASSED", _("passed")  # it passed every filter, and its client became a candidate
    STOPPED = "STOPPED", _("stopped")  # a filter stopped it: the verdict names it and the reason
    # a service does not answer, or the cascade's settings cannot be read; it is tried again
    WAITING = "WAITING", _("waiting")
