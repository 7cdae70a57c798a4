"""What the page costs: `python tests/benchmarks/page.py [commits ...]`, with Chromium.

For histories of so many commits (default: 1,000 and 10,000) with 20 metrics each: CPU seconds to make the page, beside
the floor of a Python process that imports duckdb and does one query; its size; and in headless Chromium, from the file:
seconds until the first page is there, and milliseconds of a search in the table and of a step of zooming (the median
of eight).
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from devops_mlops_report.history.columns import COLUMN_NAMES
from playwright.sync_api import sync_playwright

COMMITS = (1_000, 10_000)
METRICS = 20
FLOOR = "import duckdb; duckdb.connect().execute('select 1').fetchall()"
CONFIG = """\
version: 3
report: {highlight_metric: accuracy_00, default_branch: main}
storage: {path: commitHistory.csv}
"""


def write_history(path: Path, commits: int) -> None:
    """Rows with noise, a step now and then, a branch beside main, params, jobs and failures."""
    chance = random.Random(3)
    levels = [chance.uniform(0.5, 0.9) for _ in range(METRICS)]
    begun, names = datetime(2024, 1, 1, tzinfo=UTC), ("Ada Lovelace", "Alan Turing", "Grace Hopper")
    columns = [
        *(
            "repository",
            "commit_sha",
            "branch",
            "author",
            "commit_message",
            "committed_at",
            "recorded_at",
            "workflow",
        ),
        *(
            "workflow_run_id",
            "run_attempt",
            "workflow_status",
            "jobs",
            "ci_metrics",
            "training",
            "params",
            "metrics",
        ),
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMN_NAMES)
        writer.writeheader()
        for number in range(commits):
            if number % 400 == 399:
                levels = [level - 0.02 for level in levels]
            if number % 400 == 60:
                levels = [level + 0.02 for level in levels]
            when = f"{begun + timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}"
            jobs = [
                {"name": "test", "conclusion": "success", "duration_seconds": 60 + number % 7},
                {"name": "train", "conclusion": "success", "duration_seconds": 300 + number % 17},
            ]
            metrics = {
                f"accuracy_{at:02}": round(level + chance.gauss(0, 0.005), 6)
                for at, level in enumerate(levels)
            }
            row = (
                *("acme/wine", hashlib.sha1(str(number).encode()).hexdigest()),  # noqa: S324
                *("main" if number % 10 else f"feature-{number // 100}", chance.choice(names)),
                *(f"Change number {number} of the model", when, when, "CI", 10**9 + number, 1),
                "failure" if number % 23 == 0 else "success",
                json.dumps(jobs),
                json.dumps({"duration_seconds": round(chance.gauss(400, 10), 1)}),
                "trained",
                json.dumps({"lr": chance.choice(["0.1", "0.01"]), "epochs": str(chance.randrange(5, 9))}),
                json.dumps(metrics),
            )
            writer.writerow(dict(zip(columns, row, strict=True)))


def cpu_seconds(command: list[str], cwd: Path) -> float:
    """Of a process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=cwd, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def looked_at(page: Path) -> tuple[float, float, float]:
    """Seconds to open, milliseconds to search, milliseconds of a zoom step."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": 1280, "height": 900})
        begun = time.perf_counter()
        view.goto(page.as_uri())
        view.wait_for_selector(".card")
        opened = time.perf_counter() - begun
        view.evaluate("() => { location.hash = '#/history' }")
        view.wait_for_selector(".tabulator-row")
        searched = [
            view.evaluate(
                """q => {
                  ask({ q });
                  const begun = performance.now();
                  page.narrow();
                  document.body.offsetHeight;
                  return performance.now() - begun;
                }""",
                words,
            )
            for words in ("grace", "grace 77", "change number 4", "", "turing 12", "ada feature", "99", "")
        ]
        view.evaluate("() => { location.hash = '#/metrics' }")
        view.wait_for_selector(".chart canvas")
        view.wait_for_function("() => drawn.length === 1")
        zoomed = view.evaluate(
            """async () => {
              const canvas = document.querySelector('.chart canvas'), box = canvas.getBoundingClientRect(), taken = [];
              const there = { clientX: box.x + 600, clientY: box.y + 100, bubbles: true, cancelable: true };
              canvas.dispatchEvent(new PointerEvent('pointermove', there));
              await drawn[0].view.runAsync();
              for (let step = 0; step < 8; step++) {
                const begun = performance.now();
                canvas.dispatchEvent(new WheelEvent('wheel', { ...there, deltaY: -40 }));
                await drawn[0].view.runAsync();
                taken.push(performance.now() - begun);
              }
              return taken;
            }"""
        )
        browser.close()
    return opened, statistics.median(searched), statistics.median(zoomed)


def main() -> None:
    """Print a line for each size."""
    sizes = [int(text) for text in sys.argv[1:]] or list(COMMITS)
    print("commits", *("floor s", "made s", "x floor", "MiB", "opens s", "search ms", "zoom ms"), sep="	")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            subprocess.run(["git", "init", "--quiet", folder], check=True)
            (root / "report-config.yml").write_text(CONFIG, encoding="utf-8")
            write_history(root / "commitHistory.csv", size)
            floor = cpu_seconds([sys.executable, "-c", FLOOR], root)
            made = cpu_seconds([sys.executable, "-I", "-m", "devops_mlops_report", "page"], root)
            page = root / "site/index.html"
            opens, search, zoom = looked_at(page)
            mebibytes = page.stat().st_size / 2**20
            figures = (floor, made, made / floor, mebibytes, opens, search, zoom)
            print(f"{size:,}", *(f"{figure:.2f}" for figure in figures), sep="	")


if __name__ == "__main__":
    main()
