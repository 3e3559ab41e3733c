"""The lanes of background work: which queue a task goes to, and which process works on each queue.

What must be quick shares neither a process nor a queue with what may be long. Each lane is a worker
of its own, which ends and starts again without the others. Threads suit a lane that mostly waits
for PostgreSQL or a service. Processes suit one that computes: it uses both cores, and a child that
ends after some tasks gives its memory back. See docs/adr/0024-lanes-of-the-workers.md.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class WorkerLane:
    """A worker: the queue that it takes messages from, how many it works on at a time, and whether
    its processes give way to the others where the processor is short.
    """

    queue: str
    pool: Literal["threads", "prefork"]
    concurrency: int
    gives_way: bool = False

    @property
    def options(self) -> tuple[str, ...]:
        """The arguments of ``celery worker``. Workers need not know each other."""
        return (
            *("--queues", self.queue, "--hostname", f"{self.queue}@%h"),
            *("--pool", self.pool, "--concurrency", str(self.concurrency)),
            *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
        )


LANES = (
    # files are taken and checked; two processes may import large ones, one is left for small ones
    WorkerLane("files", "prefork", 3, gives_way=True),
    # applications are judged by the cascades
    WorkerLane("judging", "prefork", 2, gives_way=True),
    # verdicts that wait for a service are tried again, by a thread for each shard of them; a third
    # tells BlackList of do-not-call entries meanwhile, a fourth counts what reports show
    WorkerLane("services", "threads", 4),
    # tasks are handed over and sent to telephony's queue; redials, drafts; the access log is
    # chained. TELEPHONY_SENDERS of these may wait for MightyCall, and two remain
    WorkerLane("engine", "threads", 6),
    # MightyCall's events are read; each thread waits for the feeds of some operators
    WorkerLane("events", "threads", 4),
    # MightyCall is told of log-ins, breaks and log-outs; streams to take files of are announced
    WorkerLane("presence", "threads", 4),
    # client cards are prepared, each of which may ask Casper
    WorkerLane("cards", "threads", 4),
    # what people start and wait for, such as dry runs and exports; and what has no lane of its own
    WorkerLane("jobs", "prefork", 1, gives_way=True),
)

DEFAULT_QUEUE = "jobs"
ROUTES = {
    # it looks into no folder and takes a moment; this lane is quick even while MightyCall is not
    "apps.ingest.tasks.poll_streams": {"queue": "presence"},
    "apps.ingest.tasks.take_files": {"queue": "files"},
    "apps.filters.tasks.judge_applications": {"queue": "judging"},
    "apps.filters.tasks.judge_waiting": {"queue": "services"},
    "apps.filters.tasks.send_blacklist_notices": {"queue": "services"},
    "apps.campaigns.tasks.*": {"queue": "engine"},
    "apps.telephony.tasks.send_queue": {"queue": "engine"},
    "apps.telephony.tasks.poll_events": {"queue": "events"},
    "apps.telephony.tasks.reconcile_calls": {"queue": "events"},
    "apps.telephony.tasks.retry_rejected_events": {"queue": "events"},
    "apps.telephony.tasks.forget_old_events": {"queue": "services"},
    "apps.telephony.tasks.send_presence": {"queue": "presence"},
    "apps.telephony.tasks.sweep_presence": {"queue": "presence"},
    "apps.security.tasks.seal_access_log": {"queue": "engine"},
    "apps.arm.tasks.prepare_card": {"queue": "cards"},
    "apps.arm.tasks.prepare_cards": {"queue": "cards"},
    "apps.arm.tasks.refresh_changes": {"queue": "presence"},
    "apps.arm.tasks.sweep_states": {"queue": "presence"},
    "apps.arm.tasks.draft_overdue": {"queue": "engine"},
    "apps.reports.tasks.count_changed": {"queue": "services"},
}
