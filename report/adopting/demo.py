"""A throw-away repository in which a metric regressed and recovered, and the report on its newest commit."""

from __future__ import annotations

import json
import os
import random
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ...history import Settings
from ...history.stores import FileLocation
from ..config import load_config
from ..delivery.printing import note, say, show
from ..errors import ExitCode, ReportError
from ..facts.collecting import Inputs, collect
from ..facts.row import make_row
from ..parts import Parts
from ..redaction import without_withheld
from ..rendering.terminal import render_report
from ..run import Report, make_report

_CONFIG = """\
version: 3
report:
  highlight_metric: val_accuracy
storage:
  path: commitHistory.csv
"""
_STORY = (
    ("Train a first model", 0.902),
    ("Shuffle the training data", 0.905),
    ("Write the README", None),
    ("Weigh rare classes more", 0.904),
    ("Seed the sampler", 0.901),
    ("Raise the batch size", 0.906),
    ("Cache the features", 0.903),
    ("Clean up", None),
    ("Warm up the learning rate", 0.905),
    ("Switch to the fast tokenizer", 0.871),
    ("Log the confusion matrix", 0.869),
    ("Train on three more months", 0.873),
    ("Bring the old tokenizer back", 0.904),
    ("Tune dropout", 0.906),
)
_SEED = 7
_LATER = timedelta(minutes=5)
"""After a commit comes its report."""


def show_demo() -> ExitCode:
    """Make it in a temporary folder, report on each of its commits, and print the last report."""
    root = Path(tempfile.mkdtemp(prefix="devops-mlops-report-demo-"))
    note(f"A repository with {len(_STORY)} commits is made in {root} …")
    _git(root, "init", "--quiet", "--initial-branch=main")
    _git(root, "remote", "add", "origin", "https://example.org/demo/wine.git")
    begun = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=len(_STORY))
    location = FileLocation(root / "commitHistory.csv")
    with location.load(Settings()) as history:
        for number, (message, value) in enumerate(_STORY[:-1]):
            when = begun + timedelta(hours=number)
            _commit(root, message, when, value)
            history.append(_row(_measured(root, number, value), when))
        location.save(history, {})
    when, (message, value) = begun + timedelta(hours=len(_STORY)), _STORY[-1]
    _commit(root, message, when, value)
    inputs = _measured(root, len(_STORY), value)
    report = make_report(load_config(None, root=root), location, inputs, when + _LATER)
    for name, content in {"summary.md": report.summary.encode(), **report.files}.items():
        (root / name).write_bytes(content)
    _show(report, root)
    note(_WHAT_NEXT.format(root=root))
    return ExitCode.REPORTED


def _show(report: Report, root: Path) -> None:
    """As a run outside of a CI shows it."""
    content = report.content
    if content is None:
        say(report.summary)
        return
    paths = {"Report": str(root / "summary.md"), "Chart": str(root / "chart.svg")}
    show(lambda hide, screen: render_report(content, paths, hide, screen))
    say("\n")


def _commit(root: Path, message: str, when: datetime, value: float | None) -> None:
    (root / ".gitignore").write_text(
        "commitHistory.csv\n.*commitHistory.csv*\n.devops-mlops-report/\nmetrics.json\nsummary.md\n"
        "badge.json\n*.png\n*.svg\n"
    )
    (root / "report-config.yml").write_text(_CONFIG, encoding="utf-8")
    changed = root / ("train.py" if value is not None else "README.md")
    changed.write_text(f"# {message}\n", encoding="utf-8")
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--allow-empty", "--message", message, when=when)


def _row(inputs: Inputs, when: datetime) -> dict[str, object]:
    """The row that a report on the commit adds."""
    facts = collect(inputs, Parts())
    return make_row(facts.commit, facts.ci, facts.jobs, facts.ci_metrics, facts.training, when + _LATER)


def _measured(root: Path, number: int, value: float | None) -> Inputs:
    """What a job hands to the report on HEAD."""
    metrics = root / "metrics.json"
    if value is not None:
        loss = 1.2 - value + random.Random(_SEED + number).uniform(-0.004, 0.004)  # noqa: S311
        metrics.write_text(json.dumps({"val_accuracy": value, "loss": round(loss, 4)}), encoding="utf-8")
    environment = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ
    }
    return Inputs(root, environment, None if value is None else metrics, status="success")


def _git(root: Path, *arguments: str, when: datetime | None = None) -> None:
    who = {"NAME": "Ada Lovelace", "EMAIL": "ada@example.org"}
    kept = {
        name: value for name, value in without_withheld(os.environ).items() if not name.startswith("GIT_")
    }
    identity = {
        f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in who.items()
    }
    if when is not None:
        identity |= {f"GIT_{role}_DATE": when.isoformat() for role in ("AUTHOR", "COMMITTER")}
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(
            command, env={**kept, **identity, **settings}, capture_output=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ReportError(f"git can't be started: {error}") from error
    if done.returncode:
        raise ReportError(
            f"git {arguments[0]} failed in {root}: {done.stderr.decode('utf-8', 'replace').strip()}"
        )


_WHAT_NEXT = """\
The chart is chart.svg, the history commitHistory.csv, both in {root}. Ask it:

  cd {root}
  devops-mlops-report explain HEAD~4
  devops-mlops-report sql "select commit_sha, value, verdict, standing from highlight_trend"

For a repository of yours: `devops-mlops-report init` in it."""
