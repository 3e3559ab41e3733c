"""Keeps files that a browser sends in pieces, readable for their owner alone."""

import fcntl
import os
import shutil
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

OWNER_ONLY, OWNER_ONLY_FOLDER = 0o600, 0o700
FOLDER = "uploaded"  # inside the base folder of incoming files; no data stream may have it
MOST_BYTES = 64 * 1024 * 1024  # 100,000 rows of 20 columns have about 20 MB as .csv
UNFINISHED_DAYS = 7  # an upload that nobody has finished or confirmed since is deleted
PIECE_BYTES = 1024 * 1024  # Django takes 2.5 MB in a request


class UploadRefusedError(Exception):
    """The file or piece is not taken; ``reason`` is written for the person who sends it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def upload_folder() -> Path:
    """Where uploaded files lie; it is made where it is missing."""
    folder = Path(settings.CSV_BASE_FOLDER) / FOLDER
    folder.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    return folder


def refuse_size(size: int) -> None:
    """Raise UploadRefusedError for a file that is empty or too large."""
    if size <= 0:
        raise UploadRefusedError(_("the file is empty"))
    if size > MOST_BYTES:
        most = MOST_BYTES // (1024 * 1024)
        raise UploadRefusedError(_("the file is larger than %d MB: divide it") % most)


def append_piece(path: Path, start: int, piece: bytes, size: int) -> int:
    """Write the piece that begins at ``start``; returns how many bytes of ``size`` there are now.

    A piece that was written before changes nothing, so a browser may send it again; of two requests
    with the same piece one writes it. Raises UploadRefusedError for a piece that leaves a gap or
    goes beyond the size.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, OWNER_ONLY), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # released when the file is closed
        present = os.fstat(file.fileno()).st_size
        if start > present or start + len(piece) > size:
            raise UploadRefusedError(_("a piece of the file is missing: upload it again"))
        if start + len(piece) > present:
            file.seek(start)
            file.write(piece)
            return start + len(piece)
        return present


def refuse_full_disk(size: int) -> None:
    """Raise UploadRefusedError where the file and its rows would fill the disk."""
    if shutil.disk_usage(upload_folder()).free < 4 * size:
        raise UploadRefusedError(_("the disk is too full for this file: tell the administrator"))
