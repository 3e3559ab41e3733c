"""What others may ask the filters to do. Each name's promise stands where it is defined."""

from apps.filters.adapters.blacklist_notices import send_blacklist_notices
from apps.filters.application_import import SNAPSHOT_COLUMNS, SnapshotChunk, import_applications
from apps.filters.cascade.config_file import apply_config
from apps.filters.cascade.revisions import set_cascade
from apps.filters.judging.batches import judge_batch, judge_waiting_applications
from apps.filters.judging.runs import Asked, advance_run, cancel_run, request_dry_run

__all__ = [
    "SNAPSHOT_COLUMNS",
    "Asked",
    "SnapshotChunk",
    "advance_run",
    "apply_config",
    "cancel_run",
    "import_applications",
    "judge_batch",
    "judge_waiting_applications",
    "request_dry_run",
    "send_blacklist_notices",
    "set_cascade",
]
