"""The questions that a report asks the history, each a file."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from devops_mlops_report.history.queries import read_by
from devops_mlops_report.history.sql_files import plan_of, views
from devops_mlops_report.report.verdicts import questions

NAMES = sorted(path.stem for path in Path(questions.__file__).parent.glob("*.sql"))


@pytest.mark.parametrize("name", NAMES)
def test_a_question_has_the_steps_that_it_reads_as_its_own_and_the_tables_named(name: str) -> None:
    text = questions.read_question(name)
    known = {view.name for view in views()}
    asked, planned = (read_by(duckdb.connect(), query) for query in (text, plan_of(text).text))
    # A step of the question's own that bears a view's name would be there twice.
    assert not asked.defined & known
    assert asked.names & known <= planned.names
    there = planned.defined | {view.name for view in plan_of(text).tables}
    assert planned.names & known <= there
