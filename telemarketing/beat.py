"""The beat table: one line for each periodic job.

Each is a sweep: it finds in the tables the work that a lost message announced.
"""

from typing import Any


def every(seconds: float, task: str, *, queue: str) -> dict[str, Any]:
    """The entry of a job. A message that no worker took before the next one expires."""
    return {
        "task": task,
        "schedule": seconds,
        "options": {"expires": max(seconds, 1.0), "queue": queue},
    }


BEAT_SCHEDULE = {
    # announce the data streams, so that a task each takes the files in its folder
    "poll-streams": every(1, "apps.ingest.tasks.poll_streams", queue="files"),
    # judge imported applications by the cascades
    "judge-applications": every(5, "apps.filters.tasks.judge_applications", queue="loans"),
    # judge applications again that wait for a service
    "judge-waiting": every(15, "apps.filters.tasks.judge_waiting", queue="loans"),
    # add clients who asked not to be called to the blacklist
    "send-blacklist-notices": every(30, "apps.filters.tasks.send_blacklist_notices", queue="loans"),
    # go on with dry runs whose message or worker was lost
    "advance-dry-runs": every(10, "apps.filters.tasks.advance_dry_runs", queue="jobs"),
    # hand due tasks to telephony
    "hand-over": every(2, "apps.campaigns.tasks.hand_over", queue="calls"),
    # make tasks that are due for a redial NEW again
    "wake-redials": every(10, "apps.campaigns.tasks.wake_redials", queue="calls"),
    # make tasks of the newer applications of clients whose call has a result now
    "promote-deferred": every(30, "apps.campaigns.tasks.promote_deferred", queue="calls"),
    # withdraw the tasks of paused campaigns from telephony
    "withdraw-paused": every(2, "apps.campaigns.tasks.withdraw_paused", queue="calls"),
    # withdraw orders that telephony never reported back
    "withdraw-lost": every(600, "apps.campaigns.tasks.withdraw_lost", queue="calls"),
    # make drafts of communications that have no result RESULT_SECONDS after the call
    "draft-overdue": every(2, "apps.arm.tasks.draft_overdue", queue="calls"),
    # prepare the client cards whose message was lost
    "prepare-cards": every(2, "apps.arm.tasks.prepare_cards", queue="calls"),
    # send the orders for MightyCall's queue
    "send-queue": every(1, "apps.telephony.tasks.send_queue", queue="calls"),
    # send MightyCall the desired state of each operator; close the sessions of those who logged out
    "sweep-presence": every(2, "apps.telephony.tasks.sweep_presence", queue="calls"),
    # read the event feeds of the operators on line and of the account
    "poll-events": every(1, "apps.telephony.tasks.poll_events", queue="calls"),
    # ask about calls whose end was never reported, and close them
    "reconcile-calls": every(30, "apps.telephony.tasks.reconcile_calls", queue="calls"),
    # delete expired tokens
    "delete-expired-tokens": every(60, "apps.security.tasks.delete_expired_tokens", queue="calls"),
}
