"""The variables that every process of the system needs, and the file that keeps them.

Any `manage.py` command in another terminal reads `var/local.env`, so the file alone is enough to
reach the same servers with the same keys.
"""

import base64
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher import secret_files
from launcher.places import LOCAL_ENV, ROOT, SCRIPTS, VAR
from launcher.ports import LOOPBACK

SERVICES = ("blacklist", "casper", "abram", "mightycall")
LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$")
NEEDS_NO_QUOTES = re.compile(r"^[A-Za-z0-9_./:@,+=%-]*$")
NO_PROXY = f"{LOOPBACK},localhost"
# nothing listens on the discard port: a request that escapes a test is refused at once
NOWHERE = f"http://{LOOPBACK}:9"


@dataclass(frozen=True)
class Servers:
    """Where the two servers are.

    ``owner_url`` is the database for the role that owns its tables, which migrations need; empty:
    the application's own role does.
    """

    database_url: str
    redis_url: str
    owner_url: str = ""


def given() -> dict[str, str]:
    """The variables of the environment, and those of `.env` that the environment does not have."""
    return {**read(ROOT / ".env"), **os.environ}


def local(
    servers: Servers, ports: Mapping[str, int], given: Mapping[str, str], kept: Mapping[str, str]
) -> dict[str, str]:
    """The variables of `make run`. What is given wins over kept secrets, these over new ones."""
    made = {
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        **{name: kept.get(name) or value for name, value in new_secrets().items()},
        **{f"{name.upper()}_URL": f"http://{LOOPBACK}:{ports[name]}" for name in SERVICES},
        "DJANGO_DEBUG": "true",
        "ALLOWED_HOSTS": f"localhost,{LOOPBACK}",
        "CSV_BASE_FOLDER": str(VAR / "csv"),
        "DEMO": "true",
        "SECOND_FACTOR": "offered",  # the people of a demo have no telephone at hand
        "ARM_PHONES": "masked",  # the client is our own page
    }
    return {name: given.get(name) or value for name, value in made.items()}


def throwaway(servers: Servers, folder: Path) -> dict[str, str]:
    """The variables of a test run: new secrets, no outside service, nothing from
    `var/local.env`.
    """
    return {
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "LOCAL_ENV_FILE": os.devnull,
        **new_secrets(),
        **{f"{name.upper()}_URL": NOWHERE for name in SERVICES},
        "DJANGO_DEBUG": "true",  # plain HTTP and unhashed static files; pytest turns DEBUG off
        "ALLOWED_HOSTS": f"localhost,{LOOPBACK},testserver",
        "CSV_BASE_FOLDER": str(folder / "csv"),
        "DEMO": "false",
        "SECOND_FACTOR": "offered",
    }


def for_children(variables: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a process.

    The virtual environment comes first on its PATH, so it need not be activated. Calls to loopback
    do not go through the machine's proxy.
    """
    path = os.pathsep.join((str(SCRIPTS), os.environ.get("PATH", os.defpath)))
    bypass = ",".join(filter(None, (os.environ.get("NO_PROXY", ""), NO_PROXY)))
    return {**os.environ, **variables, "PATH": path, "NO_PROXY": bypass, "no_proxy": bypass}


def new_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "JWT_KEY": secrets.token_urlsafe(50),
        "FIELD_ENCRYPTION_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "MIGHTYCALL_API_KEY": secrets.token_urlsafe(24),
        "BLACKLIST_TOKEN": secrets.token_urlsafe(24),
        "CASPER_TOKEN": secrets.token_urlsafe(24),
        "ABRAM_TOKEN": secrets.token_urlsafe(24),
    }


def write(variables: Mapping[str, str], path: Path = LOCAL_ENV) -> None:
    lines = ["# Written by `make run` on every start; the secrets in it are kept. Not for servers."]
    lines += [f"{name}={_quote(value)}" for name, value in variables.items()]
    secret_files.write(path, "\n".join(lines) + "\n")


def read(path: Path) -> dict[str, str]:
    """The variables of an env file; empty when there is no such file."""
    if not path.exists():
        return {}
    found = (LINE.match(line) for line in path.read_text().splitlines())
    return {line[1]: _unquote(line[2]) for line in found if line}


def _quote(value: str) -> str:
    return value if NEEDS_NO_QUOTES.match(value) else f"'{value}'"


def _unquote(value: str) -> str:
    for quote in ("'", '"'):
        if len(value) >= 2 and value[0] == value[-1] == quote:
            return value[1:-1]
    return value
