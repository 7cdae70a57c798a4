"""What is printed has no secret and does nothing; data for programs is exact where a program reads it."""

from __future__ import annotations

import ast
import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import run_command, run_here
from csv_samples import csv_bytes, many_rows
from devops_mlops_report.report.redaction import HIDDEN

REPORT = Path(__file__).resolve().parents[3] / "report"
QUERY = "select '::error::x' as \"::warning::\", e'a\\x1b[31m\\n##vso[task.complete]b' as \"c\\x1b]0;d\""
TOKEN = "gho_a1B2c3D4e5F6g7H8i9J0"


def test_nothing_prints_but_the_one_place() -> None:
    """The config's schema is printed for developers alone."""
    # The training's output, and a reader that went away.
    allowed = {"training/training.py": {"sys.stderr"}, "commands/__init__.py": {"sys.stderr"}}
    allowed |= {"delivery/progress.py": {"sys.stderr"}}
    allowed |= {"delivery/printing.py": {"sys.stdout", "sys.stderr"}, "config/schema.py": {"sys.stdout"}}
    for module in REPORT.rglob("*.py"):
        nodes = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        named = {ast.unparse(node) for node in nodes if isinstance(node, (ast.Attribute, ast.Name))}
        found = named & {"click.echo", "click.secho", "echo", "print", "sys.stdout", "sys.stderr"}
        assert found <= allowed.get(module.relative_to(REPORT).as_posix(), set()), module


@pytest.fixture
def history(tmp_path: Path) -> Path:
    rows = many_rows(2)
    rows[0]["commit_message"] = f"::error::{TOKEN}"
    (tmp_path / "h.csv").write_bytes(csv_bytes(rows))
    return tmp_path / "h.csv"


def _sql(history: Path, *arguments: str, stdout: int, **environment: str) -> bytes:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    answer = subprocess.run(
        [sys.executable, "-I", "-m", "devops_mlops_report", "sql", QUERY, "--history", history, *arguments],
        env={**kept, **environment},
        cwd=history.parent,
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=True,
    )
    return answer.stderr


EXACT = [["::warning::", "c\\x1b]0;d"], ["::error::x", "a\x1b[31m\n##vso[task.complete]b"]]


def test_a_file_takes_values_as_they_are_also_in_a_ci(history: Path, tmp_path: Path) -> None:
    target = tmp_path / "answer.csv"
    with target.open("wb") as file:
        said = _sql(history, "--format", "csv", stdout=file.fileno(), CI="true")
    assert list(csv.reader(io.StringIO(target.read_text(), newline=""))) == EXACT
    assert said == b""


def test_a_pipe_takes_them_outside_of_a_ci_and_a_log_does_not(history: Path) -> None:
    for environment, is_exact in (({}, True), ({"TF_BUILD": "True"}, False)):
        reading, writing = os.pipe()
        said = _sql(history, "--format", "csv", stdout=writing, **environment)
        os.close(writing)
        with os.fdopen(reading, "rb") as file:
            shown = file.read().decode()
        assert (list(csv.reader(io.StringIO(shown, newline=""))) == EXACT) is is_exact
        assert ("##vso[" in shown, "\x1b" in shown, shown.startswith("::")) == (is_exact,) * 3
        assert (b"redirect the output to a file" in said) is not is_exact


def test_a_terminal_takes_no_sequences(history: Path) -> None:
    ours, theirs = pty.openpty()
    _sql(history, "--format", "csv", stdout=theirs)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "\x1b" not in shown
    assert "a [31m" in shown


@pytest.mark.parametrize("style", ["table", "json", "markdown"])
def test_an_answer_for_people_does_nothing(history: Path, style: str) -> None:
    answer = run_here("sql", QUERY, "--format", style, "--history", history)
    assert answer.code == 0
    for line in answer.stdout.splitlines():
        assert not line.strip().startswith("::")
    assert "##vso[" not in answer.stdout
    assert "\x1b" not in answer.stdout


@pytest.mark.parametrize("style", ["table", "csv", "json", "markdown"])
def test_an_answer_has_no_secret(history: Path, style: str) -> None:
    query = "select commit_message from commits order by 1 limit 1"
    answer = run_here("sql", query, "--format", style, "--history", history, environment={"A_TOKEN": TOKEN})
    assert TOKEN not in answer.stdout
    assert HIDDEN in answer.stdout


def test_errors_of_every_kind_have_no_secret_and_do_nothing(tmp_path: Path) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    checkout.commit("Begin")
    hostile = f"{TOKEN}\x1b[31m##vso[x]"
    for arguments in (
        ("sql", f"select {hostile}"),
        ("run", f"--no-such-{hostile}"),
        ("explain", hostile),
        ("run", "--config", f"{hostile}.yml"),
        ("merge", f"{hostile}.csv"),
    ):
        answer = run_here(*arguments, cwd=checkout.root, environment={"A_TOKEN": TOKEN})
        assert answer.code in (1, 2)
        assert answer.stderr
        for forbidden in (TOKEN[:6], "\x1b", "##vso["):
            assert forbidden not in answer.stdout + answer.stderr


def test_a_traceback_for_developers_has_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError(f"said {TOKEN}")

    monkeypatch.setattr("devops_mlops_report.report.commands.sql._catalogue", fail)
    for debug in ({}, {"DEVOPS_MLOPS_REPORT_DEBUG": "1"}):
        (tmp_path / "h.csv").write_bytes(csv_bytes(many_rows(1)))
        answer = run_here(
            "sql", "--history", tmp_path / "h.csv", cwd=tmp_path, environment={"A_TOKEN": TOKEN} | debug
        )
        assert answer.code == 1
        assert f"said {HIDDEN}" in answer.stderr
        assert ("Traceback" in answer.stderr) is bool(debug)


def test_what_the_stream_can_not_write_is_a_question_mark(tmp_path: Path) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    checkout.commit("Begin ✓ é")
    answer = subprocess.run(
        [sys.executable, "-m", "devops_mlops_report", "run"],
        cwd=checkout.root,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    assert "Begin ? ?" in answer.stdout


def test_on_azure_a_report_on_stdout_holds_no_command(tmp_path: Path) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    config = {"report": {"highlight_metric": "##vso[x]r2"}, "project": {"train_script": "train.py"}}
    config["project"]["python"] = sys.executable
    train = "print('a ##vso[task.setvariable variable=x]b', flush=True)\nraise SystemExit('##[error]no')"
    checkout.commit(
        "##vso[task.complete result=Failed;] ::error::no",
        {"report-config.yml": json.dumps({"version": 3, **config}), "train.py": train},
    )
    answer = run_command("run", cwd=checkout.root, environment={"TF_BUILD": "True"})
    assert answer.code == 0, answer.stderr
    assert "## vso[task.complete" in answer.stdout
    assert "a ## vso[task.setvariable" in answer.stderr
    assert not re.search(r"##(vso)?\[|^\s*::", answer.stdout + answer.stderr, re.MULTILINE)
