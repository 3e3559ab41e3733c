"""Who sends a request, with everything that they hold: a token and a session of the back office."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.test import Client

from apps.security import services as security
from apps.security.models import Operator
from apps.security.types import Role
from common import clock
from testing.browser import enter_back_office
from testing.factories.security import PASSWORD, OperatorFactory, token_of


class Caller(StrEnum):
    """The columns of the table. Whoever has lost their rights is an administrator: what is refused
    to them is refused for no other reason."""

    ANONYMOUS = "anonymous"  # holds nothing
    OPERATOR = "operator"  # whose communication it is, where one is asked for
    COLLEAGUE = "another operator"
    SENIOR = "senior operator"
    ADMINISTRATOR = "administrator"
    LOCKED = "locked"  # their token and their session are still stored
    EXPIRED = "expired"
    LOGGED_OUT = "logged out"


ROLES = {
    Caller.OPERATOR: Role.OPERATOR,
    Caller.COLLEAGUE: Role.OPERATOR,
    Caller.SENIOR: Role.SENIOR_OPERATOR,
}


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a caller's request carries. ``operator`` is None of the anonymous."""

    operator: Operator | None = None
    headers: Mapping[str, str]
    cookies: Mapping[str, str]


def make_callers() -> dict[Caller, Credentials]:
    """Make every caller, with a token and a session that were good once."""
    people: dict[Caller, Operator] = {
        caller: OperatorFactory.create(
            login=f"caller-{caller.name.lower()}",
            role=ROLES.get(caller, Role.ADMINISTRATOR),
            # the tests' hasher, which the settings do not have yet when these people are made
            password=None,
        )
        for caller in Caller
        if caller is not Caller.ANONYMOUS
    }
    password = MD5PasswordHasher().encode(PASSWORD, "salt")
    Operator.objects.filter(pk__in=[one.pk for one in people.values()]).update(password=password)
    held: dict[Caller, Credentials] = {caller: _signed_in(one.pk) for caller, one in people.items()}
    _take_away(held)
    return {Caller.ANONYMOUS: Credentials(headers={}, cookies={}), **held}


def _signed_in(operator_id: int) -> Credentials:
    operator = Operator.objects.get(pk=operator_id)
    browser = Client()
    enter_back_office(browser, operator)
    return Credentials(
        operator=operator,
        headers={"Authorization": f"Bearer {token_of(operator)}"},
        cookies={name: morsel.value for name, morsel in browser.cookies.items()},
    )


def _take_away(held: Mapping[Caller, Credentials]) -> None:
    """The locked, the expired and those who logged out lose their rights, each in their way."""
    locked, expired, gone = (
        held[caller] for caller in (Caller.LOCKED, Caller.EXPIRED, Caller.LOGGED_OUT)
    )
    assert locked.operator
    assert expired.operator
    Operator.objects.filter(pk=locked.operator.pk).update(locked=True)
    earlier = clock.now() - timedelta(seconds=1)
    expired.operator.auths.update(exp_date=earlier)
    Session.objects.filter(pk=expired.cookies[settings.SESSION_COOKIE_NAME]).update(
        expire_date=earlier
    )
    security.log_out(gone.headers["Authorization"].removeprefix("Bearer "))
    browser = Client()
    browser.cookies.load(dict(gone.cookies))
    browser.logout()
