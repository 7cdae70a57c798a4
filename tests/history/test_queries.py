"""A query has the views that it reads computed, and no others."""

from __future__ import annotations

import duckdb
import pytest
from csv_samples import ROW, csv_bytes
from devops_mlops_report.history import History, QueryError, open_history
from devops_mlops_report.history.queries import read_by
from devops_mlops_report.history.sql_files import View, views, views_behind

BY_NAME = {view.name: view for view in views()}


@pytest.fixture
def history() -> History:
    return open_history(csv_bytes([ROW]))


def made(history: History) -> set[str]:
    """The views that are in the database."""
    found = history.connection.execute(
        "select table_name from duckdb_tables() union all select view_name from duckdb_views()"
    ).fetchall()
    return {name for (name,) in found} & set(BY_NAME)


def needed(*names: str) -> set[str]:
    """The views of these names and all tables among those that they read: other steps are part of what reads them."""
    behind = {view.name for view in views_behind(names) if view.is_materialized}
    return behind.union(names)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("select count(*) from commits", []),
        ("select 'deltas', 1 as trends -- from regressions", []),
        ("select 42", []),
        ("from DELTAS", ["deltas"]),
        ('select * from "Trends" t where t.value > 0', ["trends"]),
        (
            "with a as (from Deltas) select '--', * from a join REGRESSIONS using (commit_sha)",
            ["deltas", "regressions"],
        ),
        ("select * from commits where commit_sha in (select commit_sha from trends)", ["trends"]),
        ("with deltas as (select * from deltas) from deltas", ["deltas"]),
        (
            "select exists (from main.change_points), (select count(*) from memory.main.trends)",
            ["change_points", "trends"],
        ),
        (
            "from commits, lateral (select count(*) from measurements m where m.commit_sha = commits.commit_sha)",
            ["measurements"],
        ),
        ("with recursive n(i) as (select 1 union all select i + 1 from n, settings where i < 3) from n", []),
    ],
)
def test_a_query_has_the_views_computed_that_it_reads(history: History, query: str, names: list[str]) -> None:
    history.rows(query)
    assert made(history) == needed(*names)


@pytest.mark.parametrize(
    "query",
    [
        "from (pivot measurements on metric using sum(value) group by commit_sha)",
        "summarize measurements",
        "explain analyze from MEASUREMENTS",
        "unpivot measurements on value into name n value v",
    ],
)
def test_so_it_is_with_what_is_more_than_a_plain_query(history: History, query: str) -> None:
    assert len(history.rows(query)) > 0
    assert len(history.connection.execute("from measurements").fetchall()) == 1


def test_a_plain_query_of_commits_makes_no_view(history: History) -> None:
    history.rows("select count(*) from commits where branch = $branch", {"branch": "main"})
    assert made(history) == set()


@pytest.mark.parametrize(
    "query",
    [
        "from query_table('trends')",
        "from query('select * from ' || 'trends')",
        "from query_table(['trends'])",
    ],
)
def test_what_a_query_makes_of_a_text_is_found_too(history: History, query: str) -> None:
    assert history.rows(query) == history.rows("from trends")


@pytest.mark.parametrize(
    "query",
    [
        "show tables",
        "select view_name as name from duckdb_views() union all select table_name from duckdb_tables()",
        "select table_name as name from information_schema.tables",
        "select name from sqlite_master",
    ],
)
def test_the_catalogue_knows_every_view_and_none_is_computed_for_it(history: History, query: str) -> None:
    assert {row["name"] for row in history.rows(query)} >= set(BY_NAME)
    assert history.connection.execute("from measurements").fetchall() == []
    assert [row["metric"] for row in history.rows("from measurements")] == ["loss"]


def test_which_commits_are_shown_says_nothing_about_where_they_stand(history: History) -> None:
    history.rows("from metric_points")
    history.answer_for(["0" * 40])
    assert made(history) >= {"run_attempts", "commit_lines", "metric_points"}


def test_a_misspelt_view_is_told_with_the_name_that_is_meant(history: History) -> None:
    with pytest.raises(QueryError, match='does not exist! Did you mean "deltas"'):
        history.sql("from deltaz")


def test_what_cannot_be_parsed_is_refused_in_the_databases_words(history: History) -> None:
    with pytest.raises(QueryError, match='syntax error at or near "selec"'):
        history.sql("selec * from deltas")
    assert made(history) == set()


def test_a_query_of_great_depth_is_read(history: History) -> None:
    query = "select " + "1 + " * 900 + "1 from deltas"
    assert read_by(history.connection, query).names == {"deltas"}


@pytest.mark.parametrize("view", views(), ids=lambda view: view.name)
def test_of_the_views_that_a_view_reads_none_is_missed(view: View) -> None:
    found = read_by(duckdb.connect(), view.select).names & set(BY_NAME)
    assert found - {view.name} <= view.reads
