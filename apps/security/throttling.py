"""Limits of failed log-ins, per login and per address, for the API and the back office together
(django-axes).
"""

import ipaddress
from collections.abc import Iterable
from datetime import timedelta
from math import ceil
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Q, Sum
from django.http import HttpRequest, HttpResponse

from apps.security.models import Operator
from apps.security.types import TooManyAttemptsError
from common import clock

LONGEST_LOGIN = Operator._meta.get_field("login").max_length  # no operator has a longer one


class FailuresByLoginAndAddress(AxesDatabaseHandler):  # type: ignore[misc]
    """Axes with a separate limit for addresses, and a success that forgives only its own login.

    A whole floor of operators may share one address, so an address may fail more often than a
    login. And somebody who knows one password must not clear the address of its failures with other
    logins.
    """

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """The number that axes compares with the limit of a login: the failures of the login, or
        those of the address minus what an address may have more, whichever is greater.
        """
        by_login, by_address = (
            attempts.aggregate(total=Sum("failures_since_start"))["total"] or 0
            for attempts in self.get_user_attempts(request, credentials)
        )
        allowance = settings.ADDRESS_FAILURE_LIMIT - settings.AXES_FAILURE_LIMIT
        return int(max(by_login, by_address - allowance))

    def reset_user_attempts(
        self, request: HttpRequest, credentials: dict[str, Any] | None = None
    ) -> int:
        by_login, _ = self.filter_user_attempts(request, credentials)
        deleted, _ = by_login.delete()
        return int(deleted)


def counted_login(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The login for which a failure is counted (setting ``AXES_USERNAME_CALLABLE``), cut to the
    length of a login, because axes' column is short.
    """
    given = (credentials or request.POST).get("username") or ""
    return str(given)[:LONGEST_LOGIN]


def forget(logins: Iterable[str]) -> None:
    """Forget the failures that were counted for these logins."""
    AccessAttempt.objects.filter(username__in=logins).delete()


def client_address(request: HttpRequest) -> str:
    """The address of the client (setting ``AXES_CLIENT_IP_CALLABLE``).

    In ``X-Forwarded-For``, only the entry that the outermost of our own ``TRUSTED_PROXIES`` proxies
    wrote is trusted. Anybody can send what stands to the left of it.
    """
    direct = str(request.META.get("REMOTE_ADDR") or "")
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    proxies = settings.TRUSTED_PROXIES
    trusted = forwarded[-proxies].strip() if 0 < proxies <= len(forwarded) else direct
    try:
        return str(ipaddress.ip_address(trusted))
    except ValueError:
        return direct


def shut_out(
    request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None
) -> HttpResponse:
    """The answer to one log-in too many (setting ``AXES_LOCKOUT_CALLABLE``): the page's or API's
    answer, with HTTP 429 and ``Retry-After``.
    """
    response.status_code = 429
    seconds = retry_after_seconds(request, counted_login(request, credentials))
    response.headers.setdefault("Retry-After", str(seconds))
    return response


def is_shut_out(request: HttpRequest) -> bool:
    """True if the log-in that was just tried exceeded a limit."""
    return bool(getattr(request, "axes_locked_out", False))


def too_many_attempts(request: HttpRequest, login: str) -> TooManyAttemptsError:
    """The error to raise, with the seconds after which the counted failures are forgotten."""
    return TooManyAttemptsError(
        retry_after_seconds(request, counted_login(request, {"username": login}))
    )


def retry_after_seconds(request: HttpRequest, login: str) -> int:
    """Seconds until the newest failure of this login or address is forgotten; at least 1."""
    counted = AccessAttempt.objects.filter(
        Q(username=login) | Q(ip_address=client_address(request))
    )
    newest = counted.aggregate(at=Max("attempt_time"))["at"] or clock.now()
    cool_off: timedelta = get_cool_off(request)
    return max(1, ceil((newest + cool_off - clock.now()).total_seconds()))
