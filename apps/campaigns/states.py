"""The states of the engine's rows and the one table of legal moves (tables 3 and 4)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Domain(models.TextChoices):
    LOANS = "LOANS", _("loans")


class TaskType(models.TextChoices):
    PHONE_MIGHTYCALL = "PHONE_MIGHTYCALL", _("call through MightyCall")


class TaskState(models.TextChoices):
    NEW = "NEW", _("new")
    IN_PROGRESS = "IN_PROGRESS", _("in progress")
    DONE = "DONE", _("done")


class TaskOutcome(models.TextChoices):
    """Why a task is DONE."""

    CALLED = "CALLED", _("called")
    NOT_REACHED = "NOT_REACHED", _("not reached")
    SUPERSEDED = "SUPERSEDED", _("superseded by a newer application")
    EXHAUSTED = "EXHAUSTED", _("attempts exhausted")
    FORBIDDEN = "FORBIDDEN", _("call forbidden")


class CommunicationState(models.TextChoices):
    NEW = "NEW", _("new")
    DRAFT = "DRAFT", _("draft")
    FIXED = "FIXED", _("saved")


UNFINISHED = (TaskState.NEW, TaskState.IN_PROGRESS)

LEGAL_MOVES: frozenset[tuple[TaskState, TaskState]] = frozenset(
    {
        (TaskState.NEW, TaskState.IN_PROGRESS),  # handed to telephony
        (TaskState.NEW, TaskState.DONE),  # superseded, cancelled, forbidden before it was called
        (TaskState.IN_PROGRESS, TaskState.DONE),  # called, not reached, cancelled
        (TaskState.IN_PROGRESS, TaskState.NEW),  # telephony never reported back
        (TaskState.DONE, TaskState.NEW),  # a redial falls due
    }
)
