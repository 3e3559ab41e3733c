"""`make mutants`: changes the code in small ways and counts the changes that the tests notice.

Works on a copy of the checkout, with a sample of the mutants that Cosmic Ray makes of a target's
modules. Each is tested by the tests of the target's own module, on one database that is made once.
Prints the mutants that survived, as diffs: each is a promise that no test names, or a change that
makes no difference. Run it under the launcher, which has the servers.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmic_ray.commands import execute, init
from cosmic_ray.config import ConfigDict
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult

ROOT = Path(__file__).resolve().parents[1]
# Changes of which one does what ten similar ones do. Those of decorators and annotations, which
# tests inside a transaction cannot see or which no longer compile, are left out.
OPERATORS = re.compile(
    r"core/(ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Is_IsNot|IsNot_Is)"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Mod_Mul)"
    r"|ReplaceUnaryOperator_Delete_Not|AddNot|ReplaceAndWithOr|ReplaceOrWithAnd"
    r"|ReplaceTrueWithFalse|ReplaceFalseWithTrue|ReplaceBreakWithContinue"
    r"|ReplaceContinueWithBreak|NumberReplacer|ZeroIterationForLoop)"
)
# how many are done at once is a matter of speed: one more or less changes no promise
TUNED = re.compile(r"^(\w+_AT_ONCE|\w+_LENGTH)\b")
SLOWEST_FACTOR = 4  # of the time of the tests without a mutant; longer means a loop without end


@dataclass(frozen=True, slots=True)
class Target:
    """Modules, and their own tests, which must notice a change of them."""

    modules: Sequence[str]
    tests: Sequence[str]


TARGETS = {
    "engine": Target(
        ["apps/campaigns/engine"],
        [
            "apps/campaigns/tests/engine",
            # what takes long: they notice little that the others do not
            "--deselect=apps/campaigns/tests/engine/test_concurrency.py",
            "--deselect=apps/campaigns/tests/engine/test_random_sequences.py",
        ],
    ),
    "intake": Target(
        ["apps/telephony/events/event_intake.py"],
        [
            "apps/telephony/tests/events",
            "apps/telephony/tests/sessions",
            "apps/telephony/tests/test_whole_way.py",
        ],
    ),
    "judging": Target(["apps/filters/judging"], ["apps/filters/tests/judging"]),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="default: all")
    parser.add_argument("--sample", type=int, default=60, help="mutants of each target; 0: all")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another sample")
    parser.add_argument("--least", type=float, default=0.95, help="the share that is to be killed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        os.chdir(_copy_of_checkout(Path(folder)))
        shares = [
            _killed_share(name, options.sample, options.seed) for name in options.targets or TARGETS
        ]
    return 0 if min(shares) >= options.least else 1


def _copy_of_checkout(folder: Path) -> Path:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in listed.stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def _killed_share(name: str, sample: int, seed: int) -> float:
    target = TARGETS[name]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--reuse-db", "-p", "no:cacheprovider"]
    command += target.tests
    started = time.monotonic()
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own tests
        raise SystemExit(f"the tests of {name} fail without any mutant")
    longest = SLOWEST_FACTOR * (time.monotonic() - started)
    with use_db(f"{name}.sqlite", WorkDB.Mode.create) as mutants:
        modules = sorted(path for place in target.modules for path in _modules_of(Path(place)))
        init(modules, mutants, {})
        chosen = _skip_all_but(mutants, sample, random.Random(seed))
        print(f"{name}: {chosen} of {mutants.num_work_items} mutants", flush=True)
        settings = {"test-command": " ".join(command), "timeout": longest}
        execute(mutants, ConfigDict({**settings, "distributor": {"name": "local"}}))
        return _report(name, mutants)


def _modules_of(place: Path) -> list[Path]:
    return [place] if place.is_file() else list(place.glob("*.py"))


def _skip_all_but(mutants: WorkDB, sample: int, chance: random.Random) -> int:
    items = sorted(mutants.pending_work_items, key=_place)
    worth = [item for item in items if _is_worth_trying(item)]
    kept = chance.sample(worth, sample) if 0 < sample < len(worth) else worth
    skipped = {item.job_id for item in items} - {item.job_id for item in kept}
    for job_id in skipped:
        mutants.set_result(job_id, WorkResult(worker_outcome=WorkerOutcome.SKIPPED))
    return len(kept)


def _is_worth_trying(item: WorkItem) -> bool:
    """A change that some test could notice."""
    mutation = item.mutations[0]
    lines = Path(mutation.module_path).read_text(encoding="utf-8").splitlines()
    line = lines[mutation.start_pos[0] - 1]
    return bool(OPERATORS.fullmatch(mutation.operator_name)) and not TUNED.match(line)


def _place(item: WorkItem) -> tuple[Any, ...]:
    mutation = item.mutations[0]
    return str(mutation.module_path), mutation.start_pos, mutation.operator_name


def _report(name: str, mutants: WorkDB) -> float:
    outcomes = [result for _, result in mutants.results if result.test_outcome is not None]
    survivors = [one for one in outcomes if one.test_outcome is TestOutcome.SURVIVED]
    for one in survivors:
        print(one.diff)
    killed = len(outcomes) - len(survivors)
    print(f"{name}: {killed} of {len(outcomes)} mutants were noticed", flush=True)
    return killed / len(outcomes) if outcomes else 1.0


if __name__ == "__main__":
    sys.exit(main())
