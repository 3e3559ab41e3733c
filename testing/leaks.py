"""Searches texts of a running system for what must be in none of them: clients, tokens, passwords.

Ten thousand applications and megabytes of logs are compared word by word: a search takes seconds.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from testing.waiting import until
from testing.whole_system import RunningSystem

WORD = re.compile(r"[^\W_]+")
BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")  # Celery's messages have their bodies so
SHORTEST_NAME = 4  # «Ким» is a part of ordinary words and abbreviations
LOGIN_PARTS = 3  # login, password, role
PERSONAL = """
SELECT phone, face_id, device_id, document_number, last_name, first_name, middle_name
FROM "tm$applications"
"""
LISTED = ("BLACKLIST_TOKEN", "CASPER_TOKEN", "ABRAM_TOKEN", "MIGHTYCALL_API_KEY")
KEYS = ("SECRET_KEY", "JWT_KEY", "FIELD_ENCRYPTION_KEY", *LISTED)


@dataclass(frozen=True)
class Secrets:
    """``words`` are compared with whole words, in any case; ``texts`` may stand anywhere."""

    words: frozenset[str]
    texts: frozenset[str]

    def in_text(self, text: str) -> list[str]:
        """Those that the text has in it, also in what is written as base64 there."""
        found = self._plain(text)
        for coded in set(BASE64.findall(text)):
            found |= self._plain(_decoded(coded))
        return sorted(found)

    def _plain(self, text: str) -> set[str]:
        words = {word.casefold() for word in WORD.findall(text)}
        return set(self.words & words) | {secret for secret in self.texts if secret in text}


def secrets_of(system: RunningSystem, used: Iterable[str]) -> Secrets:
    """The clients of all applications, the passwords and keys of the installation, and what a test
    ``used`` beside: tokens, comments, cookies.
    """
    values = {str(value).casefold() for row in system.query(PERSONAL) for value in row if value}
    words = {word for value in values for word in WORD.findall(value)}
    lines = (system.folder / "demo-logins.txt").read_text().splitlines()
    passwords = {parts[1] for line in lines if len(parts := line.split()) == LOGIN_PARTS}
    servers = {file.read_text().strip() for file in system.folder.glob("*/*password")}
    keys = {system.settings[name].strip("'") for name in KEYS}
    return Secrets(
        words=frozenset(word for word in words if len(word) >= SHORTEST_NAME),
        texts=frozenset(filter(None, {*passwords, *servers, *keys, *used})),
    )


def texts_of(system: RunningSystem) -> dict[str, str]:
    """What can be read without a password of the database: every log, every key of Redis with its
    value, all that Redis was ever given, and the command lines of processes; by their names.
    """
    logs = (system.folder / "log").iterdir()
    given = until(
        lambda: list((system.folder / "redis").rglob("*.aof")), "Redis keeps its commands"
    )
    lines = [*system.worker_pids("cards"), *system.back_office_pids(), *system.redis_pids()]
    return {
        **{file.name: file.read_text(errors="replace") for file in logs},
        **{f"redis {file.name}": file.read_text(errors="replace") for file in given},
        **{f"process {pid}": Path(f"/proc/{pid}/cmdline").read_text() for pid in lines},
        **_texts_of_redis(system.settings["REDIS_URL"].strip("'")),
    }


def files_open_to_others(system: RunningSystem) -> list[str]:
    """Files that another user of the machine can read: open ones in folders that all are."""
    top = system.folder
    files = [file for file in top.rglob("*") if file.is_file() and file != system.output]
    return [str(file.relative_to(top)) for file in files if _is_open(file, top)]


def _is_open(file: Path, top: Path) -> bool:
    folders = [folder for folder in file.parents if top in folder.parents]
    return bool(file.stat().st_mode & 0o044) and all(
        folder.stat().st_mode & 0o011 for folder in folders
    )


def _texts_of_redis(url: str) -> dict[str, str]:
    """Every key that Redis holds now, with its value; one that expires meanwhile has none."""
    server = redis.Redis.from_url(url)
    return {
        key.decode(errors="replace"): f"{key!r} {_value(server, key)}"
        for key in server.scan_iter(count=1_000)
    }


def _value(server: redis.Redis, key: bytes) -> str:
    client: Any = server  # its types tell a synchronous client from an asynchronous one badly
    read: dict[bytes, Callable[[], Iterable[bytes]]] = {
        b"string": lambda: [client.get(key)],
        b"hash": lambda: [part for pair in client.hgetall(key).items() for part in pair],
        b"list": lambda: client.lrange(key, 0, -1),
        b"set": lambda: client.smembers(key),
        b"zset": lambda: client.zrange(key, 0, -1),
        b"none": list[bytes],
    }
    return "\n".join(part.decode(errors="replace") for part in read[client.type(key)]() if part)


def _decoded(coded: str) -> str:
    try:
        return base64.b64decode(coded, validate=True).decode(errors="replace")
    except binascii.Error:
        return ""
