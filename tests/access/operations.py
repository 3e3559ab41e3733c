"""An operation of the system and its outcome for each caller, in the words of the table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.access.callers import Caller

Body = Mapping[str, Any]


class Outcome(StrEnum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    UNKNOWN = "401"  # no token that is good; the security service says so by a code, with HTTP 200
    FORBIDDEN = "403"  # known, but the role is too low
    MISSING = "404"  # looks as if it did not exist
    LOG_IN = "log-in"  # is shown the log-in page of the back office, or sent there


YES, NO, UNKNOWN, MISSING, LOG_IN = (
    Outcome.ALLOWED,
    Outcome.FORBIDDEN,
    Outcome.UNKNOWN,
    Outcome.MISSING,
    Outcome.LOG_IN,
)
Policy = dict[Caller, Outcome]


def _policy(*outcomes: Outcome) -> Policy:
    return dict(zip(Caller, outcomes, strict=True))


# fmt: off
#                  anonymous operator colleague senior   administrator locked expired logged out
EVERYBODY = _policy(YES,     YES,     YES,     YES,     YES,     YES,     YES,     YES)
NOBODY    = _policy(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
# a password opens to whoever is not locked; the anonymous one is wrong
PASSWORD  = _policy(UNKNOWN, YES,     YES,     YES,     YES,     UNKNOWN, YES,     YES)
# a live token
TOKEN     = _policy(UNKNOWN, YES,     YES,     YES,     YES,     UNKNOWN, UNKNOWN, UNKNOWN)
SENIOR    = _policy(UNKNOWN, UNKNOWN, UNKNOWN, YES,     YES,     UNKNOWN, UNKNOWN, UNKNOWN)
READER    = _policy(UNKNOWN, NO,      NO,      YES,     YES,     UNKNOWN, UNKNOWN, UNKNOWN)
# only whose conversation it is; a colleague's looks like none
OWN       = _policy(UNKNOWN, YES,     MISSING, MISSING, MISSING, UNKNOWN, UNKNOWN, UNKNOWN)
# pages of the back office
BACK      = _policy(LOG_IN,  LOG_IN,  LOG_IN,  YES,     YES,     LOG_IN,  LOG_IN,  LOG_IN)
ADMINS    = _policy(LOG_IN,  LOG_IN,  LOG_IN,  NO,      YES,     LOG_IN,  LOG_IN,  LOG_IN)
CLOSED    = _policy(LOG_IN,  LOG_IN,  LOG_IN,  NO,      NO,      LOG_IN,  LOG_IN,  LOG_IN)
ABSENT    = _policy(LOG_IN,  LOG_IN,  LOG_IN,  MISSING, MISSING, LOG_IN,  LOG_IN,  LOG_IN)
# the log-in page sends on whoever is in, and the password opens it to whom it is meant for
ENTRANCE  = _policy(LOG_IN,  LOG_IN,  LOG_IN,  YES,     YES,     LOG_IN,  YES,     YES)
# fmt: on


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What an operation may be about: ids of rows by their name, and who asks."""

    ids: Mapping[str, int]
    phone: str
    login: str = "nobody"
    token: str = ""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One row of the table. ``path`` names the ids that fill the route's placeholders. ``query``
    is asked for, or ``body`` sent; ``form`` is sent as a page would."""

    method: str
    route: str
    policy: Policy
    path: tuple[str, ...] = ()
    query: Callable[[Scene], Body] | None = None
    body: Callable[[Scene], Body] | None = None
    form: Callable[[Scene], Body] | None = None
    about: str = ""

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.method, f"/{self.route}", self.about)))


def get(route: str, policy: Policy, **options: Any) -> Operation:
    return Operation(method="GET", route=route, policy=policy, **options)


def post(route: str, policy: Policy, **options: Any) -> Operation:
    return Operation(method="POST", route=route, policy=policy, **options)
