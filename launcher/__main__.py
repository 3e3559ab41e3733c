"""`python -m launcher run`, `test`, `shell`, `psql` and `translations`; see `make help`."""

import os
import sys

from launcher import psql, system, throwaway, translations
from launcher.failures import LauncherError
from launcher.places import PYTHON

# a test process is busy on one core; more than four of them gain nothing on this suite
TEST_PROCESSES = max(2, min(os.cpu_count() or 2, 4))
SLOWEST_SHOWN = 15  # so that nobody wonders where the time of the suite goes
USAGE = """\
usage: python -m launcher run                    the whole system, until Ctrl-C
       python -m launcher test [PYTEST OPTION]…  the test suite on servers of its own
       python -m launcher shell -- COMMAND…      any command on servers of its own
       python -m launcher psql [PSQL OPTION]…    a look into the database of the running system
       python -m launcher translations           compile what is out of date"""


def test(arguments: list[str]) -> int:
    translations.compile_all()
    spread = ["-n", str(TEST_PROCESSES), "--dist", "loadgroup", f"--durations={SLOWEST_SHOWN}"]
    return throwaway.run([PYTHON, "-m", "pytest", *spread, *arguments])


def shell(arguments: list[str]) -> int:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        raise LauncherError(USAGE)
    return throwaway.run(command)


def main(arguments: list[str]) -> int:
    match arguments:
        case ["run"]:
            return system.run()
        case ["test", *rest]:
            return test(rest)
        case ["shell", *rest]:
            return shell(rest)
        case ["psql", *rest]:
            return psql.run(rest)
        case ["translations"]:
            for written in translations.compile_all():
                print(written)
            return 0
        case _:
            print(USAGE, file=sys.stderr)
            return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except LauncherError as failure:
        print(f"launcher: {failure}", file=sys.stderr)
        sys.exit(1)
