"""The record of every incoming file and of what was wrong in it, of call lists, and of streams."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.ingest.states import BEFORE_IMPORT, OF_WORKERS, CallListState, LeftOut
from common.models import TimestampedModel, one_of


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


class CallList(TimestampedModel):
    """A call list: a file that a person uploaded for one campaign. The row is the message to read,
    check and import it, and the progress of that.

    Its two files lie in the folder of call lists until they are too old: what was uploaded, and its
    rows as lines of JSON.
    """

    campaign = models.ForeignKey(
        "campaigns.Campaign", models.PROTECT, related_name="+", verbose_name=_("campaign")
    )
    author = models.ForeignKey(
        "security.Operator",
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("uploaded by"),
    )
    name = models.CharField(_("file"), max_length=255)
    size = models.BigIntegerField(_("size, bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, default="", db_default="")
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=CallListState,
        default=CallListState.UPLOADING,
        db_default=CallListState.UPLOADING,
    )
    reason = models.TextField(_("reason"), default="", db_default="")
    # what the reading found, for people: "sheet «Июль»", "windows-1251, divided by «;»"
    kind = models.CharField(_("read as"), max_length=255, default="", db_default="")
    # the first row that holds anything: ["Телефон", "ФИО"]
    headings = models.JSONField(_("headings"), default=list, db_default=[])
    # the rows after it that come first: [["79131234567", "Иванов Иван"]]
    samples = models.JSONField(_("first rows"), default=list, db_default=[])
    # column of the contract, or full_name → its place among the headings: {"phone": 0}
    mapping = models.JSONField(_("columns"), default=dict, db_default={})
    # values of columns that every row has: {"application_status": "registered"}
    constants = models.JSONField(_("values of all rows"), default=dict, db_default={})
    rows = models.PositiveIntegerField(_("rows"), default=0, db_default=0)
    refused = models.PositiveIntegerField(_("refused rows"), default=0, db_default=0)
    duplicates = models.PositiveIntegerField(_("duplicates"), default=0, db_default=0)
    # how far the import has come: bytes of the second file, and rows
    place = models.BigIntegerField(default=0, db_default=0)
    rows_done = models.PositiveIntegerField(default=0, db_default=0)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    confirmed_by = models.ForeignKey(
        "security.Operator",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("confirmed by"),
    )
    finished_at = models.DateTimeField(_("finished"), null=True)
    # the record of the import, and between which ids its applications lie
    file = models.OneToOneField(
        IncomingFile, models.PROTECT, null=True, related_name="call_list", verbose_name=_("import")
    )
    first_id = models.BigIntegerField(null=True)
    last_id = models.BigIntegerField(null=True)
    files_deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tm$call_lists"
        verbose_name = _("call list")
        verbose_name_plural = _("call lists")
        constraints = [
            models.CheckConstraint(
                name="call_list_state_is_known", condition=one_of("state", CallListState)
            ),
            models.CheckConstraint(
                name="only_imported_call_lists_have_a_file",
                condition=Q(file__isnull=True) | Q(state__in=["IMPORTING", "FAILED", "IMPORTED"]),
            ),
        ]
        indexes = [
            models.Index(name="call_list_to_do", fields=["id"], condition=Q(state__in=OF_WORKERS)),
            models.Index(
                name="call_list_files", fields=["id"], condition=Q(files_deleted_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_cancellable(self) -> bool:
        return self.state in BEFORE_IMPORT

    @property
    def is_worked_on(self) -> bool:
        return self.state in OF_WORKERS

    @property
    def accepted(self) -> int:
        """How many rows are imported or will be, as far as the check knows."""
        return self.rows - self.refused - self.duplicates

    @property
    def percent(self) -> int:
        return 100 * self.rows_done // max(self.rows, 1)


class CallListRow(TimestampedModel):
    """A row of a call list that is not imported, and why."""

    call_list = models.ForeignKey(
        CallList, models.CASCADE, related_name="left_out", db_index=False, verbose_name=_("list")
    )
    # where it stands in its file, from 1
    line_number = models.PositiveIntegerField(_("row"))
    why = models.CharField(_("what became of it"), max_length=16, choices=LeftOut)
    # of a refused one, each broken rule: [["phone", "123", "11 digits are expected, …"]]; of a
    # repeated one [["phone", "", "the same phone as in row 7"]]
    broken = models.JSONField(_("what is wrong"), default=list)

    class Meta:
        db_table = "tm$call_list_rows"
        verbose_name = _("row that is left out")
        verbose_name_plural = _("rows that are left out")
        constraints = [
            models.UniqueConstraint(
                name="one_reason_per_row_of_a_call_list", fields=["call_list", "line_number"]
            ),
            models.CheckConstraint(
                name="why_a_row_is_left_out_is_known", condition=one_of("why", LeftOut)
            ),
        ]

    def __str__(self) -> str:
        return str(self.line_number)


class Correction(TimestampedModel):
    """A rejected file that a person has put back corrected, as a new file of its stream."""

    rejected = models.ForeignKey(IncomingFile, models.CASCADE, related_name="corrections")
    author = models.ForeignKey(
        "security.Operator", models.PROTECT, related_name="+", db_index=False
    )
    size = models.BigIntegerField(_("size, bytes"))
    # the new file's name in the folder of the stream, found by it among incoming files; empty: its
    # pieces are still coming
    name = models.CharField(_("name"), max_length=255, default="", db_default="")

    class Meta:
        db_table = "tm$file_corrections"
        verbose_name = _("corrected file")
        verbose_name_plural = _("corrected files")

    def __str__(self) -> str:
        return self.name
