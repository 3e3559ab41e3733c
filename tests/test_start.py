"""No process starts with a key that can be guessed."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as project

WEAK = {"SECRET_KEY": "abc", "JWT_KEY": "abc"}
PROCESSES = {
    "web": ["-c", "import telemarketing.rsgi"],
    "workers": ["-m", "telemarketing.workers", "{folder}", "{folder}/beat"],
    "worker": ["-m", "celery", "-A", "telemarketing", "worker", "--pool", "solo", "-Q", "nothing"],
    "beat": ["-m", "celery", "-A", "telemarketing", "beat", "-s", "{folder}/beat", "--pidfile="],
}


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_with_weak_keys_refuses_to_start(
    process: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp(process)
    arguments = [argument.format(folder=folder) for argument in PROCESSES[process]]

    ended = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, *arguments],
        cwd=project.BASE_DIR,
        env={**os.environ, **WEAK},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )

    assert ended.returncode != 0
    assert {"security.E001", "security.E002", "security.E008"} <= {
        word.strip("()") for word in (ended.stdout + ended.stderr).split()
    }


def test_the_web_starts_with_the_keys_of_this_installation() -> None:
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, *PROCESSES["web"]], cwd=project.BASE_DIR, check=True, capture_output=True
    )
