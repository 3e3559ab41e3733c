"""Decides whether a failed call of an outside service is retried, and after which pause."""

from email.utils import parsedate_to_datetime

import requests
import tenacity

from common.clock import now
from common.service_errors import TemporaryError

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 3.0  # a worker waits no longer; the row is retried by a later sweep


def retrying(attempts: int, *, repeatable: bool) -> tenacity.Retrying:
    """Return a caller that retries a function after a pause with jitter, up to ``attempts`` calls.
    It raises the last error.

    With ``repeatable`` False only a call that certainly had no effect is retried.
    """

    def is_worth_it(error: BaseException) -> bool:
        return (
            isinstance(error, TemporaryError)
            and error.again_at_once
            and (repeatable or not error.was_sent)
            and (error.retry_after_seconds or 0.0) <= LONGEST_PAUSE_SECONDS
        )

    return tenacity.Retrying(
        stop=tenacity.stop_after_attempt(attempts),
        retry=tenacity.retry_if_exception(is_worth_it),
        wait=_pause,
        reraise=True,
    )


_jitter = tenacity.wait_random_exponential(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)


def _pause(state: tenacity.RetryCallState) -> float:
    """Return the seconds that the service asked for, or a random time that grows."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_seconds if isinstance(error, TemporaryError) else None
    return max(asked or 0.0, _jitter(state))


def retry_after(response: requests.Response) -> float | None:
    """Return the seconds to wait, from a header with seconds or a date. None without either."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        wanted = parsedate_to_datetime(text)
    except ValueError:
        return None
    if wanted.tzinfo is None:
        return None  # "-0000": a time in an unknown zone
    return max(0.0, (wanted - now()).total_seconds())
