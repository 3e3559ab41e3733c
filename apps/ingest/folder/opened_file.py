"""A file that was taken from a folder: opened once, safely, and read through that one opening."""

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
    """What tells a file from another that took its name, or from itself after a change."""

    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """``name`` is the name as text; names that are no text have marks in place of wrong bytes."""

    path: Path
    identity: Identity
    content: BufferedReader

    @property
    def name(self) -> str:
        return name_text(self.path)

    def sha256(self) -> str:
        """Of the whole content, which is read from its start again afterwards."""
        self.content.seek(0)
        digest = hashlib.file_digest(self.content, "sha256").hexdigest()
        self.content.seek(0)
        return digest

    def refuse_change(self) -> None:
        """Raises FileChangedError when somebody wrote to the file since it was opened."""
        if _identity(os.fstat(self.content.fileno())) != self.identity:
            raise FileChangedError(self.name)


def name_text(path: Path) -> str:
    """The name of the file as a table can hold it."""
    return path_text(Path(path.name))


def path_text(path: Path) -> str:
    """The path as a table can hold it: bytes that are no text are marked."""
    return os.fsencode(path).decode("utf-8", "replace")


def find_identity(path: Path) -> Identity | None:
    """The identity of what has this name now, links not followed; None when there is nothing."""
    try:
        return _identity(path.lstat())
    except FileNotFoundError:
        return None


def _identity(status: os.stat_result) -> Identity:
    return Identity(status.st_size, status.st_mtime_ns)


@contextmanager
def take(path: Path) -> Iterator[OpenedFile]:
    """The file at ``path``, opened for reading.

    Raises FileRejectedError for a link, a folder, a pipe and what may not be read;
    FileNotFoundError."""
    with _opened(path) as content:
        yield OpenedFile(path, _identity(os.fstat(content.fileno())), content)


def _opened(path: Path) -> BufferedReader:
    # a link is not followed; a pipe is not waited for
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
