"""How long the first screens are, and what telling others costs: `python tests/benchmarks/screens.py [runs]`.

The first table has a line for each kind of commit of the golden first screens: its characters and lines of Markdown,
the lines of text that a browser makes of it at 1,280 and at 400 pixels (where Chromium and the packages of npm are
there, as for the tests), and how deep it reaches. The second one has what a run of a pull request asks of GitHub's API,
which is on loopback, and its CPU seconds as multiples of a floor, with and without comment and check.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from browser import LINES, WIDTHS, chromium, page_html, shown
from github_runs import PullRequest
from run import FLOOR, PROGRAM, measure
from servers.github_api import GitHubApi, github_api

SCREENS = Path(__file__).parents[1] / "report" / "first_screens"
RUNS = 3
TELLING = {
    "neither": "comment: never",
    "comment": "comment: always",
    "check": "comment: never, check: true",
    "check, in progress": "comment: never, check: in_progress",
    "comment and check": "comment: always, check: true",
}
DEPTH = "document.querySelector('article').lastElementChild.getBoundingClientRect().bottom"


def print_screens() -> None:
    """A line for each kind of commit."""
    print(
        f"{'first screen':38} {'chars':>6} {'lines':>6}", *(f"{width:>5} px {'deep':>6}" for width in WIDTHS)
    )
    with _browser() as looked:
        for path in sorted(SCREENS.glob("*.md")):
            text = path.read_text(encoding="utf-8")
            count = len([line for line in text.splitlines() if line])
            seen = [f"{lines:>8} {depth:>6}" for lines, depth in looked(text)] if looked else []
            print(f"{path.stem:38} {len(text):>6} {count:>6}", *seen)


@contextmanager
def _browser() -> Iterator[Callable[[str], Iterator[tuple[int, int]]] | None]:
    """What counts the lines of a text at each width; None where no browser is there."""
    try:
        with chromium() as browser:

            def looked(text: str) -> Iterator[tuple[int, int]]:
                html = page_html(text)
                for width in WIDTHS:
                    with shown(browser, html, "light", width) as page:
                        yield page.evaluate(LINES), round(page.evaluate(DEPTH))

            yield looked
    except pytest.skip.Exception as absent:
        print(f"({absent})")
        yield None


def print_telling(runs: int) -> None:
    """A line for each way to tell others."""
    with tempfile.TemporaryDirectory() as name, github_api() as api:
        folder = Path(name)
        pull_request = PullRequest(folder, api)
        floor = statistics.median(measure(FLOOR, folder).cpu_seconds for _ in range(runs))
        print(f"\n{'a run of a pull request':24} {'requests':>8} {'CPU s':>7} {'x floor':>8}   asked for")
        print(f"{'floor':24} {0:>8} {floor:>7.2f} {1:>8.1f}")
        for told, config in TELLING.items():
            pull_request.configure(config)
            _told_once(pull_request, api)  # From then on there is a comment to be found.
            seconds = [_told_once(pull_request, api) for _ in range(runs)]
            cpu = statistics.median(seconds)
            asked = len(api.asked)
            print(f"{told:24} {asked:>8} {cpu:>7.2f} {cpu / floor:>8.1f}   {', '.join(api.asked)}")


def _told_once(pull_request: PullRequest, api: GitHubApi) -> float:
    """CPU seconds of one run, in a process of its own."""
    environment = pull_request.prepare(score=0.9)
    metrics = pull_request.root / "m.json"
    command = [*PROGRAM, "run", "--metrics", str(metrics), "--status", "success"]
    api.asked.clear()
    return measure(command, pull_request.checkout.root, environment).cpu_seconds


if __name__ == "__main__":
    print_screens()
    print_telling(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
