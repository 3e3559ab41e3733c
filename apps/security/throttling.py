"""Failed log-ins are counted per login and per address, for the API and the back office together
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
    """Axes with a limit for addresses of their own, and a success that forgives only its own login.

    A whole floor of operators may sit behind one address, so it may fail more often than a login.
    And who knows one password must not wipe out what the address failed with other logins.
    """

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """The failures of the login, or those of the address less what an address may have more;
        whichever is worse.
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
    """The login under which a failure is counted (setting ``AXES_USERNAME_CALLABLE``): cut, for
    axes' column is short.
    """
    given = (credentials or request.POST).get("username") or ""
    return str(given)[:LONGEST_LOGIN]


def forget(logins: Iterable[str]) -> None:
    """The failures counted for these logins are forgotten."""
    AccessAttempt.objects.filter(username__in=logins).delete()


def client_address(request: HttpRequest) -> str:
    """The address of the client (setting ``AXES_CLIENT_IP_CALLABLE``).

    Of ``X-Forwarded-For`` only the entry is believed that the outermost of our own
    ``TRUSTED_PROXIES`` proxies wrote; what stands left of it, anybody can send.
    """
    direct = str(request.META.get("REMOTE_ADDR") or "")
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    proxies = settings.TRUSTED_PROXIES
    believed = forwarded[-proxies].strip() if 0 < proxies <= len(forwarded) else direct
    try:
        return str(ipaddress.ip_address(believed))
    except ValueError:
        return direct


def shut_out(
    request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None
) -> HttpResponse:
    """The answer to a log-in too many (setting ``AXES_LOCKOUT_CALLABLE``): what the page or API
    said, as HTTP 429.
    """
    response.status_code = 429
    seconds = retry_after_seconds(request, counted_login(request, credentials))
    response.headers.setdefault("Retry-After", str(seconds))
    return response


def is_shut_out(request: HttpRequest) -> bool:
    """Whether the log-in that was just tried failed once too often."""
    return bool(getattr(request, "axes_locked_out", False))


def too_many_attempts(request: HttpRequest, login: str) -> TooManyAttemptsError:
    """The refusal, with the seconds after which the counted failures are forgotten."""
    return TooManyAttemptsError(
        retry_after_seconds(request, counted_login(request, {"username": login}))
    )


def retry_after_seconds(request: HttpRequest, login: str) -> int:
    """Until the newest failure of this login or address has cooled off; at least 1."""
    counted = AccessAttempt.objects.filter(
        Q(username=login) | Q(ip_address=client_address(request))
    )
    newest = counted.aggregate(at=Max("attempt_time"))["at"] or clock.now()
    cool_off: timedelta = get_cool_off(request)
    return max(1, ceil((newest + cool_off - clock.now()).total_seconds()))
