"""The programs of the system, in the order in which they are started."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from launcher import probes
from launcher.environment import SERVICES
from launcher.places import LOGS, PYTHON, ROOT, RUN, VAR
from launcher.ports import LOOPBACK
from launcher.processes import Child, Program

# the workers of `telemarketing.lanes`, and beat: forks of the program "workers"
QUEUES = ("files", "judging", "services", "engine", "events", "presence", "cards", "jobs")
FORKS = (*(f"worker-{queue}" for queue in QUEUES), "beat")
SIMULATOR_PORTS = (*SERVICES, "control")
PORTS = (*SIMULATOR_PORTS, "back-office", "changes")
# requests that a web process may have open at a time: streams of changes stay open
OPEN_REQUESTS = 4_096
SIMULATOR_SEED = "1"  # the same demo people and numbers on every machine


@dataclass(frozen=True)
class Application:
    """What the programs need: their environment, the web port, the simulators' ports.

    ``owner_url`` is the database for the role that owns the tables: migrations alone get it.
    """

    environment: dict[str, str]
    web_port: int
    ports: Mapping[str, int]
    owner_url: str

    def setup(self) -> list[Program]:
        """Commands that run to their end before anything is started; running one again does
        no harm.
        """
        owner = {"DATABASE_URL": self.owner_url}
        return [
            self._python("migrate", "manage.py", "migrate", "--noinput", variables=owner),
            self._python("check", "manage.py", "check"),
            self._python("demo", "manage.py", "bootstrap_demo"),
        ]

    def services(self) -> list[list[Program]]:
        """Programs that keep running, in stages; the last stage ends first."""
        return [
            [self._simulators()],
            [self._back_office(), self._changes()],
            [self._web()],
            [self._workers()],
        ]

    def _simulators(self) -> Program:
        options = [f"--{name}-port={self.ports[name]}" for name in SIMULATOR_PORTS]
        place = [f"--data-dir={VAR / 'simulators'}", f"--seed={SIMULATOR_SEED}"]
        arguments = ("-m", "simulators", *options, *place)
        return self._python("simulators", *arguments, is_ready=self._simulators_are_ready)

    def _web(self) -> Program:
        """Serves the workplace, and passes requests of the back office on to its process."""
        elsewhere = {
            "BACK_OFFICE_URL": f"http://{LOOPBACK}:{self.ports['back-office']}",
            "CHANGES_URL": f"http://{LOOPBACK}:{self.ports['changes']}",
        }
        return self._granian("web", self.web_port, workers=2, variables=elsewhere)

    def _changes(self) -> Program:
        """Serves the streams of changes, which the web passes on."""
        port = self.ports["changes"]
        return self._python(
            "changes",
            *("-m", "telemarketing.change_streams", "--host", LOOPBACK, "--port", str(port)),
            is_ready=lambda _child: probes.answers(port, "/health/ready"),
            variables={"WEB_URL": f"http://{LOOPBACK}:{self.web_port}"},
        )

    def _back_office(self) -> Program:
        port, variables = self.ports["back-office"], {"BEHIND_WEB": "true"}
        return self._granian("back-office", port, workers=1, variables=variables)

    def _granian(self, name: str, port: int, workers: int, variables: dict[str, str]) -> Program:
        address = ("--host", LOOPBACK, "--port", str(port), "--no-ws")
        bounds = ("--workers-kill-timeout", "5", "--backpressure", str(OPEN_REQUESTS))
        processes = ("--workers", str(workers), *bounds)
        server = ("-m", "granian", "--interface", "rsgi", *address, *processes)
        return self._python(
            name,
            *(*server, "telemarketing.rsgi:application"),
            is_ready=lambda _child: probes.answers(port, "/health/ready"),
            variables=variables,
        )

    def _workers(self) -> Program:
        """The workers of all lanes and beat."""
        arguments = ("-m", "telemarketing.workers", str(LOGS), str(RUN / "beat-schedule"))
        logs = [log_of(fork) for fork in FORKS]
        is_ready = probes.workers(QUEUES, logs, self.environment)
        return self._python("workers", *arguments, is_ready=is_ready, grace_seconds=20.0)

    def _python(
        self,
        name: str,
        *arguments: str,
        is_ready: Callable[[Child], bool] = Child.has_ended,
        variables: Mapping[str, str] = MappingProxyType({}),
        grace_seconds: float = 10.0,
    ) -> Program:
        return Program(
            name=name,
            argv=(PYTHON, *arguments),
            log=log_of(name),
            is_ready=is_ready,
            environment={**self.environment, **variables},
            folder=ROOT,
            grace_seconds=grace_seconds,
        )

    def _simulators_are_ready(self, _child: Child) -> bool:
        healthy = all(probes.answers(self.ports[name], "/health") for name in SERVICES)
        return healthy and probes.page(self.ports["control"])


def log_of(name: str) -> Path:
    return LOGS / f"{name}.log"
