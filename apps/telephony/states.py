"""The states of the MightyCall queue (table 9)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class QueueTaskType(models.TextChoices):
    ADD = "ADD", _("add")
    DELETE = "DELETE", _("delete")


class QueueTaskState(models.TextChoices):
    NEW = "NEW", _("new")
    IN_PROGRESS = "IN_PROGRESS", _("sent")
    DONE = "DONE", _("done")
