"""How far a call list has come, and why a row of one is left out."""

from django.db import models
from django.utils.translation import pgettext_lazy


class CallListState(models.TextChoices):
    """How far a call list has come. REFUSED, CANCELLED and IMPORTED are the ends."""

    # the browser sends its pieces
    UPLOADING = "UPLOADING", pgettext_lazy("call list", "being uploaded")
    # it is complete; a worker makes rows of it
    READING = "READING", pgettext_lazy("call list", "being read")
    # a person says which column is what
    MAPPING = "MAPPING", pgettext_lazy("call list", "waits for its columns")
    # a worker checks every row
    CHECKING = "CHECKING", pgettext_lazy("call list", "being checked")
    # a person looks at what is wrong and confirms, or chooses other columns
    CHECKED = "CHECKED", pgettext_lazy("call list", "waits for confirmation")
    # confirmed; nothing is stored yet
    QUEUED = "QUEUED", pgettext_lazy("call list", "waits for the import")
    # some slices are stored
    IMPORTING = "IMPORTING", pgettext_lazy("call list", "being imported")
    # an unexpected error ended a slice; what is stored stays, a person may let it go on
    FAILED = "FAILED", pgettext_lazy("call list", "interrupted by an error")
    IMPORTED = "IMPORTED", pgettext_lazy("call list", "imported")
    # it cannot be read or imported; ``reason`` tells why
    REFUSED = "REFUSED", pgettext_lazy("call list", "refused")
    # a person did not want it
    CANCELLED = "CANCELLED", pgettext_lazy("call list", "cancelled")


# what a worker has to do something about
OF_WORKERS = (
    CallListState.READING,
    CallListState.CHECKING,
    CallListState.QUEUED,
    CallListState.IMPORTING,
)
# until then a person may say that the list is not wanted
BEFORE_IMPORT = (
    CallListState.UPLOADING,
    CallListState.READING,
    CallListState.MAPPING,
    CallListState.CHECKING,
    CallListState.CHECKED,
    CallListState.QUEUED,
)


class LeftOut(models.TextChoices):
    """Why a row of a call list is not imported."""

    # a cell breaks a rule
    REFUSED = "REFUSED", pgettext_lazy("row of a call list", "refused")
    # the same phone stands in an earlier row
    REPEATED = "REPEATED", pgettext_lazy("row of a call list", "repeated in the list")
    # the campaign is going to call this client already
    KNOWN = "KNOWN", pgettext_lazy("row of a call list", "in the campaign already")
