"""Metrics that another tool wrote, from its file to the verdict."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from checkouts import Checkout
from commands import run_here


def test_unit_and_goal_of_another_tools_file_are_kept_and_judged_by(tmp_path: Path) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    (checkout.root / "report-config.yml").write_text(
        "version: 3\nreport: {highlight_metric: p50}\nmetrics: {heap: {goal: maximize}}\n"
    )
    for value in (3.0, 3.1, 2.9, 3.05, 2.95, 3.02, 9.0, 9.1):
        checkout.commit("Go on")
        benches = [
            {"name": name, "unit": unit, "value": value} for name, unit in (("p50", "hops"), ("heap", "MB"))
        ]
        (checkout.root / "m.json").write_text(json.dumps({"customSmallerIsBetter": benches}))
        answer = run_here("run", "--metrics", "m.json", cwd=checkout.root)
        assert (answer.code, answer.stderr) == (0, "")
    path = checkout.root / ".devops-mlops-report/commitHistory.csv"
    with path.open(encoding="utf-8", newline="") as file:
        row = list(csv.DictReader(file))[-1]
    assert json.loads(row["metric_facts"]) == {
        "heap": {"goal": "minimize", "unit": "MB"},
        "p50": {"goal": "minimize", "unit": "hops"},
    }
    question = "select distinct metric, goal, unit from measurements where kind = 'ml' order by metric"
    answer = run_here("sql", "--format", "csv", question, cwd=checkout.root)
    assert answer.stdout.splitlines()[1:] == ["heap,maximize,MB", "p50,minimize,hops"]
    verdicts = (
        "select metric, direction from regressions where verdict in ('regressed', 'improved') order by metric"
    )
    answer = run_here("sql", "--format", "csv", verdicts, cwd=checkout.root)
    assert answer.stdout.splitlines()[1:] == ["heap,better", "p50,worse"]


def test_the_goal_option_holds_for_what_the_file_does_not_tell(tmp_path: Path) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    checkout.commit("Begin")
    (checkout.root / "m.json").write_text('[{"name": "hops", "value": 3}]')
    assert run_here("run", "--metrics", "m.json", "--metrics-goal", "minimize", cwd=checkout.root).code == 0
    answer = run_here("sql", "--format", "csv", "select goal from measurements", cwd=checkout.root)
    assert answer.stdout.splitlines()[1:] == ["minimize"]
