"""States of tasks and communications, and the one table of legal moves [source tables 3 and 4]."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Domain(models.TextChoices):
    """The business whose clients a campaign calls."""

    # clients who applied for a loan
    LOANS = "LOANS", _("loans")


class TaskType(models.TextChoices):
    """How the client of a task is reached."""

    # a telephone call that MightyCall makes
    PHONE_MIGHTYCALL = "PHONE_MIGHTYCALL", _("call through MightyCall")


class TaskState(models.TextChoices):
    """How far a task has come."""

    # it waits for its time and for a free operator
    NEW = "NEW", _("new")
    # telephony has the order; the call may be going on
    IN_PROGRESS = "IN_PROGRESS", _("in progress")
    # nothing is left to do, unless ``redial_at`` makes it NEW again
    DONE = "DONE", _("done")


class TaskOutcome(models.TextChoices):
    """Why a task is DONE."""

    # an operator talked with the client
    CALLED = "CALLED", _("called")
    # nobody was reached; a redial may be planned
    NOT_REACHED = "NOT_REACHED", _("not reached")
    # a newer candidate of the same client took its place
    SUPERSEDED = "SUPERSEDED", _("superseded by a newer application")
    # another call is due, but the campaign allows no more attempts
    EXHAUSTED = "EXHAUSTED", _("attempts exhausted")
    # the do-not-call list or the domain's check forbids the call
    FORBIDDEN = "FORBIDDEN", _("call forbidden")
    # a newer snapshot of the application was stopped, or has another phone
    WITHDRAWN = "WITHDRAWN", _("withdrawn, the application has changed")
    # a person cancelled it in the back office, and can put it back
    CANCELLED = "CANCELLED", _("cancelled by hand")


class TaskPriority(models.IntegerChoices):
    """Which of a campaign's due tasks are called first; those of one priority by their time."""

    HIGH = 1, _("high")
    NORMAL = 0, _("normal")
    LOW = -1, _("low")


class DialMode(models.TextChoices):
    """Who starts the call of an order."""

    # telephony's own queue dials and connects a free operator
    QUEUE = "QUEUE", _("telephony's queue")


class OrderState(models.TextChoices):
    """How far a call order has come; it is open until it is CLOSED."""

    # handed to telephony, not dialled as far as we know
    QUEUED = "QUEUED", _("in telephony's queue")
    # telephony was asked to remove it and has not confirmed
    WITHDRAWING = "WITHDRAWING", _("being withdrawn")
    # it is dialled, it rings, or the client and an operator talk
    CALLING = "CALLING", _("calling")
    # the conversation has ended, its result is neither saved nor drafted
    RESULT_DUE = "RESULT_DUE", _("result is due")
    # nothing more will come of it
    CLOSED = "CLOSED", _("closed")


class OrderEnding(models.TextChoices):
    """How a closed order ended."""

    # client and operator talked, and the result is saved or drafted
    CONVERSATION = "CONVERSATION", _("conversation")
    # the call ended without a conversation
    NOT_REACHED = "NOT_REACHED", _("nobody was reached")
    # telephony refused to queue it
    REJECTED = "REJECTED", _("rejected by telephony")
    # removed from telephony's queue at our request, or unknown there
    WITHDRAWN = "WITHDRAWN", _("withdrawn")
    # the calling hours ended before it was dialled
    EXPIRED = "EXPIRED", _("expired")
    # telephony knows nothing of it any more
    LOST = "LOST", _("lost by telephony")


# a call that is never cut, and holds back a newer application of the client
LIVE_ORDER_STATES = (OrderState.CALLING, OrderState.RESULT_DUE)


class AttentionKind(models.TextChoices):
    """What kind of item was set aside because handling it raised an unexpected error."""

    # a campaign whose hand-over raised
    CAMPAIGN = "CAMPAIGN", _("campaign")
    # a task that the check before the call could not handle
    CAMPAIGN_TASK = "CAMPAIGN_TASK", _("campaign task")
    # an event of telephony that cannot be applied
    CALL_EVENT = "CALL_EVENT", _("event of telephony")
    # an event feed of telephony that cannot be read
    EVENT_FEED = "EVENT_FEED", _("event feed of telephony")
    # a client card of which a part cannot be made
    CLIENT_CARD = "CLIENT_CARD", _("client card")
    # an application that a cascade cannot judge
    VERDICT = "VERDICT", _("verdict")
    # a batch of applications that cannot be judged as a whole
    JUDGEMENT_BATCH = "JUDGEMENT_BATCH", _("batch of applications")
    # an entry of the do-not-call list that BlackList does not take
    DO_NOT_CALL_ENTRY = "DO_NOT_CALL_ENTRY", _("entry of the do-not-call list")
    # a data stream whose description or folder is wrong
    DATA_STREAM = "DATA_STREAM", _("data stream")


class CommunicationState(models.TextChoices):
    """How far the result of a conversation has come."""

    # the conversation goes on, or the operator still has time to save its result
    NEW = "NEW", _("new")
    # the time for the result passed, or the operator saved a part of it: a card for rework
    DRAFT = "DRAFT", _("draft")
    # the result is saved and does not change any more
    FIXED = "FIXED", _("saved")


UNFINISHED = (TaskState.NEW, TaskState.IN_PROGRESS)

LEGAL_MOVES: frozenset[tuple[TaskState, TaskState]] = frozenset(
    {
        (TaskState.NEW, TaskState.IN_PROGRESS),  # handed to telephony
        (
            TaskState.NEW,
            TaskState.DONE,
        ),  # superseded or forbidden before the call; or called after all
        (TaskState.IN_PROGRESS, TaskState.DONE),  # called, not reached, superseded, forbidden
        (
            TaskState.IN_PROGRESS,
            TaskState.NEW,
        ),  # the campaign was paused, or telephony never reported the call
        (TaskState.DONE, TaskState.NEW),  # a redial falls due; a cancelled task is put back
        # a person moved its time, changed its priority, or gave its callback to another operator
        (TaskState.NEW, TaskState.NEW),
        (TaskState.IN_PROGRESS, TaskState.IN_PROGRESS),
        (TaskState.DONE, TaskState.DONE),  # or cancelled the redial that it waited for
    }
)
