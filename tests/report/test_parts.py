"""Whatever a part of a run raises, the report appears, names the part, and the row is recorded or pending."""

from __future__ import annotations

import csv
import errno
from pathlib import Path
from unittest.mock import patch

import pytest
from checkouts import Checkout
from commands import Answer, run_here
from devops_mlops_report.report.errors import shortened
from devops_mlops_report.report.parts import Parts

CONFIG = """
version: 3
report: {highlight_metric: score}
"""
RUN, COMMAND = "devops_mlops_report.report.run", "devops_mlops_report.report.commands.run"
COLLECTING = "devops_mlops_report.report.facts.collecting"

# What is made to raise, the part that the report names, whether the row is recorded all the same, the exit code.
PARTS = [
    (f"{COMMAND}.load_config", "Reading the config", False, 1),
    (f"{COMMAND}.find_location", "Finding the history", False, 1),
    (f"{COLLECTING}.read_ci", "Reading the CI's variables", True, 1),
    (f"{COLLECTING}.read_jobs", "Reading the jobs", True, 1),
    (f"{COLLECTING}.read_results", "Reading the test results", True, 1),
    (f"{COLLECTING}.read_ancestry", "Reading the ancestors", True, 1),
    (f"{RUN}.with_tags_resolved", "Reading the tags", True, 1),
    (f"{RUN}.FileLocation.load", "Reading the history", False, 1),
    (f"{RUN}.tell_compared_releases", "Placing the commit", True, 1),
    (f"{RUN}.Mlops", "Preparing the training", True, 1),
    (f"{RUN}.Mlops.make_training", "The training", True, 1),
    (f"{RUN}.History.append", "Adding the row", False, 1),
    (f"{RUN}.settle_accepted", "Reading what is accepted", True, 1),
    (f"{RUN}.ask", "Asking the history", True, 1),
    (f"{RUN}.judge", "Judging the metrics", True, 1),
    (f"{RUN}.find_attribution", "Looking for what else changed", True, 0),
    (f"{RUN}.render_badges", "The badge", True, 0),
    ("devops_mlops_report.report.picture.render_chart", "Drawing the chart", True, 0),
    (f"{RUN}.read_environment", "Reading the environment", True, 0),
    (f"{RUN}.FileLocation.save", "Writing the history", False, 1),
    (f"{RUN}.Mlops.promote", "The promotion", True, 0),
    (f"{RUN}.make_trace", "The trace", True, 0),
    ("devops_mlops_report.report.picture.mermaid_chart", "Placing the chart", True, 0),
    (f"{RUN}.render_summary", "The summary", True, 1),
]


class Panic(BaseException):
    """What a native library may raise: no `Exception`."""


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout whose history has a commit with a value."""
    made = Checkout.create(tmp_path_factory.mktemp("parts") / "wine")
    made.commit("Begin", {"report-config.yml": CONFIG, "m.json": '{"score": 0.9}'})
    assert run_here("run", "--metrics", "m.json", cwd=made.root).code == 0
    made.commit("Go on", {"m.json": '{"score": 0.5}'})
    return made


def _run(checkout: Checkout, folder: Path, target: str, error: BaseException) -> Answer:
    """A run on a copy of the history, in which `target` raises."""
    history = folder / "history.csv"
    history.write_bytes((checkout.root / ".devops-mlops-report/commitHistory.csv").read_bytes())
    options = ("--metrics", "m.json", "--history", history, "--output", folder / "out")
    if target.startswith(COMMAND):
        options = options[:2] + options[4:]
    with patch(target, side_effect=error):
        return run_here("run", *options, cwd=checkout.root)


def _commits(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["commit_message"] for row in csv.DictReader(file)]


@pytest.mark.parametrize("error", [ZeroDivisionError("no code foresees this"), Panic("native")], ids=repr)
@pytest.mark.parametrize(
    ("target", "part", "is_recorded", "code"), PARTS, ids=[each[0].rpartition(".")[2] for each in PARTS]
)
def test_a_part_that_raises_what_nobody_foresees_costs_itself_alone(
    reported: Checkout,
    tmp_path: Path,
    target: str,
    part: str,
    is_recorded: bool,
    code: int,
    error: BaseException,
) -> None:
    answer = _run(reported, tmp_path, target, error)
    assert answer.code == code, answer.stderr
    kind = type(error).__name__
    assert f"{part} failed: unexpected {kind} " in answer.stderr
    assert "Traceback" not in answer.stderr
    summary = (tmp_path / "out/summary.md").read_text()
    assert summary.startswith("## ")
    assert kind in summary
    pending = list((tmp_path / "out").glob("pending/*.csv"))
    rows = _commits(tmp_path / "history.csv")
    assert (rows, [_commits(path) for path in pending]) == (
        (["Begin", "Go on"], []) if is_recorded else (["Begin"], [["Go on"]])
    )


@pytest.mark.parametrize("target", ["publish_summary", "write_file", "_print"])
def test_a_place_that_cannot_be_published_to_leaves_the_others(
    reported: Checkout, tmp_path: Path, target: str
) -> None:
    answer = _run(reported, tmp_path, f"{COMMAND}.{target}", ZeroDivisionError())
    assert answer.code == 1
    if target != "write_file":
        assert (tmp_path / "out/summary.md").read_text().startswith("## ")
    assert "ZeroDivisionError" in answer.stderr
    assert not (tmp_path / "out/pending").exists()


def test_the_place_of_an_unforeseen_error_is_our_own_innermost_line() -> None:
    parts = Parts()
    assert parts.attempt("the sum", lambda: shortened("ten words", "two"), None) is None  # type: ignore[arg-type]
    [problem] = parts.problems
    assert problem.startswith("The sum failed: unexpected TypeError in report/errors.py, line ")


def test_what_a_part_gives_is_handed_on_and_nothing_is_said() -> None:
    parts = Parts()
    assert parts.attempt("the sum", lambda: 1 + 1, 0) == 2
    assert (parts.problems, parts.has_failed) == ([], False)


def _report_without_room(checkout: Checkout, folder: Path, count: int) -> Answer:
    """A run whose row has to wait, and the first `count` places for it have no room."""
    (folder / "file").touch()
    (folder / "history.csv").write_text("no,history\n")
    if count > 2:
        (checkout.root / ".devops-mlops-report").touch()
    full = OSError(errno.ENOSPC, "No space left on device")
    temporary = [full] if count > 1 else [str(folder)]
    options = ("--history", folder / "history.csv", "--output", folder / "file/out")
    with patch("devops_mlops_report.report.delivery.pending.tempfile.mkdtemp", side_effect=temporary):
        return run_here("run", *options, cwd=checkout.root)


@pytest.mark.parametrize("count", [1, 2])
def test_a_pending_row_goes_where_there_is_room(checkout_alone: Checkout, tmp_path: Path, count: int) -> None:
    answer = _report_without_room(checkout_alone, tmp_path, count)
    place = tmp_path if count == 1 else checkout_alone.root / ".devops-mlops-report/pending"
    [pending] = set(place.glob("*.csv")) - {tmp_path / "history.csv"}
    assert _commits(pending) == ["Begin"]
    assert pending.name in answer.stderr
    assert answer.code == 1


def test_without_any_room_the_row_stands_in_the_report(checkout_alone: Checkout, tmp_path: Path) -> None:
    answer = _report_without_room(checkout_alone, tmp_path, 3)
    assert "No folder has room for the row of this run" in answer.stderr
    (tmp_path / "by-hand.csv").write_text(answer.stdout[answer.stdout.index("\nrepository,") + 1 :])
    assert _commits(tmp_path / "by-hand.csv") == ["Begin"]


@pytest.fixture
def checkout_alone(tmp_path: Path) -> Checkout:
    made = Checkout.create(tmp_path / "wine")
    made.commit("Begin")
    return made


def test_pending_rows_of_runs_without_a_number_stand_side_by_side(
    checkout_alone: Checkout, tmp_path: Path
) -> None:
    (tmp_path / "history.csv").write_text("no,history\n")
    for _ in range(2):
        options = ("--history", tmp_path / "history.csv", "--output", tmp_path / "out")
        run_here("run", *options, cwd=checkout_alone.root)
    assert len(list((tmp_path / "out/pending").iterdir())) == 2
