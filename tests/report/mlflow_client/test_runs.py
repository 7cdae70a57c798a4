"""Of several runs, always the same one; and what retention may delete."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from devops_mlops_report.report.mlflow_client.retention import runs_to_delete
from devops_mlops_report.report.mlflow_client.runs import PARENT_TAG, REPEAT_TAG, TrackedRun, choose


def run(
    run_id: str, started: int, *, status: str = "FINISHED", parent: str = "", **metrics: float
) -> TrackedRun:
    tags = {PARENT_TAG: parent} if parent else {}
    return TrackedRun(run_id, "0", status, started_ms=started, metrics=metrics, tags=tags)


def test_the_choice_does_not_depend_on_the_order_and_is_said() -> None:
    runs = [
        run("a", 1, r2=0.5),
        run("b", 2, r2=0.6),
        run("c", 2, r2=0.7),
        run("d", 9, loss=1.0),
        run("e", 9, status="FAILED", r2=1.0),
        run("f", 9, parent="c", r2=1.0),
    ]
    for order in permutations(runs):
        choice = choose(order, "r2", "this commit")
        assert choice is not None
        assert choice.run.run_id == "c"
    assert "6 MLflow runs are of this commit; `c`" in choice.notices[0]
    assert "1 nested MLflow run is not read" in choice.notices[1]


def test_of_none_there_is_no_choice() -> None:
    assert choose([], "r2", "x") is None


def test_the_oldest_go_but_never_a_protected_or_running_one_and_children_go_with_their_parents() -> None:
    runs = [
        run("old", 1),
        run("child", 9, parent="old"),
        run("protected", 2),
        run("running", 3, status="RUNNING"),
        run("of-protected", 4, parent="x"),
        run("next", 5),
        run("new", 6),
    ]
    gone = runs_to_delete(runs, 2, {"protected"})
    assert [each.run_id for each in gone] == ["old", "child"]
    assert runs_to_delete(runs, 5, ()) == []
    assert [each.run_id for each in runs_to_delete(runs, 1, ())] == ["old", "child", "protected", "next"]


def test_whole_families_go_and_a_report_deletes_about_a_hundred() -> None:
    family = [run("top", 1), run("child", 2, parent="top"), run("grandchild", 3, parent="child")]
    assert [each.run_id for each in runs_to_delete([*family, run("new", 9)], 1, ())] == [
        "top",
        "child",
        "grandchild",
    ]
    assert runs_to_delete([*family, run("new", 9)], 1, {"grandchild"}) == []
    many = [run(f"{number:04}", number) for number in range(500)]
    assert [each.run_id for each in runs_to_delete(many, 10, ())] == [f"{number:04}" for number in range(100)]


def test_what_measured_a_commit_again_goes_with_its_run_and_is_not_counted() -> None:
    again = [replace(run(f"a{number}", 10 + number), tags={REPEAT_TAG: "a"}) for number in range(3)]
    runs = [run("a", 1), *again, run("b", 20), run("c", 30)]
    assert [each.run_id for each in runs_to_delete(runs, 2, {"c"})] == ["a", "a0", "a1", "a2"]
    assert runs_to_delete(runs, 3, set()) == []
