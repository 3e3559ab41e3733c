"""The record of every incoming file and of what was wrong in it; the streams that files come in."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.models import TimestampedModel


class FileOutcome(models.TextChoices):
    """The outcome of a file, which decides where it is moved."""

    # its rows are stored; goes to success
    IMPORTED = "IMPORTED", pgettext_lazy("outcome of a file", "imported")
    # a file with the same content was imported before, so nothing is stored; goes to success
    REPEATED = "REPEATED", pgettext_lazy("outcome of a file", "imported before")
    # nothing is stored; goes to error, with a report
    REJECTED = "REJECTED", pgettext_lazy("outcome of a file", "rejected")


class DataStream(TimestampedModel):
    """The last good description of a data stream, see ``known_streams``."""

    name = models.CharField(_("name"), max_length=64, unique=True)
    # the content of a streams.yaml with this stream alone:
    # {"events": {"data-streams": [{"name": "MOBILE_LOANS", "folder": "mobile_loans"}]}}
    description = models.JSONField(_("description"))

    class Meta:
        db_table = "tm$data_streams"
        verbose_name = _("data stream")
        verbose_name_plural = _("data streams")

    def __str__(self) -> str:
        return self.name


class IncomingFile(TimestampedModel):
    """A file that arrived, written in the transaction of its import.

    ``moved_at`` and ``moved_to`` are set when it has left its folder.
    """

    stream = models.CharField(_("stream"), max_length=64)
    name = models.CharField(_("name"), max_length=255)
    size = models.BigIntegerField(_("size, bytes"))
    modified_ns = models.BigIntegerField(_("modified, ns"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    rows = models.PositiveIntegerField(_("rows"), default=0, db_default=0)
    bad_rows = models.PositiveIntegerField(_("bad rows"), default=0, db_default=0)
    error_count = models.PositiveIntegerField(_("broken rules"), default=0, db_default=0)
    duplicates = models.PositiveIntegerField(_("duplicates"), default=0, db_default=0)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"))
    outcome = models.CharField(_("outcome"), max_length=16, choices=FileOutcome)
    reason = models.TextField(_("reason"), default="", db_default="")
    moved_at = models.DateTimeField(_("moved"), null=True)
    # where it lies; while ``moved_at`` is NULL: where a copy to another volume was begun
    moved_to = models.TextField(_("moved to"), default="", db_default="")
    # its size when it was found to have grown after it was taken: the rest was not imported
    grown_to = models.BigIntegerField(_("grown to, bytes"), null=True)

    class Meta:
        db_table = "tm$incoming_files"
        verbose_name = _("incoming file")
        verbose_name_plural = _("incoming files")
        constraints = [
            models.CheckConstraint(
                name="file_outcome_is_known", condition=Q(outcome__in=FileOutcome.values)
            ),
            models.UniqueConstraint(
                name="one_import_per_content",
                fields=["stream", "sha256"],
                condition=Q(outcome=FileOutcome.IMPORTED),
            ),
        ]
        indexes = [
            models.Index(
                name="file_to_move",
                fields=["stream", "name"],
                condition=Q(moved_at__isnull=True),
            ),
            models.Index(name="file_by_time", fields=["finished_at"]),
            models.Index(name="file_of_stream", fields=["stream", "finished_at"]),
            models.Index(
                name="file_that_grew", fields=["stream"], condition=Q(grown_to__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class IncomingFileError(TimestampedModel):
    """A broken rule in a file; the fields are those of ``types.FormatError``."""

    file = models.ForeignKey(IncomingFile, models.CASCADE, related_name="errors")
    line_number = models.PositiveIntegerField(_("line"))
    # of the row; empty where it cannot be read
    application_number = models.CharField(
        _("application number"), max_length=32, default="", db_default=""
    )
    column = models.CharField(_("column"), max_length=64)
    value = models.TextField(_("value"))
    rule = models.TextField(_("rule"))

    class Meta:
        db_table = "tm$incoming_file_errors"
        verbose_name = _("format error")
        verbose_name_plural = _("format errors")
        indexes = [
            models.Index(
                name="error_of_application",
                fields=["application_number"],
                condition=~Q(application_number=""),
            ),
        ]

    def __str__(self) -> str:
        return ":".join(filter(None, (str(self.line_number or ""), self.column)))
