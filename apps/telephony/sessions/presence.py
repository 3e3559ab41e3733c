"""Sends MightyCall the sessions and the presence of operators, until it has confirmed them
[source 2.6.6.1, 2.6.6.2].

One process at a time does it, for all operators together. What one operator needs is one job, whose
requests a thread makes one after another, and an operator has one job at a time: so an older
presence never arrives after a newer one, and a slow answer holds up nobody else. Jobs are found,
and their outcomes written, in as many statements for hundreds of operators as for one.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.cache import cache

from apps.telephony.mightycall.connection import CONCURRENCY, transport
from apps.telephony.mightycall.request_pool import Failure, answer_or_failure, threads
from apps.telephony.mightycall.transport import (
    OutOfStepError,
    SessionGoneError,
    SessionOpenElsewhereError,
)
from apps.telephony.models import MightyCallActiveOperator, MightyCallEndedSession
from apps.telephony.sessions import unconfirmed
from apps.telephony.sessions.failures import ACCOUNT_REJECTED, NO_ANSWER, OPEN_ELSEWHERE
from apps.telephony.sessions.operator_sessions import (
    NUDGED,
    close_sessions_of_absent,
    external_session_id,
    open_sessions_of_present,
    refresh_status,
)
from apps.telephony.sessions.unconfirmed import OperatorJob, Outcome
from common.locks import LockSpace, try_lock
from common.service_errors import PermanentError, ServiceError

logger = logging.getLogger(__name__)

RETRY_AFTER = timedelta(seconds=5)
# while an answer is awaited, how long a change of another operator waits to be noticed
LOOK_AGAIN_SECONDS = 0.2
TOGETHER_SECONDS = 0.02  # answers that come within it are written together


def sweep_presence(now: datetime) -> None:
    """Bring the operators on line in step with who is signed in, then send what MightyCall has not
    confirmed.
    """
    close_sessions_of_absent()
    open_sessions_of_present()
    send_presence(now)


def send_presence(now: datetime) -> None:
    """Send what MightyCall has not confirmed, of all operators whose retry is due.

    Returns at once where another process does it: that one looks again before it ends.
    """
    cache.delete(NUDGED)  # before the tables are read: a later change announces itself again
    while True:
        with try_lock(LockSpace.PRESENCE) as won:
            if not won:
                return
            failed = _make_round(now)
        # what came between the last look and the end of the lock found it taken
        if not unconfirmed.exist(now, without=failed):
            return


@dataclass(slots=True)
class _Round:
    """The jobs that threads work on. Operators whose job failed are left to the next round."""

    now: datetime
    running: dict[Future[Outcome | Failure], OperatorJob] = field(default_factory=dict)
    failed: set[int] = field(default_factory=set)

    def start_jobs(self) -> None:
        """Give the jobs of operators without one to free threads."""
        free = CONCURRENCY - len(self.running)
        if free <= 0:
            return
        busy = {job.operator_id for job in self.running.values()}
        for job in unconfirmed.take_jobs(self.now, without=busy | self.failed, limit=free):
            self.running[threads().submit(answer_or_failure, _do, job)] = job

    def finished(self) -> list[tuple[OperatorJob, Outcome]]:
        """Return the jobs that have ended. Waits for the first and for those just behind it, or
        until it is time to look for more.
        """
        if wait(self.running, LOOK_AGAIN_SECONDS, FIRST_COMPLETED).done:
            wait(self.running, TOGETHER_SECONDS)
        done = [future for future in self.running if future.done()]
        return [(self.running.pop(future), _outcome_of(future.result())) for future in done]


def _make_round(now: datetime) -> set[int]:
    """Work until nothing is left to send. Return the operators whose job failed."""
    a_round = _Round(now)
    while True:
        a_round.start_jobs()
        if not a_round.running:
            return a_round.failed
        if done := a_round.finished():
            a_round.failed |= _write(done, now)


def _do(job: OperatorJob) -> Outcome:
    """Make the requests of one operator. Runs in a thread of the request pool."""
    outcome = Outcome()
    for ended in job.ended:
        try:
            _close(ended)
            outcome.closed.append(ended.pk)
        except (ServiceError, OutOfStepError) as failure:
            outcome.failure = failure
    if job.row is not None:
        try:
            _bring_in_line(job.row, job.row.login, outcome)
        except (ServiceError, OutOfStepError) as failure:
            outcome.failure = failure
    return outcome


def _close(ended: MightyCallEndedSession) -> None:
    """A session whose id never reached us is found by opening it again under its external id."""
    try:
        session_id = ended.session_id or transport().open_session(
            ended.extension, ended.external_session_id
        )
    except SessionOpenElsewhereError:
        return  # so ours is not open
    transport().close_session(session_id)


def _bring_in_line(row: MightyCallActiveOperator, extension: str, outcome: Outcome) -> None:
    outcome.session_id = row.session_id or transport().open_session(
        extension, external_session_id(row)
    )
    try:
        transport().set_ready(extension, row.ready)
    except SessionGoneError:
        outcome.session_id = ""
        if not row.session_id:
            raise  # it was opened just now: opening it again at once would go on for ever
    else:
        outcome.revision = row.desired_revision


def _outcome_of(answer: Outcome | Failure) -> Outcome:
    return answer if isinstance(answer, Outcome) else Outcome(failure=answer)


def _write(done: Sequence[tuple[OperatorJob, Outcome]], now: datetime) -> set[int]:
    """Write what came of the jobs. Return the operators whose job failed."""
    failed = set()
    for job, outcome in done:
        if outcome.failure is not None:
            logger.warning(
                "presence of operator %d is not confirmed: %r", job.operator_id, outcome.failure
            )
            outcome.last_error = _words_for(outcome.failure)
            outcome.next_try_at = now + RETRY_AFTER
            failed.add(job.operator_id)
    unconfirmed.write_outcomes(done, now)
    refresh_status([job.operator_id for job, _ in done])
    return failed


def _words_for(failure: Failure) -> str:
    if isinstance(failure, SessionOpenElsewhereError):
        return OPEN_ELSEWHERE
    return ACCOUNT_REJECTED if isinstance(failure, PermanentError) else NO_ANSWER
