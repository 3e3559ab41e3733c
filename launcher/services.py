"""The programs of the system, in the order in which they are started."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher import probes
from launcher.environment import SERVICES
from launcher.places import LOGS, PYTHON, ROOT, RUN, VAR
from launcher.ports import LOOPBACK
from launcher.processes import Child, Program

QUEUES = ("loans", "calls")
SIMULATOR_PORTS = (*SERVICES, "control")
SIMULATOR_SEED = "1"  # the same demo people and numbers on every machine


@dataclass(frozen=True)
class Application:
    """What the programs need: their environment, the web port, the simulators' ports."""

    environment: dict[str, str]
    web_port: int
    ports: Mapping[str, int]

    def setup(self) -> list[Program]:
        """Commands that run to their end before anything is started; running one again does
        no harm.
        """
        return [
            self._python("migrate", "manage.py", "migrate", "--noinput"),
            self._python("check", "manage.py", "check"),
            self._python("demo", "manage.py", "bootstrap_demo"),
        ]

    def services(self) -> list[list[Program]]:
        """Programs that keep running, in stages; the last stage ends first."""
        workers = [self._worker(queue) for queue in QUEUES]
        return [[self._simulators()], [self._web()], workers, [self._beat()]]

    def _simulators(self) -> Program:
        options = [f"--{name}-port={self.ports[name]}" for name in SIMULATOR_PORTS]
        place = [f"--data-dir={VAR / 'simulators'}", f"--seed={SIMULATOR_SEED}"]
        arguments = ("-m", "simulators", *options, *place)
        return self._python("simulators", *arguments, is_ready=self._simulators_are_ready)

    def _web(self) -> Program:
        address = ["--host", LOOPBACK, "--port", str(self.web_port)]
        # WSGI with one blocking thread a worker is the fastest arrangement we measured
        workers = ["--workers", "2", "--blocking-threads", "1", "--workers-kill-timeout", "5"]
        server = ("-m", "granian", "--interface", "wsgi", *address, *workers)
        return self._python(
            "web",
            *server,
            "telemarketing.wsgi:application",
            is_ready=lambda _child: probes.answers(self.web_port, "/health/ready"),
        )

    def _worker(self, queue: str) -> Program:
        options = ("--queues", queue, "--concurrency", "2", "--hostname", f"{queue}@%h")
        quiet = ("--without-gossip", "--without-mingle")  # workers need not know each other
        node = f"{queue}@{socket.gethostname()}"
        return self._python(
            f"worker-{queue}",
            *(*_celery("worker"), *options, *quiet),
            is_ready=probes.worker(node, self.environment),
        )

    def _beat(self) -> Program:
        schedule = ("--schedule", str(RUN / "beat-schedule"))
        return self._python("beat", *_celery("beat"), *schedule, is_ready=probes.beat)

    def _python(
        self, name: str, *arguments: str, is_ready: Callable[[Child], bool] = Child.has_ended
    ) -> Program:
        return Program(
            name=name,
            argv=(PYTHON, *arguments),
            log=log_of(name),
            is_ready=is_ready,
            environment=self.environment,
            folder=ROOT,
        )

    def _simulators_are_ready(self, _child: Child) -> bool:
        healthy = all(probes.answers(self.ports[name], "/health") for name in SERVICES)
        return healthy and probes.page(self.ports["control"])


def log_of(name: str) -> Path:
    return LOGS / f"{name}.log"


def _celery(command: str) -> tuple[str, ...]:
    return ("-m", "celery", "-A", "telemarketing", command, "--loglevel", "INFO")
