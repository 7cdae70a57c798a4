"""The picture of the last report is kept where it still shows what is charted, and drawn anew where it does not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import vl_convert
from checkouts import Checkout
from commands import run_here
from csv_samples import csv_bytes, many_rows
from gist_runs import TOKEN, environment_of_ci
from servers.git_server import GitServer, git_server

CONFIG = "version: 3\nreport: {highlight_metric: score}\n"
SCORES = (0.9, 0.91, 0.9, 0.905, 0.9, 0.902, 0.91)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout.create(tmp_path / "wine")
    made.commit("Begin", {"report-config.yml": CONFIG})
    return made


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each picture that is drawn."""
    drawn: list[str] = []
    draw: Callable[..., str] = vl_convert.vega_to_svg

    def drawn_too(*arguments: object, **options: object) -> str:
        drawn.append("")
        return draw(*arguments, **options)

    monkeypatch.setattr(vl_convert, "vega_to_svg", drawn_too)
    return drawn


class Project:
    """A repository whose commits are reported on, one after the other."""

    def __init__(self, checkout: Checkout, *options: str | Path, **environment: str) -> None:
        self.checkout = checkout
        self.options = options
        self.environment = environment
        self.output = checkout.root / ".devops-mlops-report"

    def report(self, message: str, score: float | None = None, **others: float) -> str:
        """Commit, and report; returns the summary."""
        self.checkout.commit(message)
        measured: list[str | Path] = []
        if score is not None:
            metrics = self.checkout.root.parent / "metrics.json"
            metrics.write_text(json.dumps({"score": score, **others}))
            measured = ["--metrics", metrics]
        environment = self.environment
        if environment:
            environment = environment | {"GITHUB_RUN_ID": str(self.checkout.count)}
        answer = run_here("run", *measured, *self.options, cwd=self.checkout.root, environment=environment)
        assert (answer.code, answer.stderr) == (0, "")
        return (self.output / "summary.md").read_text(encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.output.glob("chart*")}


def measured(checkout: Checkout) -> bytes:
    """A history of commits with a score each."""
    rows = many_rows(len(SCORES))
    for row, score in zip(rows, SCORES, strict=True):
        row["repository"], row["commit_sha"] = "acme/wine", checkout.commit("Train")
        row["metrics"] = json.dumps({"score": score})
    return csv_bytes(rows)


@pytest.fixture
def project(checkout: Checkout) -> Project:
    """Its history is a local file; the last commit that was measured is followed by one of documentation."""
    made = Project(checkout)
    made.output.mkdir()
    (made.output / "commitHistory.csv").write_bytes(measured(checkout))
    made.report("Mend a sentence")
    return made


def test_a_commit_that_measures_nothing_keeps_the_picture(project: Project, drawings: list[str]) -> None:
    before = project.files()
    assert "chart.svg" in project.report("Mend another")
    assert (drawings, project.files()) == ([], before)
    assert set(before) == {"chart.svg", "chart-dark.svg", "chart.png"}


def test_such_a_commit_does_not_import_what_draws(project: Project) -> None:
    project.checkout.commit("Mend another")
    program = (
        "import sys; from devops_mlops_report.report.commands import cli\n"
        "cli.main(['run'], standalone_mode=False)\n"
        "print('vl_convert' in sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=project.checkout.root, capture_output=True, text=True, check=True
    )
    assert answer.stdout.endswith("\nFalse\n")


def test_a_new_point_is_drawn_and_the_mark_of_this_commit_goes_with_the_next(
    project: Project, drawings: list[str]
) -> None:
    for count, (message, score) in enumerate(
        [("Train", 0.9), ("Mend", None), ("Mend", None), ("Train", 0.91)], 1
    ):
        project.report(message, score)
        assert len(drawings) == (1, 2, 2, 3)[count - 1]


def test_a_verdict_that_changes_is_drawn_though_the_values_are_the_same(
    project: Project, drawings: list[str]
) -> None:
    project.report("Train", 0.4)
    project.report("Mend a sentence")
    before = project.files()["chart.svg"]
    # A rule of the config makes of the fall no change that counts.
    (project.checkout.root / "report-config.yml").write_text(
        f"{CONFIG}metrics: {{score: {{min_effect: 0.9}}}}\n"
    )
    project.report("Take it easy")
    assert len(drawings) == 3
    assert project.files()["chart.svg"] != before


def test_other_metrics_that_the_config_names_are_charted_below_and_one_that_nobody_measured_is_named(
    project: Project,
) -> None:
    config = "version: 3\nreport: {highlight_metric: score, charts: [f1, score, nope], chart_by: time}\n"
    (project.checkout.root / "report-config.yml").write_text(config)
    summary = project.report("Train", 0.9, f1=0.8)
    assert "`report.charts` names `nope`, of which the history has no value." in summary
    assert 'alt="Trend of score, f1"' in summary
    svg = project.files()["chart.svg"].decode()
    assert svg.count(">score<") == svg.count(">f1 ↑<") == 1
    assert "nope" not in svg


@pytest.mark.parametrize("name", ["chart.svg", "chart-dark.svg", "chart.png"])
def test_a_file_that_was_taken_away_or_edited_is_made_again(
    project: Project, drawings: list[str], name: str
) -> None:
    before = project.files()
    for edit in (lambda path: path.unlink(), lambda path: path.write_bytes(before[name] + b" ")):
        edit(project.output / name)
        project.report("Mend another")
        assert project.files() == before
    assert len(drawings) == 2


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with git_server(tmp_path / "gists", TOKEN) as running:
        yield running


@pytest.fixture
def shared(checkout: Checkout, server: GitServer) -> Project:
    """Its history is in a gist, the output folder a new one for each run, as on a CI's machine."""
    server.create_gist("history", {"commitHistory.csv": measured(checkout)})
    made = Project(checkout, "--history", f"{server.url}/history", **environment_of_ci())
    made.report("Mend a sentence")
    for path in made.output.glob("chart*"):
        path.unlink()
    return made


def test_the_picture_in_a_gist_is_kept_and_stays_there(
    shared: Project, server: GitServer, drawings: list[str]
) -> None:
    before = server.read("chart.svg")
    summary = shared.report("Mend another")
    assert (drawings, server.read("chart.svg")) == ([], before)
    # It is shown from the revision that this run made, and lies in the output folder; the PNG is kept nowhere.
    assert f"/{server.tip()}/chart.svg" in summary
    assert shared.files() == {"chart.svg": before, "chart-dark.svg": server.read("chart-dark.svg")}


def test_a_png_of_another_picture_does_not_stay_beside_the_one_that_is_kept(shared: Project) -> None:
    (shared.output / "chart.png").write_bytes(b"\x89PNG of long ago")
    shared.report("Mend another")
    assert set(shared.files()) == {"chart.svg", "chart-dark.svg"}


def test_no_png_is_removed_where_a_link_of_the_checkout_leads(shared: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shared.output.rename(elsewhere)
    (elsewhere / "chart.png").write_bytes(b"a picture of somebody else")
    shared.output.symlink_to(elsewhere)
    shared.checkout.commit("Mend another")
    run_here("run", *shared.options, cwd=shared.checkout.root, environment=shared.environment)
    assert (elsewhere / "chart.png").read_bytes() == b"a picture of somebody else"


@pytest.mark.parametrize("edited", [b"<svg/>\n", b"x" * 5_000_000, None], ids=["other", "huge", "gone"])
def test_a_picture_in_a_gist_that_somebody_edited_is_drawn_again(
    shared: Project, server: GitServer, drawings: list[str], edited: bytes | None
) -> None:
    before = server.read("chart.svg")
    server.commit("history", {"chart.svg": edited})
    shared.report("Mend another")
    assert (len(drawings), server.read("chart.svg")) == (1, before)


def test_what_lies_in_the_output_folder_never_takes_the_place_of_the_gists_picture(
    shared: Project, server: GitServer, drawings: list[str]
) -> None:
    (shared.output / "chart.svg").write_bytes(server.read("chart.svg").replace(b"score", b"SCORE"))
    server.commit("history", {"chart.svg": None, "chart-dark.svg": None})
    shared.report("Mend another")
    assert len(drawings) == 1
    assert b"SCORE" not in server.read("chart.svg")
