"""What the tests would not notice: `python tests/mutations.py [--seconds 1200] [MODULE ...]`.

Changes one thing in a module (a comparison, a number, a `not`, a `break`, a default) and runs the tests of that module,
for every such change or, within the time, for an even sample of them. Printed are how many of them the tests failed
for, and each that they passed with. Works on a copy of the checkout, so that an end in between leaves nothing behind.

Cosmic Ray makes the changes; it is no dependency of the tests, and installed by itself:
`uv pip install 'cosmic-ray>=8.3,<9'`.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 1200
TEST_SECONDS = 300
WAYS = 2
TRAINING = "tests/report/training"
TESTS: Mapping[str, str] = {
    "history/merging.py": "tests/history/test_merging.py",
    "history/archiving.py": "tests/history/test_archiving.py",
    "report/verdicts/gate.py": "tests/report/verdicts/test_gate.py",
    "report/training/cause.py": f"{TRAINING}/test_known_trainings.py {TRAINING}/test_cause.py",
    "report/training/changed_files.py": f"{TRAINING}/test_known_trainings.py {TRAINING}/test_cause.py",
}
"""Module -> the tests that are about it and run in this process: those that start the command use what is installed."""
PYTEST = "-m pytest -x -q -n 0 -p no:cacheprovider"


def copy_checkout(folder: Path) -> Path:
    """The tracked files as they are now, importable by the package's name from `folder`."""
    tracked = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=True
    ).stdout
    copy = folder / "checkout"
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    (folder / "devops_mlops_report").symlink_to(copy, target_is_directory=True)
    return copy


def mutations(module: Path) -> list[MutationSpec]:
    """The changes that mean something, shuffled, the same at every call.

    Of the many ways to replace one operator two; none of what is there for the type checker, none of decorators.
    """
    with tempfile.TemporaryDirectory() as folder, use_db(f"{folder}/session.sqlite") as work:
        init([module], work, {})
        found = [item.mutations[0] for item in work.work_items]
    random.Random(0).shuffle(found)
    unread = list(_unread(ast.parse(module.read_bytes())))
    taken: Counter[tuple[str, tuple[int, int]]] = Counter()
    chosen = []
    for each in found:
        kind = (each.operator_name.partition("_")[0], each.start_pos)
        if taken[kind] < WAYS and not any(first <= each.start_pos <= last for first, last in unread):
            taken[kind] += 1
            chosen.append(each)
    return chosen


def _unread(tree: ast.Module) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    for node in ast.walk(tree):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        for part in [*parts, *getattr(node, "decorator_list", ())]:
            if isinstance(part, ast.expr):
                # From the `@` on.
                yield (part.lineno, part.col_offset - 1), (part.end_lineno or 0, part.end_col_offset or 0)


def try_out(module: str, ends: float) -> Counter[str]:
    """How many changes there are, were tried, killed and survived; the last are printed.

    Exits where the tests fail without a change: they would be said to notice every one.
    """
    specs = mutations(Path(module))
    counted = Counter({"changes": len(specs)})
    command = f"{sys.executable} {PYTEST} {TESTS[module]}"
    before = subprocess.run(command.split(), capture_output=True, text=True, check=False)
    if before.returncode:
        sys.exit(f"{module}: its tests fail as it is: {before.stdout[-1000:]}")
    for spec in specs:
        if time.monotonic() >= ends:
            break
        result = mutate_and_test([spec], command, TEST_SECONDS)
        counted["tried"] += 1
        if result.test_outcome == TestOutcome.SURVIVED:
            counted["survived"] += 1
            lines = [
                line for line in (result.diff or "").splitlines() if line[:1] == "+" and line[:3] != "+++"
            ]
            print(f"  {module}:{spec.start_pos[0]}: {' '.join(lines)[1:].strip()}", flush=True)
    return counted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", default=list(TESTS), metavar="MODULE", help=", ".join(TESTS))
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for all modules, in equal parts")
    given = parser.parse_args()
    unknown = set(given.modules) - set(TESTS)
    if unknown:
        parser.error(f"no tests are named for {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(copy_checkout(Path(folder)))
        os.environ["PYTHONPATH"] = folder
        ends = time.monotonic()
        for module in given.modules:
            ends = max(ends, time.monotonic()) + given.seconds / len(given.modules)
            counted = try_out(module, ends)
            killed = counted["tried"] - counted["survived"]
            share = f"{100 * killed / counted['tried']:.0f} %" if counted["tried"] else "-"
            print(
                f"{module}: {killed} of {counted['tried']} noticed ({share}), of {counted['changes']} changes",
                flush=True,
            )


if __name__ == "__main__":
    main()
