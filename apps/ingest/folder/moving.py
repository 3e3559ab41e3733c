"""Moves a file out of its stream's folder after the commit. Nothing is ever overwritten.

To another volume a file is copied: under a hidden name, then renamed, then the first is removed.
"""

import errno
import filecmp
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from apps.ingest.folder.grown_files import note_growth
from apps.ingest.folder.opened_file import Identity, find_identity, path_text
from apps.ingest.folder.report import SUFFIX, report_of
from apps.ingest.models import FileOutcome, IncomingFile
from apps.ingest.streams import Stream
from common.clock import MOSCOW, now

# errors of a file system that makes no hard links, or not of this file
NO_LINKS = {errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
OWNER_ONLY = 0o600
READ = 0o444
LONGEST_NAME = 255  # bytes, on all file systems in use


def move_out(record: IncomingFile, path: Path, stream: Stream) -> None:
    """Write the report, move the file next to it, and enter the new path in the record.

    May be called again after the process died at any point. A file that has changed since it was
    taken, or another one that has got the name, is left alone. Raises OSError when the folder
    cannot be written to; it stays then.
    """
    identity = find_identity(path)
    if identity == Identity(record.size, record.modified_ns):
        record.moved_to = path_text(_moved(record, path, stream))
    elif identity is not None:
        note_growth(record, identity.size)
    record.moved_at = now()
    record.save(update_fields=["moved_at", "moved_to"])


def _moved(record: IncomingFile, path: Path, stream: Stream) -> Path:
    is_rejected = record.outcome == FileOutcome.REJECTED
    folder = stream.error_folder if is_rejected else stream.success_folder
    report = report_of(record)
    for name in _names(path.name, record):
        target = folder / name
        if _is_copied(record, path, target):
            _draft_of(record, target).unlink(missing_ok=True)
            path.unlink()
            return target
        if _is_taken(target, path):
            continue
        if report is not None and not _place_report(target, report, record.id):
            continue
        if _place_anywhere(record, path, target):
            return target
    raise FileExistsError(errno.EEXIST, "no free name", str(folder))


def _names(name: str, record: IncomingFile) -> Iterator[str]:
    """The name, then the name with the time of the import: the same names at every try."""
    yield name
    stem, dot, ending = name.rpartition(".")
    at = record.finished_at.astimezone(MOSCOW).strftime("%Y%m%d-%H%M%S")
    for number in range(1000):
        mark = f"-{at}-{number}" if number else f"-{at}"
        room = LONGEST_NAME - len(os.fsencode(dot + ending + mark + SUFFIX))
        short = os.fsencode(stem)[:room]
        yield os.fsdecode(short) + mark + dot + ending


def _is_taken(target: Path, path: Path) -> bool:
    return os.path.lexists(target) and not _is_same(target, path)


def _is_same(target: Path, path: Path) -> bool:
    """True if both names are of the same file: the process died between link and unlink."""
    status = target.lstat()
    return status.st_nlink > 1 and os.path.samestat(status, path.lstat())


def _place_report(target: Path, report: bytes, number: int) -> bool:
    """Write the report on ``target``. Returns False when another file has the report's name."""
    place = target.with_name(target.name + SUFFIX)
    if len(os.fsencode(place.name)) > LONGEST_NAME:
        return False
    # the same name at every try, so that no draft is left over
    draft = target.with_name(f".report-{number}.tmp")
    draft.unlink(missing_ok=True)
    try:
        _write(draft, report)
        return _place(draft, place) or place.read_bytes() == report
    finally:
        draft.unlink(missing_ok=True)


def _write(draft: Path, report: bytes) -> None:
    """Write a new file. Whoever may enter its folder may read it, and nobody else."""
    may_read = stat.S_IMODE(draft.parent.stat().st_mode) & READ
    with draft.open("xb") as out:
        os.fchmod(out.fileno(), OWNER_ONLY | may_read)  # while it is empty
        out.write(report)


def _place_anywhere(record: IncomingFile, source: Path, target: Path) -> bool:
    """As ``_place``, also when the target lies on another volume."""
    try:
        return _place(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    if not (source.is_file() or source.is_symlink()):
        raise OSError(errno.EXDEV, "only a file can be moved to another volume", str(source))
    # read by the next try, if the process dies between the copy and the removal of the source
    record.moved_to = path_text(target)
    record.save(update_fields=["moved_to"])
    draft = _draft_of(record, target)
    draft.unlink(missing_ok=True)
    try:
        _copy_safely(source, draft)
        if not _place(draft, target):
            return False
    finally:
        draft.unlink(missing_ok=True)
    source.unlink()
    return True


def _draft_of(record: IncomingFile, target: Path) -> Path:
    """The hidden name of a copy: the same at every try, so that no half of a copy is left over."""
    return target.with_name(f".copy-{record.id}.tmp")


def _copy_safely(source: Path, draft: Path) -> None:
    """Copy a file or link with its times; when this returns, the copy survives a power cut."""
    shutil.copy2(source, draft, follow_symlinks=False)
    for path in (draft, draft.parent):
        if path.is_symlink():
            continue
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _is_copied(record: IncomingFile, path: Path, target: Path) -> bool:
    """True if the target is a whole copy of the file: the process died before it removed the
    file."""
    if record.moved_to != path_text(target) or not target.is_file():
        return False
    return filecmp.cmp(path, target, shallow=False)


def _place(source: Path, target: Path) -> bool:
    """Rename the file. Returns False when another file has the new name.

    A new hard link never overwrites. On a file system without them, the name is checked first.
    Raises OSError, with EXDEV when the new name is on another volume.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        if not _is_same(target, source):
            return False
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if os.path.lexists(target):
            return False
        source.rename(target)
        return True
    source.unlink()
    return True
