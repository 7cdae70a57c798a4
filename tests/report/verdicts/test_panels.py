"""Queries of the repository's own: shown as it wishes, bounded, read-only, and each failing alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import Answer, run_here
from devops_mlops_report import open_history
from devops_mlops_report.report.config import CheckSection, PanelSection
from devops_mlops_report.report.verdicts import panels

CONFIG = """\
version: 3
report:
  highlight_metric: val_accuracy
  panels:
    - {title: "Best of each <branch>", query: q/best.sql}
    - {title: Values, query: q/values.sql, chart: line}
    - {title: Not there, query: q/none.sql}
    - {title: Elsewhere, query: ../outside.sql}
    - {title: Writes, query: q/writes.sql}
    - {title: Reads a file, query: q/reads.sql}
    - {title: Misspelt, query: q/misspelt.sql}
  checks:
    - {query: q/low.sql, title: Never below .9, on_failure: CONSEQUENCE}
    - {query: q/nothing.sql}
storage: {path: commitHistory.csv}
"""
QUERIES = {
    "q/best.sql": "select branch, max(value) as best from measurements group by branch",
    "q/values.sql": "select left(commit_sha, 7) as commit, value from highlight_trend order by position",
    "q/writes.sql": "copy commits to 'stolen.csv'",
    "q/reads.sql": "select * from read_csv('report-config.yml')",
    "q/misspelt.sql": "select * from measurments",
    "q/low.sql": "select value from measurements where metric = 'val_accuracy' and value < .9",
    "q/nothing.sql": "select 1 where false",
}


def _reported(root: Path, *values: float, consequence: str = "report") -> Answer:
    checkout = Checkout.create(root)
    for value in values:
        config = CONFIG.replace("CONSEQUENCE", consequence)
        checkout.commit(f"At {value}", {"report-config.yml": config, **QUERIES})
        (root / "metrics.json").write_text(json.dumps({"val_accuracy": value}))
        answer = run_here("run", "--metrics", "metrics.json", cwd=root)
    return answer


def test_panels_are_in_the_summary_and_one_that_fails_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "outside.sql").write_text("select 1")
    root = tmp_path / "wine"
    assert _reported(root, 0.91, 0.92, 0.93).code == 0
    summary = (root / ".devops-mlops-report/summary.md").read_text()
    assert (
        "### Best of each &#60;branch&#62;\n\n| branch | best |\n| --- | ---: |\n| main | 0.93 |" in summary
    )
    assert "    line [0.91, 0.92, 0.93]\n" in summary
    for title, wanted in {
        "Not there": "is not there",
        "Elsewhere": "outside of the checkout",
        "Writes": "wanted one that reads",
        "Reads a file": "disabled",
        "Misspelt": "measurments",
    }.items():
        answer = summary.split(f"### {title}\n\n")[1].splitlines()[0]
        assert answer.startswith("There is no answer: ")
        assert wanted in answer
    assert "2 checks of 2 found nothing." in summary
    assert not (root / "stolen.csv").exists()
    assert "val_accuracy" in (root / "commitHistory.csv").read_text()


@pytest.mark.parametrize(("consequence", "code"), [("report", 0), ("fail", 1)])
def test_what_a_check_finds_stands_at_the_top_and_fails_the_run_where_it_shall(
    tmp_path: Path, consequence: str, code: int
) -> None:
    answer = _reported(tmp_path, 0.91, 0.85, consequence=consequence)
    assert answer.code == code
    found = "The check `Never below .9` must find nothing, and found 1 row; it is `value 0.85`"
    assert found in answer.stderr
    summary = (tmp_path / ".devops-mlops-report/summary.md").read_text()
    assert found in summary[:600]
    assert "What the check Never below .9 found" in summary
    with open_history(tmp_path / "commitHistory.csv") as history:
        assert history.count_rows == 2


def test_own_queries_see_the_whole_history_and_end_when_their_time_is_over(
    tmp_path: Path,
) -> None:
    _reported(tmp_path, 0.91, 0.92)
    (tmp_path / "all.sql").write_text("select count(*) as n from deltas")
    (tmp_path / "endless.sql").write_text(
        "select sum(a.range * b.range) from range(1000000000) a, range(1000000000) b"
    )
    with open_history(tmp_path / "commitHistory.csv") as history:
        history.focus_on(["something else"])
        history.answer_for(["f" * 40])
        panels.begin_own_queries(history)
        counted = panels.show_panel(history, PanelSection(title="n", query="all.sql"), tmp_path)
        assert counted.rows == [(2,)]
        history.limit(0.2)
        endless = panels.make_check(history, CheckSection(query="endless.sql", on_failure="fail"), tmp_path)
        assert endless.sentence.startswith("The check `endless` could not be made: ")
        assert endless.fails


def test_a_long_answer_is_cut_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "long.sql").write_text("select range as n from range(5000)")
    with open_history(None) as history:
        panels.begin_own_queries(history)
        panel = panels.show_panel(history, PanelSection(title="n", query="long.sql"), tmp_path)
    assert len(panel.rows) == panels.MOST_ROWS
    assert panel.has_more
