"""`make run`: the whole system on this machine, from an empty folder or on the data of an
earlier run.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from launcher import environment, leftovers, ports, secret_files, translations
from launcher.environment import Servers
from launcher.failures import LauncherError, StopRequestedError
from launcher.places import LOCAL_ENV, LOGS, RUN, VAR
from launcher.ports import LOOPBACK
from launcher.postgres import Postgres
from launcher.processes import Program
from launcher.programs import PORTS, Application, log_of
from launcher.supervisor import Supervisor
from launcher.terminal import say
from launcher.valkey import Valkey
from launcher.waiting import Patience

DEFAULT_PORT = 8000
SERVER_SECONDS = 60.0  # recovery after a kill replays the write-ahead log
SETUP_SECONDS = 300.0
SERVICE_SECONDS = 90.0
# with personal data in them; PostgreSQL closes its own, whose parents another user must pass
PRIVATE = (LOGS, RUN, VAR / "csv", VAR / "redis", VAR / "simulators")
DEMO_LOGINS = VAR / "demo-logins.txt"


def run() -> int:
    """Start everything, print when it is ready, restart what ends; return 0 after Ctrl-C or
    SIGTERM.
    """
    patience = Patience()
    patience.listen()
    with only_one():
        leftovers.end_recorded()
        web_port = _web_port()
        for folder in PRIVATE:
            secret_files.close_folder(folder)
        _rotate_logs()
        supervisor = Supervisor(patience)
        try:
            application = _start(supervisor, web_port)
            _say_ready(application)
            supervisor.watch()
        except StopRequestedError:
            say("stopping…")
        finally:
            supervisor.stop()
    say("stopped; the data stay in var/")
    return 0


@contextlib.contextmanager
def only_one(lock_file: Path = RUN / "lock") -> Iterator[None]:
    """Hold the checkout's lock for the block. Raises LauncherError when another launcher has it.

    The operating system frees the lock, however the launcher ends.
    """
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise LauncherError(f"already running from this folder (pid {lock.read()})") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _start(supervisor: Supervisor, web_port: int) -> Application:
    chosen = ports.choose(("postgres", "redis", *PORTS), RUN / "ports.json")
    servers = _start_servers(supervisor, chosen)
    kept = environment.read(LOCAL_ENV)
    variables = environment.local(servers, chosen, environment.given(), kept)
    environment.write(variables)
    translations.compile_all()
    owner_url = servers.owner_url or servers.database_url
    application = Application(environment.for_children(variables), web_port, chosen, owner_url)
    for step in application.setup():
        say(f"running {step.name}")
        supervisor.run_to_end(step, SETUP_SECONDS)
    stages = application.services()
    _say_starting([program for stage in stages for program in stage])
    supervisor.start(stages, SERVICE_SECONDS)
    return application


def _start_servers(supervisor: Supervisor, chosen: dict[str, int]) -> Servers:
    """The servers of DATABASE_URL and REDIS_URL; for each that is not set, one of our own, which
    is started. The roles of a PostgreSQL of our own are made.
    """
    given = environment.given()
    postgres = Postgres(VAR / "postgres", chosen["postgres"], log_of("postgres"))
    valkey = Valkey(VAR / "redis", chosen["redis"], log_of("redis"))
    database_url, redis_url = given.get("DATABASE_URL"), given.get("REDIS_URL")
    programs = [] if database_url else [postgres.program()]
    programs += [] if redis_url else [valkey.program()]
    _say_starting(programs)
    supervisor.start([programs], SERVER_SECONDS)
    redis_url = redis_url or valkey.url
    if database_url:
        return Servers(database_url, redis_url, given.get("DATABASE_OWNER_URL", ""))
    postgres.make_roles()
    return Servers(postgres.application_url, redis_url, postgres.owner_url)


def _say_starting(programs: list[Program]) -> None:
    if programs:
        say(f"starting {', '.join(program.name for program in programs)}")


def _web_port() -> int:
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise LauncherError(f"PORT={text} is not a port number")
    if not ports.is_free(int(text)):
        raise LauncherError(
            f"port {text} is used by another program; choose one: make run PORT={int(text) + 1}"
        )
    return int(text)


def _rotate_logs() -> None:
    """Begin new logs; the logs of the last run are kept as ``.log.1``."""
    for log in LOGS.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))


def _say_ready(application: Application) -> None:
    site = f"http://{LOOPBACK}:{application.web_port}"
    simulators = f"http://{LOOPBACK}:{application.ports['control']}/"
    logins = DEMO_LOGINS.read_text().rstrip() if DEMO_LOGINS.exists() else ""
    say(
        f"""
Telemarketing is ready.

  operator workplace  {site}/arm/
  back office         {site}/admin/
  API                 {site}/api/docs/
  simulators          {simulators}
  incoming files      copy one into {VAR / "csv" / "mobile_loans"}
  logs                {LOGS}

{logins}

Ctrl-C stops everything; the data stay."""
    )
