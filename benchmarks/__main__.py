"""`make bench`: measures, and prints every figure with the one that is promised.

A module of this package that has `measure(options) -> Sequence[Bar]` is run; `add_options(parser)`
may add options of its own. Modules named on the command line are run alone. The exit code is 1 when
a bar is missed.
"""

import argparse
import importlib
import os
import pkgutil
import sys
from types import ModuleType

import django
from django.db import connection

import benchmarks
from benchmarks.bars import Bar, table


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telemarketing.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    modules = _modules()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="measure")
    parser.add_argument("only", nargs="*", choices=[*modules, []], help="what to measure")
    for module in modules.values():
        if hasattr(module, "add_options"):
            module.add_options(parser)
    options = parser.parse_args()
    chosen = options.only or list(modules)
    bars = [bar for name in chosen for bar in _measured(name, modules[name], options)]
    return 0 if all(bar.is_met for bar in bars) else 1


def _modules() -> dict[str, ModuleType]:
    names = [found.name for found in pkgutil.iter_modules(benchmarks.__path__)]
    modules = {
        name: importlib.import_module(f"benchmarks.{name}")
        for name in sorted(names)
        if not name.startswith("_")
    }
    return {name: module for name, module in modules.items() if hasattr(module, "measure")}


def _measured(name: str, module: ModuleType, options: argparse.Namespace) -> list[Bar]:
    """The bars of one module, in a database of its own."""
    old_name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        bars = list(module.measure(options))
    finally:
        connection.creation.destroy_test_db(old_name, verbosity=0)
    print(f"\n{name}\n{table(bars)}", flush=True)
    return bars


if __name__ == "__main__":
    sys.exit(main())
