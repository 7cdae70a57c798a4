"""How good the verdicts are, beside other tools: `PYTHONPATH=tests python -m benchmarks.verdicts [FOLDER]`.

FOLDER holds labelled series, one JSON file each: `{"name", "values", "annotations": {annotator: [positions]}}`;
without it, the small sample beside this file. `--published` names a folder of histories without labels. Peers are
measured when they are installed (`pip install apache-otava asv ruptures`).
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from pathlib import Path

from devops_mlops_report.history import Settings, open_history
from devops_mlops_report.history.sql_files import views

from . import generators, published, scorers
from .confirming import print_confirming
from .lines import csv_of
from .methods import Method, change_points, confirmed, in_hindsight, on_arrival, told

SAMPLE = Path(__file__).with_name("sample")
SHOWN = (
    "gaussian",
    "t3",
    "outlier",
    "rounded",
    "drift",
    "ar .5",
    "ar .8",
    "sticky",
    "variance x 3",
    "season 24",
)
"""The kinds of noise that the table of verdicts on arrival shows."""


def main() -> None:
    """Print the tables, in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "folder", type=Path, nargs="?", default=SAMPLE, help="labelled series (default: a sample)"
    )
    parser.add_argument("--count", type=int, default=1000, help="made series of a kind (default: 1000)")
    parser.add_argument("--published", type=Path, help="a folder of published histories, *.data.js")
    parser.add_argument("--speed", action="store_true", help="measure the time instead")
    arguments = parser.parse_args()
    if not any(arguments.folder.glob("*.json")):
        parser.error(f"{arguments.folder} holds no labelled series, wanted files such as nile.json")
    if arguments.speed:
        print_speed()
    else:
        print_hindsight(read_series(arguments.folder), arguments.count)
        print_arrival(arguments.count)
        print_failures(arguments.count)
        if arguments.published:
            print_published(published.read_histories(arguments.published))
        print_confirming(arguments.count)


def read_series(folder: Path) -> list[dict]:
    """The labelled series of a folder, in the order of their files' names; none with gaps: their positions lie."""
    found = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]
    return [one for one in found if None not in one["values"]]


def print_hindsight(labelled: list[dict], count: int) -> None:
    """Changes found in hindsight: against annotators, against the made histories' truth, where there are none."""
    levelled = generators.levelled(max(count // 5, 1))
    quiet = [
        generators.quiet("gaussian", count, 60, 2),
        generators.quiet("gaussian", count // 5, 250, 2),
        generators.quiet("ar .8", count // 5, 200, 2),
    ]
    print(f"In hindsight: {len(labelled)} labelled series, {len(levelled)} made histories.\n")
    print_row("method", "F1", "covering", "made: F1", "false: n = 60", "n = 250", "AR(1) 0.8")
    print_row(*["---"] * 7)
    for name, method in in_hindsight().items():
        found = method([one["values"] for one in labelled])
        marks = [one["annotations"] for one in labelled]
        scores = [scorers.f1(a, f) for a, f in zip(marks, found, strict=True)]
        covers = [
            scorers.covering(one["annotations"], f, len(one["values"]))
            for one, f in zip(labelled, found, strict=True)
        ]
        made = [
            scorers.f1({"truth": one.changes}, f)
            for one, f in zip(levelled, method([one.values for one in levelled]), strict=True)
        ]
        false = [sum(bool(f) for f in method([one.values for one in kind])) / len(kind) for kind in quiet]
        print_row(
            name, *(f"{mean(one):.3f}" for one in (scores, covers, made)), *(f"{one:.3f}" for one in false)
        )


def print_arrival(count: int) -> None:
    """Verdicts on arrival: false alarms per commit where nothing changes; steps found within 10 commits, delay.

    A step that is a recovery, as after a false alarm, is found too.
    """
    print(
        f"\nOn arrival: {count} series of {generators.LENGTH} commits of each kind, judged from the tenth.\n"
    )
    print_row("rule", *SHOWN, *(f"{size} sigma: found / delay" for size in (2, 3, 5)))
    print_row(*["---"] * (4 + len(SHOWN)))
    for name, method in on_arrival().items():
        few = max(count // 20, 1) if "prefix" in name else count
        cells = [f"{false_share(method, kind, few):.4f}" for kind in SHOWN]
        for size in (2, 3, 5):
            series = generators.stepped(size, few)
            alarms = (told if method is confirmed else method)([one.values for one in series])
            share, delay = scorers.detection([one.changes[0] for one in series], alarms)
            cells.append(f"{share:.3f} / {delay:.2f}")
        print_row(f"{name} ({few} series)" if few < count else name, *cells)


def false_share(method: Method, kind: str, count: int) -> float:
    """Alarms per judged commit in series of a kind without a step."""
    return scorers.false_share(
        method([one.values for one in generators.quiet(kind, count)]), generators.LENGTH
    )


def print_failures(count: int) -> None:
    """What real histories hold: the share of the last changes that are found, on arrival within ten commits."""
    few = max(count // 10, 1)
    kinds = {
        "a bump of 5 sigma, 8 commits long, its end": generators.bumped(5, 8, few),
        "a bump of 10 sigma, 32 commits long, its end": generators.bumped(10, 32, few),
        "3 sigma after a step of 50": generators.masked(50, 3, few),
        "5 sigma after one to three bad values at the start": generators.poisoned(5, few),
        "an accuracy of .99 that falls to .981": generators.near_bound(few),
        "twice as many after a change of units": generators.other_units(few),
    }
    kinds |= {
        f"three times .4, noise of {share:g} of it": [generators.nearly_constant(share)]
        for share in (1e-3, 1e-5, 1e-7, 1e-9, 0.0)
    }
    print(f"\nWhat real histories hold: {few} series of each kind.\n")
    print_row("what changes", "`regressions`: found / delay", "`change_points`: found")
    print_row(*["---"] * 3)
    for name, series in kinds.items():
        values, last = [one.values for one in series], [one.changes[-1] for one in series]
        share, delay = scorers.detection(last, told(values))
        late = [
            any(abs(at - true) <= scorers.MARGIN for at in found)
            for true, found in zip(last, change_points(values), strict=True)
        ]
        print_row(name, f"{share:.3f} / {delay:.2f}", f"{sum(late) / len(late):.3f}")
    short = told([one.values for one in generators.short(5, count)])
    false = told([one.values for one in generators.short(0, count)])
    print_row("5 sigma at the last two of eight commits", f"{_share(short):.3f}", "")
    print_row("... and false, of eight without a change", f"{_share(false):.4f}", "")


def _share(alarms: list[list[int]]) -> float:
    return sum(map(bool, alarms)) / len(alarms)


def print_published(histories: list[list[float]]) -> None:
    """Published histories: undisputable steps found, commits flagged, and of these where the level really moved."""
    steps = sum(len(published.undisputable(values)) for values in histories)
    print(f"\n{len(histories)} published histories, {steps} undisputable steps.\n")
    print_row("method", "steps found", "flagged per commit", "of these the level moved")
    print_row(*["---"] * 4)
    for name, method, late in (("change_points", change_points, published.NEAR), ("regressions", told, 10)):
        found = method(histories)
        print_row(
            name,
            f"{published.found_share(histories, found, after=late):.3f}",
            f"{published.flagged_share(histories, found):.4f}",
            f"{published.moved_share(histories, found):.3f}",
        )


def print_speed() -> None:
    """CPU seconds of all views over a loaded history: each made, and each public one asked for all of its rows."""
    print_row("metrics", "commits", "CPU seconds")
    print_row(*["---"] * 3)
    dice = random.Random(1)
    for metrics, commits in ((1, 20), (1, 200), (50, 500), (50, 2000), (50, 8000)):
        content = csv_of([steps(dice, commits) for _ in range(metrics)])
        seconds = statistics.median(seconds_of_views(content) for _ in range(3))
        print_row(str(metrics), str(commits), f"{seconds:.2f}")


def seconds_of_views(content: str) -> float:
    """CPU seconds from the loaded history to the answers of every public view."""
    history = open_history(content, Settings(highlight_metric="m00000"))
    start = time.process_time()
    history.refresh_views()
    for view in views():
        if view.is_public and not view.is_materialized:
            history.connection.execute(f"create temp table asked as from {view.name}; drop table asked")
    seconds = time.process_time() - start
    history.close()
    return seconds


def steps(dice: random.Random, commits: int) -> list[float]:
    """A series with a step of 8 standard deviations every 150 commits."""
    level, values = 100.0, []
    for _ in range(commits):
        level += dice.choice([-8, 8]) if dice.random() < 1 / 150 else 0
        values.append(dice.gauss(level, 1))
    return values


def mean(values: list[float]) -> float:
    """The mean; of nothing, nothing."""
    return sum(values) / len(values) if values else float("nan")


def print_row(*cells: str) -> None:
    """One row of a Markdown table."""
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
