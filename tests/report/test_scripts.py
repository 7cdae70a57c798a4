"""A script opens a history from wherever it is, asks it with its own frames beside it, and changes nothing."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from checkouts import Checkout
from csv_samples import csv_bytes, many_rows
from devops_mlops_report import History, HistoryError, QueryError, Settings, open_history
from devops_mlops_report.history.partitions import LocalFolder, append_history
from devops_mlops_report.report.errors import ConfigError
from servers.git_server import git_server

CONTENT = csv_bytes(many_rows(4))
COUNT = "select count(*) from commits"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "commitHistory.csv"
    file.write_bytes(CONTENT)
    return file


def count(history: History) -> int:
    return int(history.sql(COUNT).fetchall()[0][0])


def _lake(path: Path) -> Path:
    with open_history(path) as history:
        append_history(history, LocalFolder(path.with_name("lake")))
    return path.with_name("lake")


SOURCES: dict[str, Callable[[Path], object]] = {
    "a path": lambda path: path,
    "a path's text": str,
    "a pattern": lambda path: f"{path.parent}/*.csv",
    "a text": lambda path: path.read_text(),
    "bytes": lambda path: path.read_bytes(),
    "a file": lambda path: path.open(),
    "a binary file": lambda path: path.open("rb"),
    "a buffer": lambda path: io.BytesIO(path.read_bytes()),
    "a lake": lambda path: _lake(path),
    "a list of a lake and a path": lambda path: [str(_lake(path)), path],
    "a list": lambda path: [path, str(path), path.read_bytes()],
    "a generator": lambda path: (each for each in [path]),
}


@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_whatever_holds_a_history_is_opened_each_row_once(path: Path, make: Callable[[Path], object]) -> None:
    with open_history(make(path)) as history:  # type: ignore[arg-type]
        assert count(history) == 4
    with pytest.raises(QueryError):
        history.sql(COUNT)


def test_a_gists_url_is_opened(tmp_path: Path) -> None:
    with git_server(tmp_path / "gists") as server:
        url = server.create_gist("history", {"commitHistory.csv": CONTENT})
        assert count(open_history(url)) == 4


def test_the_archive_beside_a_file_belongs_to_it(path: Path) -> None:
    rows = many_rows(7)
    path.with_name("commitHistory.archive.csv").write_bytes(csv_bytes(rows[4:]))
    assert count(open_history(str(path))) == 7


@pytest.mark.parametrize("source", ["nowhere.csv", "nowhere/*.csv", Path("nowhere.csv"), ["nowhere.csv"]])
def test_what_is_not_there_is_named(source: object) -> None:
    with pytest.raises(HistoryError, match="nowhere"):
        open_history(source)  # type: ignore[arg-type]


def test_a_config_gives_settings_ancestors_and_releases(tmp_path: Path) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    config = "version: 3\nreport: {highlight_metric: score, baseline: release}\n"
    checkout.commit("Begin", {"report-config.yml": config})
    [row] = many_rows(1)
    row["commit_sha"], row["metrics"] = checkout.commit("Train"), json.dumps({"score": 1})
    checkout.git("tag", "v1.0")
    history = open_history(csv_bytes([row]), config=checkout.root / "report-config.yml")
    assert history.rows("select highlight_metric, default_branch, baseline from settings") == [
        {"highlight_metric": "score", "default_branch": "main", "baseline": "release"}
    ]
    assert history.rows("select count(*) as n from ancestry") == [{"n": 2}]
    assert [row["tag"] for row in history.rows("from release_tags")] == ["v1.0"]
    with pytest.raises(HistoryError, match="settings and config are both given"):
        open_history(None, Settings(), config=checkout.root / "report-config.yml")
    (checkout.root / "report-config.yml").write_text("nonsense: 1\n")
    with pytest.raises(ConfigError):
        open_history(None, config=checkout.root / "report-config.yml")


def test_frames_of_the_caller_and_registered_ones_can_be_asked() -> None:
    history = open_history(CONTENT)
    owners = pd.DataFrame({"branch": ["main"], "owner": ["Ada"]})
    joined = "select count(*), any_value(owner) from commits join {} using (branch)"
    assert history.sql(joined.format("owners")).fetchall() == [(4, "Ada")]
    history.register("people", owners.assign(owner="Grace"))
    assert history.sql(joined.format("people")).fetchall() == [(4, "Grace")]
    for name in ("commits", "Deltas"):
        with pytest.raises(HistoryError, match="is a table or a view of the history"):
            history.register(name, owners)
    with pytest.raises(HistoryError, match="can't be queried"):
        history.register("number", 42)


def test_an_answer_is_a_frame_or_an_arrow_table() -> None:
    answer = open_history(CONTENT).sql(
        "select commit_sha, metrics::map(varchar, double) as metrics from commits"
    )
    frame = answer.df()
    assert (list(frame.columns), len(frame)) == (["commit_sha", "metrics"], 4)
    assert "loss" in dict(frame["metrics"][0])
    assert answer.arrow().read_all().num_rows == 4


@pytest.mark.parametrize(
    "query",
    [
        "insert into commits (commit_sha) values ('x')",
        "with x as (insert into commits (commit_sha) values ('x') returning *) from x",
        "with x as (delete from commits returning *) from x",
        "explain analyze delete from commits",
        "create table mine as from commits",
        "drop table commits",
        "set threads = 1",
        "begin",
        "from commits; delete from commits",
        "",
    ],
)
def test_a_query_that_does_more_than_read_is_refused_and_changes_nothing(query: str) -> None:
    history = open_history(CONTENT)
    with pytest.raises(QueryError, match="wanted one"):
        history.sql(query)
    assert (count(history), history.to_csv()) == (4, CONTENT)


@pytest.mark.parametrize(
    "query",
    ["explain from deltas", "from (pivot commits on branch using count(*))", "describe deltas", COUNT],
)
def test_what_only_reads_is_answered(query: str) -> None:
    assert open_history(CONTENT).sql(query).fetchall()


@pytest.mark.parametrize("view", ["commits", "measurements", "deltas", "regressions"])
def test_a_held_relation_never_answers_with_yesterdays_state(view: str) -> None:
    history = open_history(CONTENT)
    held = history.sql(f"select count(*) from {view}")  # noqa: S608
    before = held.fetchall()
    history.append(
        {
            "commit_sha": "f" * 40,
            "branch": "main",
            "recorded_at": datetime(2060, 1, 1, tzinfo=UTC),
            "workflow_run_id": "9",
            "metrics": {"loss": 1.0},
        }
    )
    with contextlib.suppress(duckdb.CatalogException):  # A view's answer is gone until it is asked again.
        assert held.fetchall() != before
    assert history.sql(f"select count(*) from {view}").fetchall() != before  # noqa: S608
    assert held.fetchall() != before


def test_answers_come_as_polars_frames_and_json_as_maps() -> None:
    polars = pytest.importorskip("polars", reason="the extra `polars` is not installed")
    history = open_history(CONTENT)
    answer = history.sql("select metrics::map(varchar, double) as numbers from commits limit 1")
    assert isinstance(answer.pl(), polars.DataFrame)


def test_json_columns_come_as_maps_and_lists_by_a_cast() -> None:
    [row] = many_rows(1)
    row |= {"metrics": '{"loss":0.5,"f1":0.9}', "failed_tests": '["t::a"]', "params": '{"lr":"0.1"}'}
    row["jobs"] = '[{"name":"build","conclusion":"success","duration_seconds":7}]'
    history = open_history(csv_bytes([row]))
    [answer] = history.sql(
        "select metrics::map(varchar, double), params::map(varchar, varchar), failed_tests::varchar[] from commits"
    ).fetchall()
    assert answer == ({"loss": 0.5, "f1": 0.9}, {"lr": "0.1"}, ["t::a"])
    assert history.sql("select name, conclusion, duration_seconds from jobs").fetchall() == [
        ("build", "success", 7.0)
    ]
