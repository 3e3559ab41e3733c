"""The beat table: one line a job, each a sweep that finds in the tables whatever a lost message
left behind."""

from typing import Any


def every(seconds: float, task: str, *, queue: str) -> dict[str, Any]:
    """A job's entry. A message nobody took by the next turn is stale and expires."""
    return {
        "task": task,
        "schedule": seconds,
        "options": {"expires": max(seconds, 1.0), "queue": queue},
    }


BEAT_SCHEDULE = {
    # files in the streams' folders are imported
    "poll-streams": every(1, "apps.ingest.tasks.poll_streams", queue="loans"),
    # applications that entered are judged by the cascades
    "judge-applications": every(5, "apps.filters.tasks.judge_applications", queue="loans"),
    # applications that wait for a service are tried again
    "judge-waiting": every(15, "apps.filters.tasks.judge_waiting", queue="loans"),
    # clients who asked never to be called again are put on the blacklist
    "send-blacklist-notices": every(30, "apps.filters.tasks.send_blacklist_notices", queue="loans"),
    # due tasks are handed to telephony
    "hand-over": every(2, "apps.campaigns.tasks.hand_over", queue="calls"),
    # redials that fall due become new tasks
    "wake-redials": every(10, "apps.campaigns.tasks.wake_redials", queue="calls"),
    # newer applications of clients whose call has its result become tasks
    "promote-deferred": every(30, "apps.campaigns.tasks.promote_deferred", queue="calls"),
    # tasks of campaigns that were paused come back from telephony
    "withdraw-paused": every(2, "apps.campaigns.tasks.withdraw_paused", queue="calls"),
    # tasks that telephony never reported back are found
    "recover-lost": every(600, "apps.campaigns.tasks.recover_lost", queue="calls"),
    # communications without a result 60 seconds after the call become drafts
    "draft-overdue": every(2, "apps.arm.tasks.draft_overdue", queue="calls"),
    # cards whose preparation was lost are prepared
    "prepare-cards": every(2, "apps.arm.tasks.prepare_cards", queue="calls"),
    # requests to MightyCall's queue are sent
    "send-queue": every(1, "apps.telephony.tasks.send_queue", queue="calls"),
    # MightyCall is told who is here and ready; those who are gone are signed off
    "tell-presence": every(2, "apps.telephony.tasks.tell_presence", queue="calls"),
    # events of operators on line, and of calls that reached nobody
    "poll-events": every(1, "apps.telephony.tasks.poll_events", queue="calls"),
    # calls whose end was never told are closed
    "reconcile-calls": every(30, "apps.telephony.tasks.reconcile_calls", queue="calls"),
    # tokens that ran out are deleted
    "delete-expired-tokens": every(60, "apps.security.tasks.delete_expired_tokens", queue="calls"),
}
