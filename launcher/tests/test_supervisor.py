"""Whatever dies is started again; whatever was started is ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher import leftovers, proc, supervisor
from launcher.failures import LauncherError
from launcher.places import ROOT
from launcher.processes import Child, Program
from launcher.supervisor import Supervisor
from launcher.waiting import Patience

# a parent with a child of its own, like a web server with its workers
FAMILY = """
import subprocess, sys, time
print(subprocess.Popen(["sleep", "600"]).pid, flush=True)
time.sleep(600)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
LAUNCHER = """
import sys, time
from pathlib import Path
from launcher.processes import Child, Program
log = Path(sys.argv[1])
print(Child(Program("sleeper", ("sleep", "600"), log, lambda child: True)).pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The record of processes lies in a folder of the test's own: tests run side by side."""
    monkeypatch.setattr(leftovers, "RECORD", tmp_path / "processes.json")
    return leftovers.RECORD


@pytest.fixture
def keeper(record: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.01)
    keeper = Supervisor(Patience())
    yield keeper
    keeper.stop()


def script(tmp_path: Path, text: str) -> Program:
    return Program(
        name="script",
        argv=(sys.executable, "-c", text),
        log=tmp_path / "script.log",
        is_ready=lambda child: bool(child.output()),
        grace_seconds=0.2,
    )


def comes_true_that_dead(pid: int) -> bool:
    return Patience().until(lambda: not proc.is_alive(pid), 5)


def test_a_dead_program_is_started_again_and_this_is_said(
    tmp_path: Path, keeper: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    keeper.start([[script(tmp_path, FAMILY)]], 10)
    first = keeper.children[0]
    grandchild = int(first.output())
    os.kill(first.pid, signal.SIGKILL)

    def is_replaced() -> bool:
        keeper.look_once()
        return keeper.children[0] is not first

    assert Patience().until(is_replaced, 5)
    assert comes_true_that_dead(grandchild)
    assert not keeper.children[0].has_ended()
    said = capsys.readouterr().out
    assert "script: ended (killed by signal 9), starting again" in said
    assert f"script: started again (pid {keeper.children[0].pid})" in said


def test_a_stop_ends_the_whole_group(tmp_path: Path, keeper: Supervisor) -> None:
    keeper.start([[script(tmp_path, FAMILY)]], 10)
    child = keeper.children[0]

    keeper.stop()

    assert child.has_ended()
    assert comes_true_that_dead(int(child.output()))


def test_a_program_deaf_to_the_stop_signal_is_killed(tmp_path: Path, keeper: Supervisor) -> None:
    keeper.start([[script(tmp_path, STUBBORN)]], 10)
    child = keeper.children[0]

    keeper.stop()

    assert child.process.returncode == -signal.SIGKILL


def test_a_program_that_fails_while_starting_is_shown_with_its_log(
    tmp_path: Path, keeper: Supervisor
) -> None:
    with pytest.raises(LauncherError, match=r"(?s)exit code 3.*no such table"):
        keeper.start([[script(tmp_path, "import sys; print('no such table'); sys.exit(3)")]], 10)


def test_a_program_that_never_gets_ready_is_refused(tmp_path: Path, keeper: Supervisor) -> None:
    with pytest.raises(LauncherError, match="script is not ready after 0 s"):
        keeper.start([[script(tmp_path, "import time; time.sleep(600)")]], 0.2)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's")
def test_programs_end_with_a_launcher_that_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LAUNCHER, str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout is not None
        sleeper = int(launcher.stdout.readline())
        launcher.kill()

    assert comes_true_that_dead(sleeper)


def test_what_an_earlier_launcher_left_is_ended(tmp_path: Path, record: Path) -> None:
    child = Child(script(tmp_path, FAMILY))
    assert Patience().until(child.is_ready, 5)
    leftovers.record([child])

    leftovers.end_recorded()

    assert child.has_ended()
    assert comes_true_that_dead(int(child.output()))


def test_a_stranger_with_a_recorded_pid_is_spared(tmp_path: Path, record: Path) -> None:
    child = Child(script(tmp_path, FAMILY))
    leftovers.record([child])
    record.write_text(record.read_text().replace(proc.identity(child.pid), "another moment"))

    leftovers.end_recorded()

    assert not child.has_ended()
    child.end()
