"""The states of a verdict, and of a run over stored applications."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VerdictState(models.TextChoices):
    """What a cascade says of an application. PASSED and STOPPED are final."""

    PASSED = "PASSED", _("passed")  # it passed every filter, and its client became a candidate
    STOPPED = "STOPPED", _("stopped")  # a filter stopped it: the verdict names it and the reason
    # a service does not answer, or the cascade's settings cannot be read; it is tried again
    WAITING = "WAITING", _("waiting")


class RunPurpose(models.TextChoices):
    """What a run over stored applications is for."""

    DRY_RUN = "DRY_RUN", _("dry run")  # compares other settings with the live ones
    # says what the live settings would make of applications that they have not judged
    REJUDGE_TRIAL = "REJUDGE_TRIAL", _("trial of judging again")
    # hands the applications of such a trial to the judging
    REJUDGE = "REJUDGE", _("judging again")


class RunState(models.TextChoices):
    """How far a run over stored applications has come."""

    QUEUED = "QUEUED", _("queued")  # no worker has begun
    RUNNING = "RUNNING", _("running")  # some slices are done; any worker may do the next
    DONE = "DONE", _("done")
    FAILED = "FAILED", _("failed")  # the row says why
    CANCELLED = "CANCELLED", _("cancelled")  # a person did not want the rest


UNFINISHED_RUNS = (RunState.QUEUED, RunState.RUNNING)
