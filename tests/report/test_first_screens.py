"""The first screen of every kind of commit, byte for byte: state, number against usual, what changed, where to look."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from devops_mlops_report.report.config import parse_config
from devops_mlops_report.report.rendering.summary import first_screen
from devops_mlops_report.report.run import Report
from goldens import assert_golden
from scenario import CONFIG, Scenario

GOLDENS = Path(__file__).with_name("first_screens")
KINDS: dict[str, Callable[[Scenario], Report]] = {}
JUNIT = """<testsuite name="fit">
<testcase classname="tests.test_fit" name="test_converges" file="tests/test_fit.py" line="7">
<failure message="AssertionError: loss is nan">more</failure></testcase>
<testcase classname="tests.test_fit" name="test_shape"/></testsuite>"""
BEFORE = """<testsuite name="fit"><testcase classname="tests.test_fit" name="test_shape">
<failure message="AssertionError: (3, 4)"/></testcase></testsuite>"""
SLOW, FAST = {"learning_rate": 0.1, "layers": "64;32"}, {"learning_rate": 0.9, "layers": "64;32"}
GUIDE = {"docs/guide.md": "How to fit\n" * 30, "README.md": "wine\n"}


def kind(make: Callable[[Scenario], Report]) -> Callable[[Scenario], Report]:
    KINDS[make.__name__] = make
    return make


@kind
def first(scenario: Scenario) -> Report:
    return scenario.report("Begin", {"val_accuracy": 0.9, "loss": 0.3})


@kind
def too_few(scenario: Scenario) -> Report:
    scenario.report("Begin", {"val_accuracy": 0.9, "loss": 0.3})
    return scenario.report("Go on", {"val_accuracy": 0.905, "loss": 0.29})


@kind
def steady(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    return scenario.report("Learn slower", {"val_accuracy": 0.909, "loss": 0.294}, SLOW)


@kind
def probably_worse(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    return scenario.report("Learn faster", {"val_accuracy": 0.85, "loss": 0.297}, FAST)


def _one_worse(scenario: Scenario) -> None:
    scenario.ordinary_history()
    scenario.report("Learn faster", {"val_accuracy": 0.85, "loss": 0.297}, FAST)


def _two_worse(scenario: Scenario) -> None:
    scenario.remember("one worse", partial(_one_worse, scenario))
    scenario.report("Tidy up", {"val_accuracy": 0.851, "loss": 0.296}, FAST)


@kind
def regressed(scenario: Scenario) -> Report:
    scenario.remember("one worse", partial(_one_worse, scenario))
    return scenario.report("Tidy up", {"val_accuracy": 0.851, "loss": 0.296}, FAST)


@kind
def still_worse(scenario: Scenario) -> Report:
    scenario.remember("two worse", partial(_two_worse, scenario))
    return scenario.report("Try a smaller batch", {"val_accuracy": 0.852, "loss": 0.296}, FAST)


@kind
def recovered(scenario: Scenario) -> Report:
    scenario.remember("two worse", partial(_two_worse, scenario))
    return scenario.report("Revert the learning rate", {"val_accuracy": 0.908, "loss": 0.296}, SLOW)


@kind
def improved(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    scenario.report("A larger net", {"val_accuracy": 0.95, "loss": 0.297}, SLOW)
    return scenario.report("Tidy up", {"val_accuracy": 0.951, "loss": 0.296}, SLOW)


@kind
def drift(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    for number in range(1, 13):
        report = scenario.report(
            f"Step {number}", {"val_accuracy": 0.908 - 0.004 * number + 0.001 * (number % 2)}
        )
    return report


@kind
def bound_missed(scenario: Scenario) -> Report:
    scenario.config = parse_config(
        CONFIG.replace("on_regression: fail", "on_regression: fail, target: 0.905")
    )
    scenario.ordinary_history()
    return scenario.report("Learn faster", {"val_accuracy": 0.903, "loss": 0.297}, FAST)


@kind
def at_odds(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    scenario.report("Trade one for the other", {"val_accuracy": 0.95, "loss": 0.41}, FAST)
    return scenario.report("Tidy up", {"val_accuracy": 0.951, "loss": 0.412}, FAST)


@kind
def training_failed(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    scenario.config = parse_config(CONFIG + "project: {train_script: train.py}\n")
    script = "import sys\nprint('fitting')\nsys.exit('ValueError: 3 columns, wanted 4')\n"
    path = {"PATH": os.environ["PATH"]}
    return scenario.report("Read one column more", environment=path, changed={"train.py": script})


@kind
def training_not_started(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    scenario.config = parse_config(
        CONFIG + "project: {train_script: train.py, python: .venv-ml/bin/python}\n"
    )
    return scenario.report("Read one column more", changed={"train.py": "print('fitting')\n"})


@kind
def several_workflows(scenario: Scenario) -> Report:
    """The training's run has reported; that of the nightly tests fails at the same commit."""
    scenario.ordinary_history()
    nightly = {"GITHUB_WORKFLOW": "nightly"}
    scenario.report("", environment=nightly, is_again=True)
    scenario.report("Learn slower", {"val_accuracy": 0.909, "loss": 0.294}, SLOW)
    failed = json.dumps({"load": {"result": "failure"}, "soak": {"result": "success"}})
    return scenario.report("", environment=nightly | {"NEEDS_JSON": failed}, is_again=True)


@kind
def one_of_a_repositorys_reports(scenario: Scenario) -> Report:
    scenario.config = scenario.config.renamed("red")
    scenario.ordinary_history()
    scenario.config = scenario.config.renamed("white")
    return scenario.report("Begin with white wine", {"val_accuracy": 0.7, "loss": 0.5})


@kind
def ci_failed_and_model_fine(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    scenario.report("Test the shape", changed={"junit.xml": BEFORE}, is_docs=True, junit=("junit.xml",))
    needs = {"build": {"result": "success"}, "test": {"result": "failure"}}
    return scenario.report(
        "Test for large batches",
        {"val_accuracy": 0.909, "loss": 0.296},
        SLOW,
        {"NEEDS_JSON": json.dumps(needs)},
        changed={"junit.xml": JUNIT, "tests/test_fit.py": "def test_converges(): ...\n" * 9},
        junit=("junit.xml",),
    )


@kind
def ci_failed_and_model_worse(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    needs = json.dumps({"test": {"result": "failure"}})
    scenario.report("Break it", {"val_accuracy": 0.80, "loss": 0.297}, FAST)
    return scenario.report("Go on", {"val_accuracy": 0.801, "loss": 0.297}, FAST, {"NEEDS_JSON": needs})


@kind
def cancelled(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    needs = {"NEEDS_JSON": json.dumps({"test": {"result": "cancelled"}})}
    return scenario.report("Stop", environment=needs)


@kind
def documentation_while_worse(scenario: Scenario) -> Report:
    scenario.remember("two worse", partial(_two_worse, scenario))
    return scenario.report("Write the guide", changed=GUIDE, is_docs=True)


@kind
def documentation_while_fine(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    return scenario.report("Write the guide", changed=GUIDE, is_docs=True)


@kind
def pull_request(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    scenario.checkout.git("switch", "--quiet", "--create", "faster")
    scenario.report("Learn faster", {"val_accuracy": 0.80, "loss": 0.297}, FAST, _request("faster"))
    return scenario.report("Tidy up", {"val_accuracy": 0.801, "loss": 0.296}, FAST, _request("faster"))


@kind
def pull_request_while_the_base_is_worse(scenario: Scenario) -> Report:
    scenario.remember("two worse", partial(_two_worse, scenario))
    scenario.checkout.git("switch", "--quiet", "--create", "guide")
    return scenario.report("Write the guide", environment=_request("guide"), changed=GUIDE, is_docs=True)


@kind
def fork(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    scenario.checkout.git("switch", "--quiet", "--create", "theirs")
    event = _request("theirs", fork=True)
    return scenario.report("From outside", {"val_accuracy": 0.907, "loss": 0.296}, SLOW, event)


@kind
def history_unreadable(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    scenario.history.write_text("no,history\n")
    return scenario.report("Go on", {"val_accuracy": 0.909, "loss": 0.296}, SLOW)


@kind
def metric_absent(scenario: Scenario) -> Report:
    scenario.ordinary_history()
    return scenario.report("Log less", {"loss": 0.296}, SLOW)


def _request(branch: str, *, fork: bool = False) -> dict[str, str]:
    """The variables of a pull request's run, with its payload."""
    repository = {"full_name": "acme/wine", "default_branch": "main", "private": False}
    head = {"ref": branch, "repo": repository | ({"full_name": "ben/wine", "fork": True} if fork else {})}
    event = {
        "number": 42,
        "pull_request": {"number": 42, "head": head, "base": {"ref": "main", "repo": repository}},
        "repository": repository,
    }
    Path("event.json").write_text(json.dumps(event), encoding="utf-8")
    return {
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(Path("event.json").absolute()),
        "GITHUB_REF": "refs/pull/42/merge",
        "GITHUB_REF_NAME": "42/merge",
        "GITHUB_HEAD_REF": branch,
        "GITHUB_BASE_REF": "main",
    }


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ordinary") / "kept"


@pytest.mark.parametrize("name", KINDS)
def test_the_first_screen_answers_in_ten_seconds(
    name: str, tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = KINDS[name](Scenario(tmp_path, kept, monkeypatch))
    assert report.content is not None
    screen = first_screen(report.content)
    assert_golden(screen, GOLDENS / f"{name}.md")
    assert len([line for line in screen.splitlines() if line]) <= 20
    assert report.summary.startswith(screen)
