"""A worker in a process of its own, which may be told to die.

It dies as by ``kill -9``, before or after the first call of a named function. It does ``work``, a
function without arguments; without one it polls once.
"""

import importlib
import os
import signal
import sys
from typing import Any

import django
from django.db import connection


def main(
    database: str,
    base_folder: str,
    config_dir: str,
    step: str = "",
    when: str = "",
    work: str = "testing.incoming.take_all_files",
) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telemarketing.settings")
    os.environ["CSV_BASE_FOLDER"], os.environ["CONFIG_DIR"] = base_folder, config_dir
    django.setup()
    connection.settings_dict["NAME"] = database
    if step:
        place, _dot, name = step.rpartition(".")
        _die(place, name, when)
    module, _dot, name = work.rpartition(".")
    getattr(importlib.import_module(module), name)()


def _die(place: str, name: str, when: str) -> None:
    """Let the function kill the process. ``place`` is "module" or "module:object"."""
    module, _colon, inner = place.partition(":")
    target: Any = importlib.import_module(module)
    target = getattr(target, inner) if inner else target
    original = getattr(target, name)

    def dying(*arguments: Any, **keywords: Any) -> Any:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        original(*arguments, **keywords)
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    setattr(target, name, dying)


if __name__ == "__main__":
    main(*sys.argv[1:])
