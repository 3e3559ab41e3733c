"""Files that only their owner may read."""

import os
import secrets
from pathlib import Path

OWNER_ONLY = 0o600


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
