"""Files and folders that only their owner may read."""

import os
import secrets
from pathlib import Path
from typing import BinaryIO

OWNER_ONLY = 0o600
OWNER_ENTERS = 0o700


def write(path: Path, text: str) -> None:
    """Replace the file atomically; no other user can read it at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w") as file:
        file.write(text)
    draft.replace(path)


def password(path: Path) -> str:
    """The password kept in the file, made on the first call."""
    if not path.exists():
        write(path, secrets.token_urlsafe(24))
    return path.read_text().strip()


def open_log(path: Path) -> BinaryIO:
    """Open the file to write at its end, made if there is none."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, OWNER_ONLY), "ab")


def close_folder(folder: Path) -> None:
    """Make the folder, or close it where it is open: what lies in it is for the owner alone."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(OWNER_ENTERS)
