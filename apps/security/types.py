"""What crosses the border of the security app."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Who an operator is (table 5; SENIOR_OPERATOR and ADMINISTRATOR are this system's)."""

    OPERATOR = "OPERATOR"
    SENIOR_OPERATOR = "SENIOR_OPERATOR"
    ADMINISTRATOR = "ADMINISTRATOR"


@dataclass(frozen=True, slots=True)
class Session:
    """A live token: whose it is, its number (``jti``) and when it runs out."""

    token_id: str
    operator_id: int
    role: Role
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """What a successful log-in gives: the token itself is told once and never stored."""

    token: str
    operator_id: int
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True)
class OperatorName:
    """How an operator is called."""

    first_name: str
    last_name: str


class AuthenticationFailedError(Exception):
    """Wrong login or password; which of them is not told."""


class OperatorLockedError(Exception):
    """The password is right, but the operator is locked."""


class AccessDeniedError(Exception):
    """The token is unknown, expired or revoked, its operator is locked, or the right is missing."""


class TooManyAttemptsError(Exception):
    """Too many failed log-ins with this login or from this address."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds
