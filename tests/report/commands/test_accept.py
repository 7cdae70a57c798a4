"""`devops-mlops-report accept`: the entry is written once, and counts from then on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import run_here
from csv_samples import csv_bytes, many_rows

CONFIG = "# mine\nversion: 3\nreport: {highlight_metric: score}  # the one\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A drop at the ninth of ten commits."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report-config.yml").write_text(CONFIG)
    rows = many_rows(10)
    for number, row in enumerate(rows):
        row["commit_sha"] = f"{number:02}abcdef" + "0" * 32
        row["metrics"] = json.dumps({"score": 90 + number % 3 - 40 * (number >= 8), "loss": 1})
    (tmp_path / "history.csv").write_bytes(csv_bytes(rows))
    return tmp_path


def _verdict(commit: str) -> str:
    query = f"select verdict from regressions where metric = 'score' and commit_sha like '{commit}%'"  # noqa: S608
    return run_here("sql", query, "--history", "history.csv", "--format", "csv").stdout.splitlines()[1]


def test_an_accepted_change_is_written_once_and_begins_a_new_level(folder: Path) -> None:
    assert _verdict("09abcde") == "regressed"
    for words in ("is accepted for score; commit the file", "is accepted for score already"):
        answer = run_here(
            "accept", "08abcde", "--metric", "score", "--reason", "new", "--history", "history.csv"
        )
        assert (answer.code, answer.stdout) == (0, "")
        assert words in answer.stderr
    written = (folder / "report-config.yml").read_text()
    sha = "08abcdef" + "0" * 32
    assert written == f'{CONFIG}\naccept:\n  - commit: "{sha}"\n    metric: "score"\n    reason: "new"\n'
    assert _verdict("08abcde") == "steady"
    assert _verdict("09abcde") == "too_few"


def test_a_file_that_can_not_be_edited_safely_gets_the_lines_to_add(folder: Path) -> None:
    config = '{"version": 3, "report": {"highlight_metric": "score"}}\n'
    (folder / "report-config.yml").write_text(config)
    answer = run_here("accept", "08abcde", "--history", "history.csv")
    assert answer.code == 2
    assert answer.stdout.startswith('accept:\n  - commit: "08abcdef')
    assert answer.is_one_line(), answer.stderr
    assert (folder / "report-config.yml").read_text() == config


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nope"], "commit 'nope' is not in the history"),
        (["08abcde", "--metric", "nope"], "metric 'nope' has no value at 08abcde, which has loss, score"),
        (["08abcde", "--reason", "two\nlines"], "reason: can't stand in a config"),
    ],
)
def test_what_can_not_be_accepted_ends_in_one_line(folder: Path, arguments: list[str], told: str) -> None:
    answer = run_here("accept", *arguments, "--history", "history.csv")
    assert answer.code == 2
    assert answer.is_one_line(), answer.stderr
    assert told in answer.stderr
    assert (folder / "report-config.yml").read_text() == CONFIG


def test_without_a_config_there_is_nothing_to_write_to(folder: Path) -> None:
    (folder / "report-config.yml").unlink()
    answer = run_here("accept", "08abcde", "--history", "history.csv")
    assert answer.code == 2
    assert "there is no config to write to" in answer.stderr


def test_a_hash_that_is_nowhere_is_told_by_every_command(folder: Path) -> None:
    (folder / "report-config.yml").write_text(CONFIG + "accept: ['0123456']\n")
    answer = run_here("sql", "select 1 as x", "--history", "history.csv")
    assert answer.code == 0
    assert "names 0123456, which is no commit of the history" in answer.stderr
