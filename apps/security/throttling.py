"""Limits of failed log-ins, per device, login and address, for the API and the back office together
(django-axes).
"""

import ipaddress
from collections.abc import Iterable
from datetime import timedelta
from math import ceil
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_cool_off
from axes.middleware import AxesMiddleware
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse

from apps.security import known_devices
from apps.security.models import Operator
from apps.security.types import TooManyAttemptsError, Visitor
from common import clock

LONGEST_LOGIN = Operator._meta.get_field("login").max_length  # no operator has a longer one
DEVICE = "device:"
STRANGER = "stranger"


class FailuresOfLogins(AxesDatabaseHandler):  # type: ignore[misc]
    """Axes with failures counted apart for known devices, for a login at an address, for a login
    from everywhere, and for an address.

    A whole floor of operators may share one address, so an address may fail more often than a
    login. What strangers fail does not shut out a device where the login was right before. And
    somebody who knows one password must not clear the address of its failures with other logins.
    """

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """The number that axes compares with ``LOGIN_FAILURE_LIMIT``: of each count what it has
        more than its own limit allows beyond this one, whichever is the greatest.
        """
        login, device = _who(request, credentials)
        recent = AccessAttempt.objects.filter(attempt_time__gte=get_cool_off_threshold(request))
        if device:
            counted = recent.filter(username=login, user_agent=_device_mark(device))
            return int(counted.aggregate(total=Sum("failures_since_start"))["total"] or 0)
        return _failures_of_a_stranger(recent, login, client_address(request))

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        if request is not None:
            _, device = _who(request, credentials)
            # not the browser's own words: they could pass for a device, and are of no use to us
            request.axes_user_agent = _device_mark(device) if device else STRANGER
        super().user_login_failed(sender, credentials, request, **kwargs)

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        super().user_logged_in(sender, request, user, **kwargs)
        request.login_that_was_right = user.get_username()

    def reset_user_attempts(
        self, request: HttpRequest, credentials: dict[str, Any] | None = None
    ) -> int:
        """Forget what this device failed, or what strangers failed with this login here. What came
        from elsewhere stays: the owner's success is no reason to let others guess on.
        """
        login, device = _who(request, credentials)
        failed = AccessAttempt.objects.filter(username=login)
        if device:
            mine = failed.filter(user_agent=_device_mark(device))
        else:
            here = failed.filter(ip_address=client_address(request))
            mine = here.exclude(user_agent__startswith=DEVICE)
        deleted, _ = mine.delete()
        return int(deleted)


class KnownDeviceMiddleware(AxesMiddleware):  # type: ignore[misc]
    """Axes' own middleware, which also lets the browser of a successful log-in keep its cookie."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = super().__call__(request)
        login = getattr(request, "login_that_was_right", None)
        if login is not None:
            known_devices.remember(request, response, login)
        return response


def _who(request: HttpRequest, credentials: dict[str, Any] | None) -> tuple[str, str | None]:
    """The login that is tried, and the known device that tries it; None for a stranger."""
    login = counted_login(request, credentials)
    return login, known_devices.device_of(request, login)


def _device_mark(device: str) -> str:
    """What stands in axes' column of the browser's name."""
    return f"{DEVICE}{device}"


def _failures_of_a_stranger(recent: QuerySet[AccessAttempt], login: str, address: str) -> int:
    counted = recent.filter(Q(username=login) | Q(ip_address=address))  # each by its index
    counts = counted.exclude(user_agent__startswith=DEVICE).aggregate(
        here=Sum("failures_since_start", filter=Q(username=login, ip_address=address)),
        everywhere=Sum("failures_since_start", filter=Q(username=login)),
        address=Sum("failures_since_start", filter=Q(ip_address=address)),
    )
    failed = {name: total or 0 for name, total in counts.items()}
    limit = settings.AXES_FAILURE_LIMIT
    beyond = (
        failed["here"],
        failed["everywhere"] - (settings.EVERYWHERE_FAILURE_LIMIT - limit),
        failed["address"] - (settings.ADDRESS_FAILURE_LIMIT - limit),
    )
    return int(max(beyond))


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


def visitor_of(request: HttpRequest, operator_id: int) -> Visitor:
    """Who asks, for the access log: the operator, and the address of the client."""
    return Visitor(operator_id, client_address(request))


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
    """Seconds until the newest failure that counts here is forgotten; at least 1."""
    device = known_devices.device_of(request, login)
    counted = (
        AccessAttempt.objects.filter(username=login, user_agent=_device_mark(device))
        if device
        else AccessAttempt.objects.filter(
            Q(username=login) | Q(ip_address=client_address(request))
        ).exclude(user_agent__startswith=DEVICE)
    )
    newest = counted.aggregate(at=Max("attempt_time"))["at"] or clock.now()
    cool_off: timedelta = get_cool_off(request)
    return max(1, ceil((newest + cool_off - clock.now()).total_seconds()))
