"""Opens an incoming file once, safely; everything is read through that one descriptor."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from django.utils.translation import gettext as _

from apps.ingest.types import FileChangedError, FileRejectedError


@dataclass(frozen=True, slots=True)
class Identity:
    """Tells a file from another one of the same name, and from itself after a change."""

    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file that is open for reading, and its identity when it was opened."""

    path: Path
    identity: Identity
    content: BufferedReader

    @property
    def name(self) -> str:
        """The file's name without its folder, as a table can hold it."""
        return name_text(self.path)

    def sha256(self) -> str:
        """The hash of the whole content, in hexadecimal. Leaves the position at the start."""
        self.content.seek(0)
        digest = hashlib.file_digest(self.content, "sha256").hexdigest()
        self.content.seek(0)
        return digest

    def refuse_change(self) -> None:
        """Raise FileChangedError when somebody has written to the file since it was opened."""
        if _identity(os.fstat(self.content.fileno())) != self.identity:
            raise FileChangedError(self.name)


def name_text(path: Path) -> str:
    """The name of the file as a table can hold it, see ``path_text``."""
    return path_text(Path(path.name))


def path_text(path: Path) -> str:
    """The path as a table can hold it: bytes that are not UTF-8 become replacement characters."""
    return os.fsencode(path).decode("utf-8", "replace")


def find_identity(path: Path) -> Identity | None:
    """The identity of the file that has this name now, or None. A link is not followed."""
    try:
        return _identity(path.lstat())
    except FileNotFoundError:
        return None


def _identity(status: os.stat_result) -> Identity:
    return Identity(status.st_size, status.st_mtime_ns)


@contextmanager
def take(path: Path) -> Iterator[OpenedFile]:
    """The file at ``path``, open for reading while the context lasts.

    Raises FileRejectedError for a link, a folder, a pipe and a file without the permission to read
    it, FileNotFoundError and other OSErrors.
    """
    with _opened(path) as content:
        yield OpenedFile(path, _identity(os.fstat(content.fileno())), content)


def _opened(path: Path) -> BufferedReader:
    # O_NOFOLLOW refuses a link; O_NONBLOCK does not wait for the other end of a pipe
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError as error:
        raise FileRejectedError(_("the file may not be read: no permission")) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise FileRejectedError(_("a symbolic link, not a file")) from error
        if error.errno in {errno.ENXIO, errno.ENODEV}:
            raise FileRejectedError(_("not a regular file")) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileRejectedError(_("not a regular file"))
    return os.fdopen(descriptor, "rb")
