"""Types and states of requests to MightyCall's queue [source table 9]."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class QueueTaskType(models.TextChoices):
    """What a request asks of MightyCall."""

    ADD = "ADD", _("add")  # put the call into the queue
    DELETE = "DELETE", _("delete")  # remove the call of an earlier ADD from the queue


class QueueTaskState(models.TextChoices):
    """How far a request has come. It only moves forward."""

    NEW = "NEW", _("new")  # written; no sender has taken it
    IN_PROGRESS = "IN_PROGRESS", _("sent")  # a sender has taken it; the answer is not known yet
    DONE = "DONE", _("done")  # answered, or cancelled before it was sent
