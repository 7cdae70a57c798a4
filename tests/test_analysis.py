"""The example of an analysis, run as a reader would run it, says what was put into the history."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from devops_mlops_report.history import Settings
from devops_mlops_report.history.stores import FileLocation

EXAMPLES = Path(__file__).resolve().parent.parent / "examples/analysis"
SCRIPT = EXAMPLES / "trends.py"
NOTEBOOK = EXAMPLES / "explore.py"


def _write(path: Path) -> None:
    """Forty trainings whose loss falls with `epochs`, and not with `seed`; one row without a training."""
    location, chance = FileLocation(path), random.Random(5)
    with location.load(Settings()) as history:
        for number in range(41):
            when = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=number)
            epochs, seed = chance.randrange(1, 20), chance.randrange(1000)
            row = {
                "repository": "acme/wine",
                "commit_sha": f"{number:040x}",
                "branch": "main",
                "committed_at": when,
                "recorded_at": when,
                "workflow_run_id": str(number),
                "training": "trained",
                "params": {"epochs": str(epochs), "seed": str(seed), "optimizer": "adam", "name|<b>": "x"},
                "metrics": {"val_loss": round(1 - 0.02 * epochs + chance.gauss(0, 0.01), 5)},
            }
            none = {"training": "none", "params": {}, "metrics": {}}
            history.append(row | none if number == 20 else row)
        location.save(history, {})


def test_the_analysis_finds_the_param_that_matters_and_writes_a_page(tmp_path: Path) -> None:
    _write(tmp_path / "commitHistory.csv")
    before = (tmp_path / "commitHistory.csv").read_bytes()
    command = [sys.executable, "-I", SCRIPT, "commitHistory.csv", "val_loss", "out.html"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == "out.html: 40 commits, 2 params\n"
    page = (tmp_path / "out.html").read_text()
    weights = page.split("no proof of a cause")[1]
    assert weights.index("<td>epochs</td>\n      <td>-0.9") < weights.index("<td>seed</td>")
    assert "vegaEmbed" in page
    assert "cdn" not in page.split("vegaEmbed")[0][-2000:]
    assert (tmp_path / "commitHistory.csv").read_bytes() == before


@pytest.mark.parametrize("holds", ["trainings", "nothing"])
def test_each_cell_of_the_notebook_runs(tmp_path: Path, holds: str) -> None:
    history = tmp_path / "commitHistory.csv"
    if holds == "trainings":
        _write(history)
    else:
        history.touch()
    before = history.read_bytes()
    notebook = Path(shutil.copy(NOTEBOOK, tmp_path))  # marimo keeps a session beside it
    command = [sys.executable, "-I", "-m", "marimo", "export", "html", notebook, "-o", tmp_path / "out.html"]
    told = ["--", "--history", history, "--metric", "val_loss"]
    answer = subprocess.run([*command, *told], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stderr
    page = (tmp_path / "out.html").read_text()
    assert ("application/vnd.vegalite" in page) == (holds == "trainings")
    code = NOTEBOOK.read_text().count(sentence := "holds no metric of a training")
    assert (page.count(sentence) > 2 * code) == (holds == "nothing")
    assert history.read_bytes() == before
