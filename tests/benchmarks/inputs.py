"""What it costs to read what a model depends on: `python tests/benchmarks/inputs.py [runs]`.

Prints CPU seconds of `read_inputs` for a folder of scripts that import one another, beside a floor: Python parses
each file once. The files lie in one folder, or in 50, from each of which a script may be started. Medians.
"""

from __future__ import annotations

import ast
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from devops_mlops_report.report.config import ProjectSection
from devops_mlops_report.report.training.inputs import read_inputs
from repositories import GitRepository

SIZES = (50, 100, 200, 400)
RUNS = 3
CODE = "def scale(values):\n    return [value + 1 for value in values for _ in range(10)]\n" * 60


def write_modules(repository: GitRepository, count: int, folders: int) -> None:
    """Modules that each import three others."""
    for number in range(count):
        others = ((number + 1) % count, (number * 7 + 3) % count, (number * 13 + 5) % count)
        imports = "".join(f"import {_name(other, folders).replace('/', '.')}\n" for other in others)
        text = f"import os, json\nimport numpy as np\n{imports}{CODE}"
        repository.put(f"src/{_name(number, folders)}.py", text)
    repository.commit("modules")


def _name(number: int, folders: int) -> str:
    return f"m{number}" if folders == 1 else f"p{number % folders}/m{number}"


def cpu_seconds(task: Callable[[], object], runs: int) -> float:
    """The median of several runs."""
    taken = []
    for _ in range(runs):
        began = time.process_time()
        task()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def parse(files: Sequence[Path]) -> None:
    """The floor."""
    for file in files:
        ast.parse(file.read_bytes())


def main(runs: int = RUNS) -> None:
    project = ProjectSection(train_script=("src",))
    print(f"{'modules':>7}  {'folders':>7}  {'read_inputs':>11}  {'floor':>6}  {'ratio':>5}")
    for folders in (1, 50):
        for count in SIZES:
            with tempfile.TemporaryDirectory() as folder:
                repository = GitRepository(Path(folder))
                write_modules(repository, count, folders)
                files = sorted(repository.root.rglob("*.py"))
                floor = cpu_seconds(lambda files=files: parse(files), runs)
                cost = cpu_seconds(
                    lambda root=repository.root: read_inputs(root, project, (), ("churn",)), runs
                )
            print(f"{count:>7}  {folders:>7}  {cost:>11.2f}  {floor:>6.2f}  {cost / floor:>5.2f}", flush=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
