"""What others may ask the filters to do. Each name's promise stands where it is defined."""

from apps.filters.adapters.blacklist_notices import send_blacklist_notices
from apps.filters.application_import import SNAPSHOT_COLUMNS, SnapshotChunk, import_applications
from apps.filters.cascade.config_file import apply_config
from apps.filters.cascade.revisions import set_cascade
from apps.filters.judging.batches import judge_for_a_while
from apps.filters.judging.old_runs import forget_old_runs
from apps.filters.judging.runs import Asked, advance_run, cancel_run, request_dry_run
from apps.filters.judging.service_lane import ask_services_for_a_while

__all__ = [
    "SNAPSHOT_COLUMNS",
    "Asked",
    "SnapshotChunk",
    "advance_run",
    "apply_config",
    "ask_services_for_a_while",
    "cancel_run",
    "forget_old_runs",
    "import_applications",
    "judge_for_a_while",
    "request_dry_run",
    "send_blacklist_notices",
    "set_cascade",
]
