"""Which files in the folder of a stream are ready to be imported."""

import os
from collections.abc import Iterator
from pathlib import Path

from apps.ingest.folder.opened_file import name_text
from apps.ingest.folder.warn_once import warn_once
from apps.ingest.streams import Stream
from common.clock import now

ENDING = ".csv"
UNFINISHED_ENDINGS = (".tmp", ".part")
HIDDEN_STARTS = (".", "~")


def ready_files(stream: Stream, stuck: set[str]) -> Iterator[Path]:
    """The files to import, the oldest first, those of the same age by name.

    ``stuck`` are names of files that are imported already but could not be moved.
    """
    at = now().timestamp()
    found = []
    with os.scandir(stream.folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if not _is_ours(path, stream) or name_text(path) in stuck:
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # somebody took it away
            # a time of change in the future cannot be right; then the file system's own counts
            changed = status.st_mtime if status.st_mtime <= at else status.st_ctime
            if at - changed >= stream.settle_seconds:
                found.append((status.st_mtime_ns, entry.name, path))
    yield from (path for _modified, _name, path in sorted(found))


def _is_ours(path: Path, stream: Stream) -> bool:
    name = path.name.lower()
    if name.startswith(HIDDEN_STARTS) or name.endswith(UNFINISHED_ENDINGS):
        return False
    if path in (stream.success_folder, stream.error_folder):
        return False
    if not name.endswith(ENDING):
        key = f"foreign:{stream.name}:{name_text(path)}"
        warn_once(key, "stream %s: %r is no .csv file and is left alone", stream.name, path.name)
        return False
    return True
