"""The alias and its gate, on a real registry: the rule, and two runs at once."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest
from csv_samples import csv_bytes, many_rows
from devops_mlops_report.history import AcceptedChange, MetricRule, Settings, open_history
from devops_mlops_report.history.settings import Baseline, Goal
from devops_mlops_report.report.mlflow_client import promotion
from devops_mlops_report.report.mlflow_client.promotion import Promotion, PromotionGate
from devops_mlops_report.report.mlflow_client.registry import TAG, ModelVersion, Registry
from devops_mlops_report.report.mlflow_client.runs import LoggedModel
from devops_mlops_report.report.verdicts.answers import Row, judged_metrics
from servers.mlflow_api import MlflowApi
from servers.odd_server import refusing
from tracking_here import asking

Make = Callable[[float | None], ModelVersion]


@pytest.fixture(scope="module")
def run_id(api: MlflowApi) -> str:
    """The run whose model every version is."""
    return api.create_run()


@pytest.fixture
def make(registry: Registry, name: str, run_id: str) -> Make:
    """Registers a version with a value of r2."""
    registry.create_model(name)
    model = LoggedModel(f"mlflow-artifacts:/0/{run_id}/artifacts/model")

    def made(value: float | None) -> ModelVersion:
        tags = {} if value is None else {TAG + "metric": "r2", TAG + "value": repr(value)}
        return registry.create_version(name, model, run_id, tags)

    return made


LEVEL = (0.70, 0.71, 0.69, 0.70, 0.71, 0.69, 0.70, 0.71, 0.69, 0.70)
HIGHER = tuple(value + 0.2 for value in LEVEL)
# Per name, values by which the newest commit gets that verdict.
VALUES = {
    "improved": (*LEVEL, 0.8, 0.8),
    "steady": LEVEL,
    "too_few": LEVEL[:2],
    "suspected better": (*LEVEL, 0.76),
    "suspected worse": (*LEVEL, 0.64),
    "regressed": (*LEVEL, 0.6, 0.6),
    "steady, still worse": (*LEVEL, 0.6, 0.6, 0.6),
    "improved, still worse": (*LEVEL, 0.5, 0.5, 0.5, 0.6, 0.6),
    "recovered": (*LEVEL, 0.6, 0.6, 0.7),
    "recovered beyond": (*LEVEL, 0.6, 0.6, 0.715),
}


GOALS: tuple[Goal, ...] = ("maximize", "minimize")
BASELINES: tuple[Baseline, ...] = ("previous", "best", "commit")


def values_of(verdict: str, goal: Goal, baseline: Baseline) -> tuple[float, ...]:
    values = VALUES[verdict]
    if baseline == "best":
        values = (*HIGHER, *values)  # Every change is below the best one.
    elif baseline == "commit":
        values = (*(value - 0.2 for value in LEVEL), *values)  # Every change is above the first one.
    return tuple(1 - value for value in values) if goal == "minimize" else values


@cache
def highlights() -> dict[tuple[str, Goal, Baseline], Row]:
    """The views' rows about the newest commits of repositories that each have such a verdict, in one history."""
    rows, rules, accepted = [], [], []
    cases = list(product(VALUES, GOALS, BASELINES))
    for number, case in enumerate(cases):
        values = values_of(*case)
        for row, value in zip(many_rows(len(values)), values, strict=True):
            rows.append(row | {"repository": f"octo/{number}", "metrics": json.dumps({f"r{number}": value})})
        rules.append(MetricRule(f"r{number}", case[1], case[2], rows[-len(values)]["commit_sha"]))
        if case[2] == "best":
            # That it was better once is meant to be over.
            accepted.append(AcceptedChange(rows[len(HIGHER) - len(values)]["commit_sha"], f"r{number}"))
    settings = Settings("r2", sharp_delta=9.0, metric_rules=tuple(rules), accepted_changes=tuple(accepted))
    history = open_history(csv_bytes(rows), settings)
    found = {row["metric"]: row for row in judged_metrics(history)}  # In the order of the commits.
    return {case: found[f"r{number}"] for number, case in enumerate(cases)}


def highlight(verdict: str, goal: Goal = "maximize", baseline: Baseline = "previous") -> Row:
    """The views' row about the newest commit of a history that has this verdict."""
    found = highlights()[verdict, goal, baseline]
    assert found["verdict"] == verdict.split()[0].removesuffix(",")
    assert (found["standing"] == "worse") == ("still worse" in verdict or verdict == "regressed")
    return found


def judge(registry: Registry, version: ModelVersion, promote_if: str, row: Row | None) -> Promotion:
    return PromotionGate(registry, version.name, "champion", promote_if).judge(version, row)


def hold(registry: Registry, version: ModelVersion) -> None:
    """Give the alias to a version, as a person may."""
    registry.set_alias(version.name, "champion", version.version)


def champion(registry: Registry, name: str) -> int | None:
    return (registry.aliases(name) or {}).get("champion")


@pytest.mark.parametrize("promote_if", ["improved", "not_regressed", "always"])
def test_the_first_version_is_promoted(registry: Registry, make: Make, name: str, promote_if: str) -> None:
    assert judge(registry, make(0.5), promote_if, highlight("too_few")).is_promoted
    assert champion(registry, name) == 1


def test_with_never_not_even_the_first_is_promoted(registry: Registry, make: Make, name: str) -> None:
    assert not judge(registry, make(0.5), "never", highlight("improved")).is_promoted
    assert champion(registry, name) is None


@pytest.mark.parametrize("goal", ["maximize", "minimize"])
@pytest.mark.parametrize(
    ("promote_if", "verdict", "is_promoted"),
    [
        ("improved", "improved", True),
        ("improved", "steady", False),
        ("improved", "too_few", False),
        ("improved", "suspected better", False),
        ("improved", "regressed", False),
        ("improved", "improved, still worse", True),
        ("improved", "recovered", False),
        ("improved", "recovered beyond", True),
        ("not_regressed", "improved", True),
        ("not_regressed", "steady", True),
        ("not_regressed", "too_few", True),
        ("not_regressed", "suspected better", True),
        ("not_regressed", "suspected worse", False),
        ("not_regressed", "regressed", False),
        ("not_regressed", "steady, still worse", False),
        ("not_regressed", "improved, still worse", False),
        ("not_regressed", "recovered", True),
        ("always", "regressed", True),
        ("never", "improved", False),
    ],
)
def test_a_later_version_is_promoted_when_the_rule_holds(
    registry: Registry, make: Make, name: str, promote_if: str, verdict: str, goal: Goal, is_promoted: bool
) -> None:
    hold(registry, make(0.5))
    better = 0.6 if goal == "maximize" else 0.4
    outcome = judge(registry, make(better), promote_if, highlight(verdict, goal))
    assert outcome.is_promoted == is_promoted
    assert champion(registry, name) == (2 if is_promoted else 1)
    recorded = registry.version(name, 2).tag("promotion")
    assert recorded == ("promoted" if is_promoted else f"refused: {outcome.reason}")


@pytest.mark.parametrize("goal", ["maximize", "minimize"])
@pytest.mark.parametrize("baseline", ["previous", "best", "commit"])
@pytest.mark.parametrize(("verdict", "is_promoted"), [("suspected better", True), ("suspected worse", False)])
def test_the_way_of_a_suspected_change_is_the_views_and_not_the_baseline_s(
    registry: Registry, make: Make, verdict: str, is_promoted: bool, baseline: Baseline, goal: Goal
) -> None:
    hold(registry, make(0.5))
    row = highlight(verdict, goal, baseline)
    is_above = row["baseline_delta"] > 0 if goal == "maximize" else row["baseline_delta"] < 0
    assert baseline == "previous" or is_above == (baseline == "commit")
    assert judge(registry, make(0.6), "not_regressed", row).is_promoted == is_promoted


def test_what_improved_on_the_recent_past_but_not_on_the_champion_is_refused(
    registry: Registry, make: Make, name: str
) -> None:
    hold(registry, make(0.9))
    outcome = judge(registry, make(0.7), "improved", highlight("improved"))
    assert (outcome.is_promoted, outcome.holder) == (False, 1)
    assert "as good or better (0.9 against 0.7)" in outcome.reason


def test_without_the_highlight_metric_there_is_no_promotion(
    registry: Registry, make: Make, name: str
) -> None:
    hold(registry, make(0.5))
    assert "not among its metrics" in judge(registry, make(None), "not_regressed", None).reason


def test_a_run_that_reports_again_keeps_its_alias(registry: Registry, make: Make, name: str) -> None:
    version = make(0.5)
    assert judge(registry, version, "improved", highlight("too_few")).is_promoted
    assert judge(registry, version, "improved", highlight("regressed")).is_promoted


class Interrupted(Registry):
    """A registry in which others act just before one of our calls."""

    def __init__(self, registry: Registry, at: str, others: Callable[[], None]) -> None:
        super().__init__(registry.session, registry.uri)
        self._at, self._others = at, others

    def _interrupt(self, step: str) -> None:
        if step == self._at:
            self._at = ""
            self._others()

    def set_alias(self, name: str, alias: str, version: int) -> None:
        self._interrupt("before the alias")
        super().set_alias(name, alias, version)
        self._interrupt("after the alias")

    def set_tags(self, version: ModelVersion, tags: Any) -> None:
        self._interrupt("before the tag")
        super().set_tags(version, tags)


@pytest.mark.parametrize("step", ["before the tag", "before the alias", "after the alias"])
@pytest.mark.parametrize(("own", "other"), [(0.6, 0.8), (0.8, 0.6)])
@pytest.mark.parametrize("base", [None, 0.5])
def test_two_runs_at_once_leave_the_alias_on_the_better_one(
    registry: Registry, make: Make, name: str, step: str, own: float, other: float, base: float | None
) -> None:
    if base is not None:
        judge(registry, make(base), "always", None)
    first, second = make(own), make(other)

    def others() -> None:
        judge(registry, second, "improved", highlight("improved"))

    judge(Interrupted(registry, step, others), first, "improved", highlight("improved"))
    better = first if own > other else second
    assert champion(registry, name) == better.version


def test_a_whole_chain_that_came_in_between_is_not_undone(registry: Registry, make: Make, name: str) -> None:
    judge(registry, make(0.5), "always", None)
    slow, middle, last = make(0.7), make(0.6), make(0.8)

    def others() -> None:
        judge(registry, middle, "improved", highlight("improved"))
        judge(registry, last, "improved", highlight("improved"))

    judge(Interrupted(registry, "before the alias", others), slow, "improved", highlight("improved"))
    assert champion(registry, name) == last.version


def test_smaller_is_better_for_a_loss(registry: Registry, make: Make, name: str) -> None:
    hold(registry, make(0.5))
    assert not judge(registry, make(0.6), "improved", highlight("improved", "minimize")).is_promoted
    assert judge(registry, make(0.4), "improved", highlight("improved", "minimize")).is_promoted


class InTurn(Registry):
    """A registry whose calls may come from several threads, one after another in whatever order."""

    _turn = threading.Lock()

    def _ask(self, question: str, **details: Any) -> dict[str, Any]:
        with self._turn:
            return super()._ask(question, **details)


def test_many_at_once_leave_the_alias_on_the_best(registry: Registry, make: Make, name: str) -> None:
    values = [0.61, 0.64, 0.62, 0.63]
    versions = [make(value) for value in values]
    highlight("improved")

    def promote(version: ModelVersion) -> None:
        judge(InTurn(registry.session, registry.uri), version, "improved", highlight("improved"))

    threads = [threading.Thread(target=promote, args=(version,)) for version in versions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert champion(registry, name) == 2


class Scheduled(Registry):
    """A registry in memory, of which each call waits until its thread is let on."""

    def __init__(self, values: Sequence[float]) -> None:
        self.tags = {
            number: {TAG + "metric": "r2", TAG + "value": repr(value)}
            for number, value in enumerate(values, start=1)
        }
        self.holder: dict[str, int] = {}
        self.turns: dict[threading.Thread, tuple[threading.Semaphore, threading.Semaphore]] = {}

    def _ask(self, question: str, **details: Any) -> dict[str, Any]:
        waits, is_let = self.turns[threading.current_thread()]
        waits.release()
        is_let.acquire()
        number = details.get("version", 0)
        if question == "set_tags":
            self.tags[number] |= details["tags"]
        elif question == "set_alias":
            self.holder[details["alias"]] = number
        version = {"name": "m", "version": number, "tags": self.tags.get(number)}
        versions = [{"name": "m", "version": each, "tags": dict(tags)} for each, tags in self.tags.items()]
        return {"aliases": dict(self.holder), "version": version, "versions": versions}

    def play(self, runs: Sequence[Callable[[], object]], order: random.Random) -> None:
        """Let the runs make their calls, one call at a time, in an order of chance."""
        running: list[threading.Thread] = []

        def start(run: Callable[[], object]) -> None:
            waits, is_let = threading.Semaphore(0), threading.Semaphore(0)

            def played() -> None:
                try:
                    run()
                finally:
                    running.remove(thread)
                    waits.release()

            thread = threading.Thread(target=played)
            running.append(thread)
            self.turns[thread] = (waits, is_let)
            thread.start()
            waits.acquire()

        for run in runs:
            start(run)
        while running:
            waits, is_let = self.turns[order.choice(running)]
            is_let.release()
            waits.acquire()


def test_in_whatever_order_the_calls_of_runs_come_the_alias_is_on_the_best(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(promotion, "_SECONDS_BETWEEN_LOOKS", 0)
    monkeypatch.setattr(promotion, "_LOOKS", 1000)
    row = highlight("improved")
    for seed in range(300):
        order = random.Random(seed)
        values = [0.61, 0.62, 0.63, 0.64]
        order.shuffle(values)
        registry = Scheduled(values)
        versions = [ModelVersion("m", number, tags=dict(tags)) for number, tags in registry.tags.items()]
        registry.play([partial(judge, registry, version, "improved", row) for version in versions], order)
        assert values[registry.holder["champion"] - 1] == 0.64, seed


def test_a_promotion_whose_run_was_killed_is_waited_for_once(
    registry: Registry, make: Make, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    killed = make(0.5)
    registry.set_tags(killed, {TAG + "promoted_over": "none", TAG + "promotion": "pending"})
    assert judge(registry, make(0.6), "improved", highlight("improved")).is_promoted
    assert sum(waited) < 10
    assert registry.version(name, killed.version).tag("promotion") == "interrupted"
    waited.clear()
    assert judge(registry, make(0.7), "improved", highlight("improved")).is_promoted
    assert not waited


def test_the_outcome_does_not_depend_on_the_order(registry: Registry, make: Make, name: str) -> None:
    for order in list(permutations([0.7, 0.8]))[:2]:
        for value in order:
            judge(registry, make(value), "improved", highlight("improved"))
    best = champion(registry, name)
    assert best is not None
    assert registry.version(name, best).value == 0.8


def test_a_version_may_take_its_place_back(registry: Registry, make: Make, name: str) -> None:
    first, second = make(0.9), make(0.8)
    judge(registry, first, "always", None)
    judge(registry, second, "always", None)
    assert champion(registry, name) == 2
    again = registry.version(name, first.version)
    assert judge(registry, again, "improved", highlight("improved")).is_promoted
    assert champion(registry, name) == 1


def test_what_was_rolled_back_by_hand_is_no_rival_of_a_later_run(
    registry: Registry, make: Make, name: str
) -> None:
    first = make(0.5)
    judge(registry, first, "always", None)
    judge(registry, make(0.9), "always", None)
    hold(registry, first)
    assert judge(registry, make(0.6), "improved", highlight("improved")).is_promoted
    assert champion(registry, name) == 3


def test_an_alias_moved_by_hand_stays(registry: Registry, make: Make, name: str) -> None:
    judge(registry, make(0.5), "always", None)
    by_hand, own = make(0.1), make(0.9)

    def others() -> None:
        registry.set_alias(name, "champion", by_hand.version)

    judge(Interrupted(registry, "after the alias", others), own, "improved", highlight("improved"))
    assert champion(registry, name) == by_hand.version


def test_a_registry_that_is_down_costs_the_promotion_and_says_why(make: Make, tmp_path: Path) -> None:
    version = make(0.5)
    with refusing() as url, asking(url, tmp_path) as tracking:
        outcome = judge(Registry(tracking.session, url), version, "improved", highlight("improved"))
    assert not outcome.is_promoted
    assert "can't be reached" in outcome.sentence
