"""`make mutants`: changes the code in small ways and counts the changes that the tests notice.

Works on a copy of the checkout, with a sample of the mutants that Cosmic Ray makes of a target's
modules. Each is tested by the tests of the target until one fails, those of the changed module
first, on a database that is made once. Prints the mutants that survived, as diffs: each is a
promise that no test names, or a change that makes no difference. Run it under the launcher, which
has the servers.

Outcomes are kept in var/mutants. The next run with the same modules, sample and seed tries only
the mutants that were not tried before, then again those that survived.
"""

import argparse
import hashlib
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

from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkItem, WorkResult

from launcher import translations
from launcher.places import ROOT, VAR

OUTCOMES = VAR / "mutants"
# One process for each mutant: what its tests do not use is not loaded.
PYTEST = f"{sys.executable} -m pytest -q -x --reuse-db -p no:cacheprovider -p no:schemathesis"
# Changes of which one does what ten similar ones do. Those of decorators and annotations, which
# tests inside a transaction cannot see or which no longer compile, are left out.
OPERATORS = re.compile(
    r"core/(ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Is_IsNot|IsNot_Is)"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Mod_Mul)"
    r"|ReplaceUnaryOperator_Delete_Not|AddNot|ReplaceAndWithOr|ReplaceOrWithAnd"
    r"|ReplaceTrueWithFalse|ReplaceFalseWithTrue|ReplaceBreakWithContinue"
    r"|ReplaceContinueWithBreak|NumberReplacer|ZeroIterationForLoop)"
)
# Lines of which no change breaks a promise. How many are done at once or shown, and how long a
# pause is, is a matter of speed or space. A decorator's True and False keep records from changes.
TUNED = re.compile(r"^(\w+_(AT_ONCE|LENGTH|OF_A_SLICE|SHOWN|WAITS|SECONDS)\b|\s*@)")
SLOWEST_FACTOR = 4  # of the time of the tests without a mutant; longer means a loop without end


@dataclass(frozen=True, slots=True)
class Target:
    """Modules, and the folders or files of their own tests, which must notice a change of them.

    `without` leaves out tests that take long and notice little that the others do not.
    """

    modules: Sequence[str]
    tests: Sequence[str]
    without: Sequence[str] = ()

    def module_files(self) -> list[Path]:
        return _files(self.modules, "*.py")

    def test_files(self, module: Path | None = None) -> list[Path]:
        """Return the files of the tests, with those of this module first."""
        left_out = _files(self.without, "test_*.py")
        found = [one for one in _files(self.tests, "test_*.py") if one not in left_out]
        own = [one for one in found if module and one.stem == f"test_{module.stem}"]
        return own + [one for one in found if one not in own]

    def fingerprint(self) -> str:
        """Another one whenever a module has changed, or what is changed in it."""
        texts = [one.read_text(encoding="utf-8") for one in self.module_files()]
        patterns = [OPERATORS.pattern, TUNED.pattern]
        return hashlib.sha256("".join(texts + patterns).encode()).hexdigest()[:12]


def _files(places: Sequence[str], pattern: str) -> list[Path]:
    return [
        one
        for place in map(Path, places)
        for one in ([place] if place.is_file() else sorted(place.glob(pattern)))
    ]


TARGETS = {
    "engine": Target(
        modules=["apps/campaigns/engine"],
        tests=["apps/campaigns/tests/engine"],
        # minutes: they are for what happens at the same moment, and take every place in turn
        without=[
            "apps/campaigns/tests/engine/test_concurrency.py",
            "apps/campaigns/tests/engine/test_random_sequences.py",
        ],
    ),
    "intake": Target(
        modules=["apps/telephony/events/event_intake.py"],
        tests=[
            "apps/telephony/tests/test_event_barriers.py",
            "apps/telephony/tests/events",
            "apps/telephony/tests/sessions",
            "apps/telephony/tests/test_whole_way.py",
        ],
    ),
    "judging": Target(
        modules=["apps/filters/judging"],
        tests=["apps/filters/tests/judging"],
        without=[
            "apps/filters/tests/judging/test_lying_services.py",
            "apps/filters/tests/judging/test_workers.py",
        ],
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="default: all")
    parser.add_argument("--sample", type=int, default=60, help="mutants of each target; 0: all")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another sample")
    parser.add_argument("--least", type=float, default=0.95, help="the share that is to be killed")
    parser.add_argument("--minutes", type=float, default=0, help="end then, to go on another time")
    options = parser.parse_args()
    until = time.monotonic() + options.minutes * 60 if options.minutes else float("inf")
    OUTCOMES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        os.chdir(_copy_of_checkout(Path(folder)))
        shares = [
            _killed_share(name, options.sample, options.seed, until)
            for name in options.targets or TARGETS
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
    translations.compile_all(folder)
    return folder


def _killed_share(name: str, sample: int, seed: int, until: float) -> float:
    target = TARGETS[name]
    started = time.monotonic()
    # also makes the database
    if subprocess.run(_command(target).split(), check=False).returncode:  # noqa: S603 - our own tests
        raise SystemExit(f"the tests of {name} fail without any mutant")
    longest = SLOWEST_FACTOR * (time.monotonic() - started)
    kept = OUTCOMES / f"{name}-{sample}-{seed}-{target.fingerprint()}.sqlite"
    is_new = not kept.exists()
    with use_db(str(kept), WorkDB.Mode.create) as mutants:
        if is_new:
            init(target.module_files(), mutants, {})
            _skip_all_but(mutants, sample, random.Random(seed))
        _try_mutants(mutants, target, longest, until)
        return _report(name, mutants)


def _command(target: Target, module: Path | None = None) -> str:
    return " ".join([PYTEST, *map(str, target.test_files(module))])


def _try_mutants(mutants: WorkDB, target: Target, longest: float, until: float) -> None:
    again = [item for item, result in mutants.completed_work_items if _survived(result)]
    database = ""
    for item in sorted(mutants.pending_work_items, key=_place) + sorted(again, key=_place):
        if time.monotonic() > until:
            return
        command = _command(target, item.mutations[0].module_path) + database
        result = mutate_and_test(item.mutations, command, longest)
        mutants.set_result(item.job_id, result)
        # tests that were ended from outside leave rows, which would make the next ones fail
        database = " --create-db" if result.output == "timeout" else ""


def _skip_all_but(mutants: WorkDB, sample: int, chance: random.Random) -> None:
    items = sorted(mutants.pending_work_items, key=_place)
    worth = [item for item in items if _is_worth_trying(item)]
    kept = chance.sample(worth, sample) if 0 < sample < len(worth) else worth
    skipped = {item.job_id for item in items} - {item.job_id for item in kept}
    mutants.set_multiple_results(skipped, WorkResult(worker_outcome=WorkerOutcome.SKIPPED))


def _is_worth_trying(item: WorkItem) -> bool:
    """A change that some test could notice."""
    mutation = item.mutations[0]
    lines = Path(mutation.module_path).read_text(encoding="utf-8").splitlines()
    line = lines[mutation.start_pos[0] - 1]
    return bool(OPERATORS.fullmatch(mutation.operator_name)) and not TUNED.match(line)


def _place(item: WorkItem) -> tuple[Any, ...]:
    mutation = item.mutations[0]
    return str(mutation.module_path), mutation.start_pos, mutation.operator_name


def _survived(result: WorkResult) -> bool:
    return result.test_outcome is TestOutcome.SURVIVED


def _report(name: str, mutants: WorkDB) -> float:
    outcomes = [result for _, result in mutants.results if result.test_outcome is not None]
    survivors = [one for one in outcomes if _survived(one)]
    for one in survivors:
        print(one.diff)
    killed, left = len(outcomes) - len(survivors), len(mutants.pending_work_items)
    print(f"{name}: {killed} of {len(outcomes)} mutants were noticed, {left} are left", flush=True)
    return killed / len(outcomes) if outcomes else 1.0


if __name__ == "__main__":
    sys.exit(main())
