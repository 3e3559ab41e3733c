"""The beat table: one line for each periodic job.

Each is a sweep: it finds in the tables the work that a lost message announced.
"""

from typing import Any


def every(seconds: float, task: str) -> dict[str, Any]:
    """The entry of a job. A message that no worker took before the next one expires.

    `telemarketing.lanes` says to which queue it goes.
    """
    return {"task": task, "schedule": seconds, "options": {"expires": max(seconds, 1.0)}}


BEAT_SCHEDULE = {
    # announce the data streams, so that a task each takes the files in its folder
    "poll-streams": every(1, "apps.ingest.tasks.poll_streams"),
    # go on with call lists whose message or worker was lost
    "advance-call-lists": every(10, "apps.ingest.tasks.advance_call_lists"),
    # delete source files that are older than CSV_KEEP_DAYS, and files of old call lists
    "delete-old-files": every(3600, "apps.ingest.tasks.delete_old_files"),
    # judge imported applications by the cascades
    "judge-applications": every(5, "apps.filters.tasks.judge_applications"),
    # judge applications again that wait for a service
    "judge-waiting": every(15, "apps.filters.tasks.judge_waiting"),
    # add clients who asked not to be called to the blacklist
    "send-blacklist-notices": every(30, "apps.filters.tasks.send_blacklist_notices"),
    # go on with dry runs whose message or worker was lost
    "advance-dry-runs": every(10, "apps.filters.tasks.advance_dry_runs"),
    # hand due tasks to telephony
    "hand-over": every(2, "apps.campaigns.tasks.hand_over"),
    # make tasks that are due for a redial NEW again
    "wake-redials": every(10, "apps.campaigns.tasks.wake_redials"),
    # make tasks of the newer applications of clients whose call has a result now
    "promote-deferred": every(30, "apps.campaigns.tasks.promote_deferred"),
    # withdraw the tasks of paused campaigns from telephony
    "withdraw-paused": every(2, "apps.campaigns.tasks.withdraw_paused"),
    # withdraw orders that telephony never reported back
    "withdraw-lost": every(600, "apps.campaigns.tasks.withdraw_lost"),
    # make drafts of communications that have no result RESULT_SECONDS after the call
    "draft-overdue": every(2, "apps.arm.tasks.draft_overdue"),
    # prepare the client cards whose message was lost
    "prepare-cards": every(2, "apps.arm.tasks.prepare_cards"),
    # send the orders for MightyCall's queue
    "send-queue": every(1, "apps.telephony.tasks.send_queue"),
    # send MightyCall the desired state of each operator; close the sessions of those who logged out
    "sweep-presence": every(2, "apps.telephony.tasks.sweep_presence"),
    # read the event feeds of the account and, in turn, of the operators on line
    "poll-events": every(0.5, "apps.telephony.tasks.poll_events"),
    # ask about calls whose end was never reported, and close them
    "reconcile-calls": every(30, "apps.telephony.tasks.reconcile_calls"),
    # apply events again that could not be applied
    "retry-rejected-events": every(5, "apps.telephony.tasks.retry_rejected_events"),
    # delete the ids of events that cannot come again
    "forget-old-events": every(3600, "apps.telephony.tasks.forget_old_events"),
    # delete dry runs that were finished long ago
    "forget-old-runs": every(3600, "apps.filters.tasks.forget_old_runs"),
    # put the pages' changes into the cache before they expire there
    "refresh-changes": every(5, "apps.arm.tasks.refresh_changes"),
    # record what operators are doing, where that was lost
    "sweep-states": every(5, "apps.arm.tasks.sweep_states"),
    # count the hours of the reports again in which a call or a result has changed
    "count-reports": every(30, "apps.reports.tasks.count_changed"),
    # chain the new records of the access log by hash
    "seal-access-log": every(1, "apps.security.tasks.seal_access_log"),
    # delete expired tokens
    "delete-expired-tokens": every(60, "apps.security.tasks.delete_expired_tokens"),
}
