"""The states of a verdict."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VerdictState(models.TextChoices):
    PASSED = "PASSED", _("passed")
    STOPPED = "STOPPED", _("stopped")
    WAITING = "WAITING", _("waiting")
