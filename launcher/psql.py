"""`make psql`: the wheel's own client on the database of the running system."""

import os
from urllib.parse import unquote, urlsplit

from launcher import environment, privileges
from launcher.failures import LauncherError
from launcher.places import LOCAL_ENV


def run(arguments: list[str]) -> int:
    """Replace this process by psql, connected to the system's database. Returns only an error
    code.
    """
    settings = {**environment.read(LOCAL_ENV), **environment.given()}
    if "DATABASE_URL" not in settings:
        raise LauncherError("no database is known yet: start the system with  make run")
    address = urlsplit(settings["DATABASE_URL"])
    known = {
        "PGHOST": address.hostname or "",
        "PGPORT": str(address.port or 5432),
        "PGUSER": unquote(address.username or ""),
        # in the environment: every user of the machine can read command lines
        "PGPASSWORD": unquote(address.password or ""),
        "PGDATABASE": address.path.lstrip("/"),
    }
    client = privileges.installed() / "psql"
    os.execve(client, [str(client), *arguments], {**os.environ, **known})  # noqa: S606
