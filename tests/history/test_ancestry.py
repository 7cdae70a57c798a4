"""What the rows tell of a commit's ancestors."""

from __future__ import annotations

import pytest
from csv_samples import csv_bytes, many_rows
from devops_mlops_report.history import open_history

Told = dict[str, str]


def ancestors(*commits: Told, head: str | None = None) -> list[str]:
    """Of rows of these commits, a minute apart, the ancestors of the newest one or of `head`, nearest first."""
    rows = [row | commit for row, commit in zip(many_rows(len(commits)), commits, strict=True)]
    with open_history(csv_bytes(rows)) as history:
        told = history.recorded_ancestry(head)
    assert [distance for _, distance in told] == list(range(len(told)))
    return [commit_sha for commit_sha, _ in told]


def at(commit_sha: str, parent_sha: str = "", branch: str = "main") -> Told:
    return {"commit_sha": commit_sha, "parent_sha": parent_sha, "branch": branch}


def test_parents_are_followed_from_branch_to_branch() -> None:
    rows = at("a"), at("b", "a"), at("c", "b"), at("x", "b", "topic"), at("y", "x", "topic")
    assert ancestors(*rows) == ["y", "x", "b", "a"]
    assert ancestors(*rows, head="c") == ["c", "b", "a"]
    assert ancestors(*rows, head="never reported") == []


def test_in_the_place_of_a_parent_that_never_reported_stands_the_commit_before_on_the_branch() -> None:
    rows = at("a"), at("b", "a"), at("z", "gone", "other"), at("d", "c"), at("e", "d")
    assert ancestors(*rows) == ["e", "d", "b", "a"]


def test_where_no_parent_is_told_there_is_no_ancestry() -> None:
    assert ancestors(at("a"), at("b"), at("c", "never reported")) == []
    assert ancestors() == []


def test_a_report_that_is_made_again_makes_no_commit_the_newest() -> None:
    assert ancestors(at("a"), at("b", "a"), at("a")) == ["b", "a"]


def test_parents_in_a_circle_end() -> None:
    assert ancestors(at("a", "b"), at("b", "a")) == ["b", "a"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["e", "d"], ["c", "b", "a"]),  # The clone's last one is reported.
        (["e", "never reported"], ["d", "c", "b", "a"]),  # It is not: the one before on the branch.
        (["new", "e"], ["d", "c", "b", "a"]),  # HEAD itself has not reported yet.
        (["new", "never reported"], []),
        (["e", "d", "c", "b", "a"], []),
    ],
)
def test_where_a_shallow_clone_ends_the_rows_go_on(line: list[str], told: list[str]) -> None:
    rows = at("a"), at("b", "a"), at("c", "b"), at("d", "c"), at("e", "d"), at("x", "b", "topic")
    stamped = [row | commit for row, commit in zip(many_rows(len(rows)), rows, strict=True)]
    with open_history(csv_bytes(stamped)) as history:
        for is_cut in (False, True):
            history.set_ancestry([(sha, place, place) for place, sha in enumerate(line)], is_cut=is_cut)
            found = history.sql(
                "select commit_sha, distance, is_first_parent from ancestry order by distance"
            )
            whole = [*line, *(told if is_cut else [])]
            assert found.fetchall() == [(sha, place, True) for place, sha in enumerate(whole)]


@pytest.mark.parametrize(
    ("query", "depends"),
    [
        ("select count(*) from commits", False),
        ("with deltas as (from commits) select commit_sha from deltas", True),
        ("select count(*) from rejected_rows, settings", False),
        ("select count(*) from ancestry", True),
        ("select count(*) from main.ANCESTRY", True),
        ("from commits semi join ancestry using (commit_sha)", True),
        ("select count(*) from trends", True),
        ("from query('from ancestry')", True),
        ("from query_table('ancestry')", True),
        ("summarize ancestry", True),
        ("pivot ancestry on distance", True),
        ("select (select count(*) from ancestry)", True),
    ],
)
def test_what_a_checkout_tells_is_asked_for_once_before_the_first_query_that_depends_on_it(
    query: str, depends: bool
) -> None:
    told: list[str] = []
    with open_history(csv_bytes(many_rows(3))) as history:

        def tell() -> None:
            told.append("asked")
            history.set_ancestry([("a", 0), ("b", 1)])

        history.tell_when_asked(tell)
        for _ in range(2):
            history.sql(query)
            assert told == ["asked"] * depends
        assert history.rows("select count(*) as n from ancestry") == [{"n": 2}]


def test_what_is_told_later_holds_over_what_was_put_off() -> None:
    with open_history(csv_bytes(many_rows(3))) as history:
        history.tell_when_asked(lambda: history.set_ancestry([("a", 0), ("b", 1)]))
        history.set_ancestry([("c", 0)])
        assert history.rows("select commit_sha from ancestry") == [{"commit_sha": "c"}]
