"""Tables of applications, cascades, verdicts and dry runs, and what BlackList answered."""

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Length, Right
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThan
from django.utils.translation import gettext_lazy as _

from apps.filters.states import UNFINISHED_RUNS, RunPurpose, RunState, VerdictState
from apps.filters.types import (
    ApplicationStatus,
    ClientType,
    LoanStatus,
    PeriodUnit,
    ScoringResult,
    Sex,
)
from common.models import TimestampedModel, one_of

_PHONE_NUMBER = Cast("phone", models.BigIntegerField())


def _not_negative(field: str) -> Q:
    return Q(**{f"{field}__gte": 0}) | Q(**{f"{field}__isnull": True})


class Application(TimestampedModel):
    """A snapshot of an application: one row of a file [source appendix А].

    Amounts are in rubles. An unknown text is empty, any other unknown value is NULL. All fields but
    ``stream``, ``file_id`` and ``line_number`` are columns of the file.
    """

    stream = models.CharField(_("stream"), max_length=64)
    file_id = models.BigIntegerField(_("file"))
    line_number = models.PositiveIntegerField(_("line"))
    application_number = models.CharField(_("application number"), max_length=32)
    created_at = models.DateTimeField(_("application created"))
    changed_at = models.DateTimeField(_("application changed"))
    application_status = models.CharField(_("application status"), max_length=16)
    loan_changed_at = models.DateTimeField(_("loan changed"), null=True)
    loan_status = models.CharField(_("loan status"), max_length=16, default="", db_default="")
    scoring_result = models.CharField(_("scoring result"), max_length=16, default="", db_default="")
    client_type = models.CharField(_("client type"), max_length=16)
    phone = models.CharField(_("phone"), max_length=15)
    face_id = models.CharField(_("face id"), max_length=255, default="", db_default="")
    citizenship = models.CharField(_("citizenship"), max_length=3, default="", db_default="")
    document_series = models.CharField(
        _("document series"), max_length=255, default="", db_default=""
    )
    document_number = models.CharField(
        _("document number"), max_length=255, default="", db_default=""
    )
    last_name = models.CharField(_("last name"), max_length=255, default="", db_default="")
    first_name = models.CharField(_("first name"), max_length=255, default="", db_default="")
    middle_name = models.CharField(_("middle name"), max_length=255, default="", db_default="")
    birth_date = models.DateField(_("date of birth"), null=True)
    sex = models.CharField(_("sex"), max_length=1, default="", db_default="")
    device_os = models.CharField(_("device OS"), max_length=255, default="", db_default="")
    app_version = models.CharField(_("app version"), max_length=255, default="", db_default="")
    device_id = models.CharField(_("device id"), max_length=255, default="", db_default="")
    desired_amount = models.DecimalField(
        _("desired amount, rubles"), max_digits=14, decimal_places=2, null=True
    )
    approved_amount = models.DecimalField(
        _("approved amount, rubles"), max_digits=14, decimal_places=2, null=True
    )
    product_type = models.CharField(_("product type"), max_length=255, default="", db_default="")
    term = models.IntegerField(_("term"), null=True)
    term_unit = models.CharField(_("unit of the term"), max_length=8, default="", db_default="")
    grace = models.IntegerField(_("grace period"), null=True)
    grace_unit = models.CharField(
        _("unit of the grace period"), max_length=8, default="", db_default=""
    )

    class Meta:
        db_table = "tm$applications"
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.UniqueConstraint(
                name="one_row_per_snapshot",
                fields=[
                    "application_number",
                    "stream",
                    "changed_at",
                    "loan_changed_at",
                    "loan_status",
                ],
                nulls_distinct=False,
            ),
            # what format control refuses, whoever writes
            models.CheckConstraint(
                name="application_number_is_digits",
                condition=Q(application_number__regex="^[0-9]+$"),
            ),
            # a number of eleven digits in eleven characters; a regular expression costs five times
            # as much for each row of a COPY
            models.CheckConstraint(
                name="application_phone_is_eleven_digits",
                condition=Q(Exact(Length("phone"), 11))
                & Q(GreaterThanOrEqual(_PHONE_NUMBER, 70_000_000_000))
                & Q(LessThan(_PHONE_NUMBER, 80_000_000_000)),
            ),
            models.CheckConstraint(
                name="application_changed_after_it_was_created",
                condition=Q(changed_at__gte=F("created_at")),
            ),
            models.CheckConstraint(
                name="application_status_is_known",
                condition=one_of("application_status", ApplicationStatus),
            ),
            models.CheckConstraint(
                name="loan_status_is_known", condition=one_of("loan_status", ["", *LoanStatus])
            ),
            models.CheckConstraint(
                name="scoring_result_is_known",
                condition=one_of("scoring_result", ["", *ScoringResult]),
            ),
            models.CheckConstraint(
                name="only_scored_applications_have_a_result",
                condition=Q(scoring_result="") | Q(application_status=ApplicationStatus.SCORED),
            ),
            models.CheckConstraint(
                name="client_type_is_known", condition=one_of("client_type", ClientType)
            ),
            models.CheckConstraint(name="sex_is_known", condition=one_of("sex", ["", *Sex])),
            models.CheckConstraint(
                name="amounts_are_not_negative",
                condition=_not_negative("desired_amount") & _not_negative("approved_amount"),
            ),
            models.CheckConstraint(
                name="terms_are_not_negative",
                condition=_not_negative("term") & _not_negative("grace"),
            ),
            models.CheckConstraint(
                name="units_of_terms_are_known",
                condition=one_of("term_unit", ["", *PeriodUnit])
                & one_of("grace_unit", ["", *PeriodUnit]),
            ),
        ]
        indexes = [
            # a hash: phones come in no order, and a tree costs the import three times as much
            HashIndex(name="applications_of_phone", fields=["phone"]),
            models.Index(name="application_in_order", fields=["wtime", "id"]),
        ]

    def __str__(self) -> str:
        return self.application_number


class KnownClient(TimestampedModel):
    """A person who has applied with this phone. Searches find clients here, in few rows and by
    indexes that the import of files does not pay for; the number of a row stands in the address of
    the client's page in place of the phone. Written where applications are judged.
    """

    phone = models.CharField(_("phone"), max_length=15)
    # what names are compared by, "ИВАНОВ ПЕТР ЛЬВОВИЧ": see ``known_clients.name_key``
    name_key = models.CharField(max_length=768)
    last_name = models.CharField(_("last name"), max_length=255, default="", db_default="")
    first_name = models.CharField(_("first name"), max_length=255, default="", db_default="")
    middle_name = models.CharField(_("middle name"), max_length=255, default="", db_default="")

    class Meta:
        db_table = "tm$known_clients"
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        constraints = [
            models.UniqueConstraint(name="one_row_per_client", fields=["phone", "name_key"]),
        ]
        indexes = [
            models.Index(Right("phone", 4), F("id").desc(), name="client_of_last_four"),
            models.Index(
                name="client_of_name",
                fields=["name_key"],
                opclasses=["varchar_pattern_ops"],  # for the beginning of a name
            ),
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"


class JudgementBatch(TimestampedModel):
    """A range of applications of one file that is to be judged; the row is the message to do so."""

    file_id = models.BigIntegerField(_("file"))
    # of all its applications; each stream gets its turn
    stream = models.CharField(_("stream"), max_length=64, default="", db_default="")
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    judged_at = models.DateTimeField(null=True)  # NULL: waits

    class Meta:
        db_table = "tm$judgement_batches"
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        indexes = [
            models.Index(
                name="batch_to_judge", fields=["stream", "id"], condition=Q(judged_at__isnull=True)
            ),
        ]


class Cascade(TimestampedModel):
    """The settings of a campaign's cascade. ``version`` grows by one with every change."""

    campaign = models.OneToOneField(
        "campaigns.Campaign", models.CASCADE, related_name="+", verbose_name=_("campaign")
    )
    # as ``cascade.settings`` has read them: {"data-streams": ["MOBILE_LOANS"], "min-age": 18,
    # "filters-order": ["AGE"]}
    settings = models.JSONField(_("settings"))
    version = models.PositiveIntegerField(_("version"), default=1, db_default=1)

    class Meta:
        db_table = "tm$cascades"
        verbose_name = _("filter cascade")
        verbose_name_plural = _("filter cascades")

    def __str__(self) -> str:
        return str(self.campaign)


class CascadeRevision(TimestampedModel):
    """One version of a cascade's settings and its author (NULL: a command)."""

    cascade = models.ForeignKey(Cascade, models.CASCADE, related_name="revisions")
    version = models.PositiveIntegerField(_("version"))
    settings = models.JSONField(_("settings"))
    author = models.ForeignKey(
        "security.Operator", models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        db_table = "tm$cascade_revisions"
        verbose_name = _("version of a cascade")
        verbose_name_plural = _("versions of cascades")
        constraints = [
            models.UniqueConstraint(name="one_revision_per_version", fields=["cascade", "version"]),
        ]


class Verdict(TimestampedModel):
    """What the cascade of a campaign decided about an application.

    ``wtime`` is the moment when the application entered the cascade.
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="verdicts")
    campaign = models.ForeignKey(
        "campaigns.Campaign",
        models.CASCADE,
        related_name="+",
        db_index=False,
        verbose_name=_("campaign"),
    )
    state = models.CharField(_("verdict"), max_length=16, choices=VerdictState)
    rule = models.CharField(_("filter"), max_length=64, default="", db_default="")
    reason = models.TextField(_("reason"), default="", db_default="")
    settings_version = models.PositiveIntegerField(_("version of the settings"))
    next_try_at = models.DateTimeField(_("next try"), null=True)
    # The queue that a waiting verdict stands in: the service that its filter asks ("" where our own
    # filters are judged first), and the application's stream. Both empty once it is final.
    waits_for = models.CharField(_("waits for"), max_length=16, default="", db_default="")
    stream = models.CharField(_("stream"), max_length=64, default="", db_default="")

    class Meta:
        db_table = "tm$verdicts"
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        constraints = [
            models.UniqueConstraint(
                name="one_verdict_per_campaign", fields=["application", "campaign"]
            ),
            models.CheckConstraint(
                name="verdict_state_is_known", condition=Q(state__in=VerdictState.values)
            ),
            models.CheckConstraint(
                name="only_waiting_verdicts_are_tried_again",
                condition=Q(state=VerdictState.WAITING, next_try_at__isnull=False)
                | (~Q(state=VerdictState.WAITING) & Q(next_try_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="final_verdicts_stand_in_no_queue",
                condition=Q(state=VerdictState.WAITING) | Q(waits_for="", stream=""),
            ),
        ]
        indexes = [
            models.Index(
                name="verdict_to_try_again",
                fields=["waits_for", "campaign", "stream", "next_try_at"],
                condition=Q(state=VerdictState.WAITING),
            ),
            # how many wait for a service, and since when
            models.Index(
                name="verdict_waits_longest",
                fields=["waits_for", "wtime"],
                condition=Q(state=VerdictState.WAITING),
            ),
            # all that the funnel counts: it reads no row of the table
            models.Index(
                name="verdict_funnel", fields=["campaign", "wtime"], include=["state", "rule"]
            ),
        ]


class DryRun(TimestampedModel):
    """A run over the applications stored from ``since`` until ``until``; the row is the message to
    do so, its progress, and its result.

    It goes through the ids from ``first_id`` to ``end_id`` in slices; those up to ``last_id`` are
    in ``result``.
    """

    campaign = models.ForeignKey(
        "campaigns.Campaign",
        models.CASCADE,
        related_name="+",
        db_index=False,
        verbose_name=_("campaign"),
    )
    purpose = models.CharField(_("purpose"), max_length=16, choices=RunPurpose)
    state = models.CharField(
        _("state"), max_length=16, choices=RunState, default=RunState.QUEUED, db_default="QUEUED"
    )
    # the settings to judge by, as ``Cascade.settings`` keeps them
    settings = models.JSONField(_("settings"))
    # of the live settings when the run was asked for; 0: the campaign had no cascade
    live_version = models.PositiveIntegerField(_("version of the live settings"))
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("to"))  # excluded
    # age and history of communications are judged as of this moment
    as_of = models.DateTimeField(_("as of"))
    author = models.ForeignKey(  # NULL: a command
        "security.Operator", models.PROTECT, null=True, related_name="+", db_index=False
    )
    # the trial that a person saw before this judging again
    trial = models.ForeignKey(
        "self", models.RESTRICT, null=True, related_name="rejudgings", db_index=False
    )
    first_id = models.BigIntegerField(default=0, db_default=0)
    last_id = models.BigIntegerField(default=0, db_default=0)
    end_id = models.BigIntegerField(null=True)  # NULL: not begun
    # a ``Comparison``: {"applications": 3, "live": {"entered": 3, …}, …}
    # of REJUDGE: {"reopened": 2}
    result = models.JSONField(_("result"), default=dict, db_default={})
    error = models.CharField(_("error"), max_length=255, default="", db_default="")
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        db_table = "tm$dry_runs"
        verbose_name = _("dry run")
        verbose_name_plural = _("dry runs")
        constraints = [
            models.CheckConstraint(
                name="dry_run_purpose_is_known", condition=one_of("purpose", RunPurpose)
            ),
            models.CheckConstraint(
                name="dry_run_state_is_known", condition=one_of("state", RunState)
            ),
            models.CheckConstraint(
                name="unfinished_dry_runs_have_no_end",
                condition=Q(state__in=UNFINISHED_RUNS, finished_at__isnull=True)
                | (~Q(state__in=UNFINISHED_RUNS) & Q(finished_at__isnull=False)),
            ),
            models.UniqueConstraint(
                name="one_rejudging_of_a_trial", fields=["trial"], condition=Q(trial__isnull=False)
            ),
        ]
        indexes = [
            models.Index(
                name="dry_run_to_do", fields=["id"], condition=Q(state__in=UNFINISHED_RUNS)
            ),
            models.Index(name="dry_runs_of_campaign", fields=["campaign", "id"]),
        ]

    @property
    def percent(self) -> int:
        """How much of the ids is done; 0 before the run has begun."""
        if self.end_id is None:
            return 0
        return 100 * (self.last_id - self.first_id) // max(self.end_id - self.first_id, 1)

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED_RUNS


class BlacklistCheck(TimestampedModel):
    """BlackList's last answer about a client. No call is made on an answer older than a day."""

    phone = models.CharField(_("phone"), max_length=15)
    device_id = models.CharField(_("device id"), max_length=255, default="", db_default="")
    blocked = models.BooleanField(_("blocked"))
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        db_table = "tm$blacklist_checks"
        verbose_name = _("blacklist check")
        verbose_name_plural = _("blacklist checks")
        constraints = [
            models.UniqueConstraint(
                name="one_blacklist_check_per_client", fields=["phone", "device_id"]
            ),
        ]


class BlacklistNotice(TimestampedModel):
    """An entry of the core's do-not-call list that BlackList has, from us or from before."""

    entry_id = models.BigIntegerField(_("do-not-call entry"), unique=True)

    class Meta:
        db_table = "tm$blacklist_notices"
        verbose_name = _("notice to the blacklist")
        verbose_name_plural = _("notices to the blacklist")
