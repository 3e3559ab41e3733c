"""Free TCP ports on the loopback address; each run takes the same ones if it can."""

import json
import random
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
# below the ephemeral ports (from 32768 on Linux), so that no outgoing connection takes a remembered
# port between two runs
CANDIDATES = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """True if a server could listen on the port now; a port in TIME_WAIT is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def find_free() -> int:
    while True:
        port = random.choice(CANDIDATES)  # noqa: S311 - a port number is no secret
        if is_free(port):
            return port


def choose(names: tuple[str, ...], memory: Path) -> dict[str, int]:
    """A free port for each name: the one in `memory` if it is still free, else a new one."""
    remembered = _read(memory)
    chosen: dict[str, int] = {}
    for name in names:
        port = remembered.get(name)
        usable = port is not None and port not in chosen.values() and is_free(port)
        chosen[name] = port if port is not None and usable else find_free()
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps(chosen, indent=2) + "\n")
    return chosen


def _read(memory: Path) -> dict[str, int]:
    try:
        return {str(name): int(port) for name, port in json.loads(memory.read_text()).items()}
    except (FileNotFoundError, ValueError, AttributeError, TypeError):
        return {}  # without the file, or with a broken one, new ports are chosen
