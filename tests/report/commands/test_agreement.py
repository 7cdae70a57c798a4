"""`sql` says what the report said: it knows the same ancestors, tags and settings."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest
from checkouts import Checkout
from commands import run_here
from csv_samples import csv_bytes, many_rows

SCORES = [0.9, 0.91, 0.9, 0.905, 0.9, 0.902, 0.91]
CONFIG = (
    "version: 3\nreport: {highlight_metric: score, baseline: release}\n"
    "metrics: {score: {goal: maximize, min_effect: 0.02}}\n"
)


@pytest.fixture
def reported(tmp_path: Path) -> Checkout:
    """A report on the first commit of a branch that began on main, where all measurements before it were made."""
    checkout = Checkout.create(tmp_path / "wine")
    checkout.commit("Begin", {"report-config.yml": CONFIG})
    rows = many_rows(len(SCORES))
    for place, (row, score) in enumerate(zip(rows, SCORES, strict=True)):
        row["repository"], row["commit_sha"] = "acme/wine", checkout.commit("Train")
        row["metrics"] = json.dumps({"score": score})
        if place == 3:
            checkout.git("tag", "v1.0")
    (tmp_path / "history.csv").write_bytes(csv_bytes(rows))
    (tmp_path / "metrics.json").write_text('{"score": 0.6}')
    checkout.git("switch", "--quiet", "--create", "feature")
    checkout.commit("Try something")
    answer = run_here(
        *("run", "--metrics", tmp_path / "metrics.json", "--history", tmp_path / "history.csv"),
        cwd=checkout.root,
    )
    assert answer.code == 0, answer.stderr
    return checkout


def asked(checkout: Checkout, query: str, cwd: Path | None = None) -> list[dict[str, str]]:
    history = checkout.root.parent / "history.csv"
    answer = run_here("sql", query, "--history", history, "--format", "csv", cwd=cwd or checkout.root)
    assert answer.code == 0, answer.stderr
    return list(csv.DictReader(io.StringIO(answer.stdout)))


def test_the_verdict_of_the_report_is_that_of_sql(reported: Checkout) -> None:
    newest = reported.git("rev-parse", "HEAD")
    [row] = asked(reported, f"select verdict, reason from regressions where commit_sha = '{newest}'")  # noqa: S608
    badge = json.loads((reported.root / ".devops-mlops-report/badge.json").read_text())
    words = {"suspected": "probably worse", "regressed": "worse"}
    assert badge["message"] == f"0.6 {words[row['verdict']]}"
    [delta] = asked(
        reported,
        "select previous_value, baseline_tag from deltas "  # noqa: S608
        f"where metric = 'score' and commit_sha = '{newest}'",
    )
    assert delta == {"previous_value": "0.91", "baseline_tag": "v1.0"}


def test_ancestors_and_releases_can_be_asked(reported: Checkout) -> None:
    assert asked(reported, "select count(*) as n, max(distance) as far from ancestry") == [
        {"n": "9", "far": "8"}
    ]
    assert [row["tag"] for row in asked(reported, "from release_tags")] == ["v1.0"]


def test_an_export_knows_them_too(reported: Checkout) -> None:
    target = reported.root.parent / "out.duckdb"
    history = reported.root.parent / "history.csv"
    assert run_here("export", target, "--history", history, cwd=reported.root).code == 0
    with duckdb.connect(target, read_only=True) as connection:
        assert connection.execute("select count(*) from ancestry").fetchall() == [(9,)]
        verdicts = connection.execute("select verdict from regressions where value = 0.6").fetchall()
    assert [
        (row["verdict"],) for row in asked(reported, "select verdict from regressions where value = 0.6")
    ] == verdicts
    assert verdicts[0][0] != "too_few"


def test_the_checkout_of_another_repository_has_no_say(reported: Checkout, tmp_path: Path) -> None:
    other = Checkout.create(tmp_path / "other")
    head = other.commit("Begin")
    told = asked(reported, "from ancestry", cwd=other.root)
    # What the rows tell instead.
    assert told == asked(reported, "from ancestry", cwd=tmp_path)
    assert (len(told), head in {row["commit_sha"] for row in told}) == (len(SCORES) + 1, False)
