"""Roles, records and errors of the security app that other apps see."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

DISTRUSTED_CHANNEL = "security:distrusted"  # in Redis: digests of tokens that end, or have ended
EXPORT_LISTS = "security.export_lists"  # a senior operator has it where `may_export` is ticked
API = "api"  # where people log in, in the access log; the back office is the other place


class Role(TextChoices):
    """What an operator may do [source table 5]. The source has OPERATOR; the others are ours."""

    OPERATOR = "OPERATOR", _("operator")  # takes calls at the workplace
    SENIOR_OPERATOR = (
        "SENIOR_OPERATOR",
        _("senior operator"),
    )  # sets up campaigns in the back office
    ADMINISTRATOR = "ADMINISTRATOR", _("administrator")  # may do everything


class Access(TextChoices):
    """What was done, in a record of the access log."""

    LOGGED_IN = "LOGGED_IN", _("logged in")
    # the password was wrong, the operator is locked, or there were too many attempts
    LOG_IN_FAILED = "LOG_IN_FAILED", _("log-in failed")
    LOGGED_OUT = "LOGGED_OUT", _("logged out")
    LOCKED = "LOCKED", _("operator locked")
    UNLOCKED = "UNLOCKED", _("operator unlocked")
    CARD_OPENED = "CARD_OPENED", _("client card opened")  # at the workplace
    NUMBER_REVEALED = "NUMBER_REVEALED", _("number revealed")  # a phone that is masked elsewhere
    TOKENS_REVOKED = "TOKENS_REVOKED", _("tokens revoked")
    PASSWORD_SET = "PASSWORD_SET", _("password set for another")
    PASSWORD_CHANGED = "PASSWORD_CHANGED", _("own password changed")
    SECOND_FACTOR_SET = "SECOND_FACTOR_SET", _("second factor set up")
    SECOND_FACTOR_FAILED = "SECOND_FACTOR_FAILED", _("wrong code of the second factor")
    SECOND_FACTOR_RESET = "SECOND_FACTOR_RESET", _("second factor reset")
    PAGE_OPENED = "PAGE_OPENED", _("page opened")  # of the back office, about a person
    # a list was searched or filtered: of the back office, or in vain through the read API
    SEARCHED = "SEARCHED", _("searched")
    # through the read API, in the list for rework, on the live floor
    LISTED = "LISTED", _("read in a list")
    EXPORTED = "EXPORTED", _("exported")  # a list left the system as a file
    UPLOADED = "UPLOADED", _("uploaded")  # a file with persons came in through the back office


@dataclass(frozen=True, slots=True)
class Visitor:
    """The operator who asks, and from which address."""

    operator_id: int
    address: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """A live token: its number (``jti``), its operator with their role, and when it expires."""

    token_id: str
    operator_id: int
    role: Role
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """What a successful log-in gives. The token itself is given this once; only its digest is
    stored."""

    token: str
    operator_id: int
    first_name: str
    last_name: str


class AuthenticationFailedError(Exception):
    """Wrong login or password; the answer does not say which."""


class OperatorLockedError(Exception):
    """The password is right, but the operator is locked."""


class PasswordChangeRequiredError(Exception):
    """The password is right, but somebody else set it: its owner must change it first."""


class InvalidPasswordError(Exception):
    """A new password that is not accepted; ``texts`` say why, to people."""

    def __init__(self, texts: list[str]) -> None:
        super().__init__(texts)
        self.texts = texts


class AccessDeniedError(Exception):
    """The token is unknown, expired or revoked, its operator is locked, or the role is too low."""


class LockedSinceError(AccessDeniedError):
    """The token was issued by this system, and its operator has been locked since."""


class OpenElsewhereError(AccessDeniedError):
    """The token was issued by this system and has ended, and its operator is logged in at another
    place."""


class TooManyAttemptsError(Exception):
    """Too many failed log-ins with this login or from this address. After ``retry_after_seconds``
    they are forgotten."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds
