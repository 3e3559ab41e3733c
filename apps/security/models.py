"""Operators and their tokens [source tables 5 and 6], and the access log."""

import hashlib
from collections.abc import Iterable
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from apps.security.permissions import role_has_permission, role_sees_app
from apps.security.types import EXPORT_LISTS, Access, Role
from common.encryption import decrypt
from common.models import TimestampedModel, one_of

CODE_DIGITS = 6
CODE_TOLERANCE = 1  # half minutes that the clock of a telephone may be wrong, either way


class OperatorManager(BaseUserManager["Operator"]):
    """Makes operators; ``createsuperuser`` makes administrators."""

    def create_user(self, login: str, password: str | None = None, **fields: object) -> "Operator":
        operator = self.model(login=login, **fields)
        operator.set_password(password)
        operator.save(using=self._db)
        return operator

    def create_superuser(self, login: str, password: str, **fields: object) -> "Operator":
        return self.create_user(login, password, **{**fields, "role": Role.ADMINISTRATOR})

    def get_by_natural_key(self, username: str | None) -> "Operator":
        return self.get(login=username)


class Operator(TimestampedModel, AbstractBaseUser):
    """A person who signs in: at the workplace, in the back office, or both."""

    login = models.CharField(_("login"), max_length=64, unique=True)
    password = models.CharField(_("password"), max_length=256)
    locked = models.BooleanField(_("locked"), default=False, db_default=False)
    role = models.CharField(
        _("role"),
        max_length=32,
        choices=Role.choices,
        default=Role.OPERATOR,
        db_default=Role.OPERATOR,
    )
    # somebody else chose the password: it opens nothing but the page where it is changed
    password_is_temporary = models.BooleanField(default=False, db_default=False, editable=False)
    # a session of the back office is of one epoch, and ends when another begins
    session_epoch = models.IntegerField(default=0, db_default=0, editable=False)
    contacts_visible = models.BooleanField(
        _("sees contacts of clients"),
        default=False,
        db_default=False,
        help_text=_(
            "Reads phones, names and comments of clients through the read API. Administrators do."
        ),
    )
    may_export = models.BooleanField(
        _("exports lists"),
        default=False,
        db_default=False,
        help_text=_("Takes lists and reports out as Excel files. Administrators do."),
    )
    first_name = models.CharField(_("first name"), max_length=32)
    last_name = models.CharField(_("last name"), max_length=32)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]

    objects = OperatorManager()

    class Meta:
        db_table = "tm$operators"
        verbose_name = _("operator")
        verbose_name_plural = _("operators")
        constraints = [
            models.CheckConstraint(name="operator_role_is_known", condition=one_of("role", Role)),
        ]

    def __str__(self) -> str:
        return f"{self.last_name} {self.first_name} ({self.login})"

    def get_full_name(self) -> str:
        return f"{self.last_name} {self.first_name}"

    def get_short_name(self) -> str:
        return self.first_name

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """True if the person is not locked; Django asks under this name. The sessions of a locked
        person end at once.
        """
        return not self.locked

    @property
    def is_staff(self) -> bool:
        """Whether this person may enter the back office."""
        return self.role != Role.OPERATOR

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session of the back office keeps and Django compares with every request: it
        changes with the password and with ``session_epoch``."""
        return salted_hmac(
            "apps.security.models.Operator",
            f"{self.session_epoch}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Whether the role has this right; that to export is given to each person."""
        if not self.is_active:
            return False
        given = perm == EXPORT_LISTS and self.is_staff and self.may_export
        return given or role_has_permission(Role(self.role), perm)

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and role_sees_app(Role(self.role), app_label)


class SecondFactor(TimestampedModel, ThrottlingMixin, Device):  # type: ignore[misc, django-manager-missing]
    """The application of one person that shows a new code every half minute (TOTP, RFC 6238).

    It counts once it is ``confirmed`` by a first code. Wrong codes make the next try wait ever
    longer. Verify through ``django_otp.verify_token``, which locks the row: no code counts twice.
    """

    user = models.ForeignKey(Operator, models.CASCADE, related_name="+")
    secret = models.CharField(max_length=256)  # of 160 bits, encrypted
    last_step = models.BigIntegerField(default=-1)  # of the last code that was accepted
    # SHA-256 of each recovery code that is left, in hex; a code has 80 bits, so a salt adds nothing
    recovery_digests = models.JSONField(default=list)

    class Meta:
        db_table = "tm$second_factors"
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        constraints = [models.UniqueConstraint(name="one_second_factor_each", fields=["user"])]

    def __str__(self) -> str:
        return f"№ {self.pk}"

    def get_throttle_factor(self) -> float:
        return 1.0  # seconds after the first wrong code; each further one doubles them

    def verify_token(self, token: str) -> bool:
        """Whether the code of now, or a recovery code that is left, was given; it is spent then."""
        allowed, _details = self.verify_is_allowed()
        if not allowed:
            return False
        code = token.replace(" ", "").replace("-", "").lower()
        if not (self._spend_code(code) or self._spend_recovery_code(code)):
            self.throttle_increment()
            return False
        self.throttle_reset(commit=False)
        self.save()
        return True

    def _spend_code(self, code: str) -> bool:
        if not (code.isascii() and code.isdecimal() and len(code) == CODE_DIGITS):
            return False
        now = TOTP(bytes.fromhex(decrypt(self.secret)), digits=CODE_DIGITS)
        if not now.verify(int(code), CODE_TOLERANCE, self.last_step + 1):
            return False
        self.last_step = now.t()
        return True

    def _spend_recovery_code(self, code: str) -> bool:
        digest = hashlib.sha256(code.encode()).hexdigest()
        if digest not in self.recovery_digests:
            return False
        self.recovery_digests = [one for one in self.recovery_digests if one != digest]
        return True


class OperatorAuth(TimestampedModel):
    """A live token. Deleting the row ends the token on every machine."""

    exp_date = models.DateTimeField(_("valid until"))
    token = models.CharField(_("digest of the token"), max_length=512, unique=True)
    operator = models.ForeignKey(
        Operator, models.CASCADE, related_name="auths", verbose_name=_("operator")
    )
    # where the log-in came from; empty in tokens of earlier releases
    address = models.GenericIPAddressField(_("address"), null=True)

    class Meta:
        db_table = "tm$operator_auths"
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        indexes = [models.Index(fields=["exp_date"], name="operator_auth_expiry")]

    def __str__(self) -> str:
        return f"№ {self.pk}"


class AccessRecord(TimestampedModel):
    """Who did what, when and from where: a record of the access log, without personal data.

    The database refuses to change, delete or truncate (triggers of the migration): a record is
    written once, and once more when it is sealed. The number and the role are values, not keys:
    a record outlives its operator.
    """

    operator_id = models.BigIntegerField(_("operator"), null=True)
    role = models.CharField(_("role"), max_length=32, choices=Role.choices, null=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    action = models.CharField(_("action"), max_length=32, choices=Access.choices)
    # what it was done to: a model ("campaigns.communication") and the number of a row, or
    # where somebody logged in ("api", "admin")
    subject = models.CharField(_("object"), max_length=64, default="", db_default="")
    subject_id = models.BigIntegerField(_("number"), null=True)
    # the place in the chain, from 1 without gaps, and the hash of this record and of the seal
    # before it (access_log.sealing); None until it is sealed
    position = models.BigIntegerField(_("position"), null=True, unique=True)
    seal = models.CharField(_("seal"), max_length=64, null=True)

    class Meta:
        db_table = "tm$access_log"
        verbose_name = _("access")
        verbose_name_plural = _("access log")
        constraints = [
            models.CheckConstraint(name="access_is_known", condition=one_of("action", Access)),
            models.CheckConstraint(
                name="access_role_is_known",
                condition=Q(role__isnull=True) | one_of("role", Role),
            ),
            models.CheckConstraint(
                name="sealed_access_has_a_position",
                condition=Q(position__isnull=True, seal__isnull=True)
                | Q(position__gte=1, seal__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="access_unsealed", fields=["id"], condition=Q(position__isnull=True)),
            models.Index(name="access_of_operator", fields=["operator_id", "-id"]),
            models.Index(name="access_of_subject", fields=["subject", "subject_id", "-id"]),
            models.Index(name="access_by_time", fields=["wtime"]),
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"
