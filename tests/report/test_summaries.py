"""The whole summary of typical commits, byte for byte, from a real checkout and a real history."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from devops_mlops_report.report.config import parse_config
from devops_mlops_report.report.rendering.comment import render_comment
from devops_mlops_report.report.rendering.summary import first_screen
from devops_mlops_report.report.run import Report
from goldens import assert_golden
from scenario import CONFIG, Scenario

GOLDENS = Path(__file__).with_name("summaries")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ordinary") / "kept"


@pytest.fixture
def scenario(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    return Scenario(tmp_path, kept, monkeypatch)


def _check(report: Report, name: str) -> str:
    assert_golden(report.summary, GOLDENS / f"{name}.md")
    return cmarkgfm.github_flavored_markdown_to_html(report.summary, options=Options.CMARK_OPT_UNSAFE)


def test_the_first_commit_has_no_trend_and_says_so(scenario: Scenario) -> None:
    _check(scenario.report("Begin", {"val_accuracy": 0.9, "loss": 0.3}), "first_commit")


def test_a_commit_that_trained_shows_verdict_model_changes_and_trend(scenario: Scenario) -> None:
    scenario.ordinary_history()
    report = scenario.report(
        "Learn slower", {"val_accuracy": 0.909, "loss": 0.29}, {"layers": "64;32", "learning_rate": 0.05}
    )
    _check(report, "trained")
    assert report.exit_code == 0


def test_a_sharp_drop_regresses_and_fails_the_run_where_the_rule_says_so(scenario: Scenario) -> None:
    scenario.ordinary_history()
    params = {"layers": "64;32", "learning_rate": 0.9}
    report = scenario.report(
        "Break it", {"val_accuracy": 0.62, "loss": 0.8}, params, changed={"uv.lock": "version = 1\n"}
    )
    report = scenario.report("Break it more", {"val_accuracy": 0.61, "loss": 0.81}, params)
    _check(report, "regressed")
    assert report.exit_code == 3


@pytest.mark.parametrize(
    ("value", "headline", "code"),
    [
        (0.908, "; the suspicion on `{sha}` is withdrawn", 0),
        (0.851, "Worse since `{sha}`: `val_accuracy` 0.851, usually 0.9063", 3),
    ],
)
def test_the_next_commit_confirms_or_withdraws_a_suspicion(
    scenario: Scenario, value: float, headline: str, code: int
) -> None:
    scenario.ordinary_history()
    suspected = scenario.report("Try a smaller net", {"val_accuracy": 0.85})
    assert suspected.summary.startswith(
        "## 🟠 Probably worse: `val_accuracy` 0.85, usually 0.9063; the next commit confirms it or not\n"
    )
    assert suspected.exit_code == 0
    sha = suspected.row["commit_sha"][:7]
    report = scenario.report("Go on", {"val_accuracy": value})
    assert report.summary.splitlines()[0].endswith(headline.format(sha=sha))
    assert (f"The suspicion on `{sha}` is confirmed." in report.summary) == (code == 3)
    assert report.exit_code == code


def test_a_regression_is_named_and_fails_every_run_until_the_level_is_back(scenario: Scenario) -> None:
    scenario.ordinary_history()
    params = {"layers": "64;32", "learning_rate": 0.1}
    since = scenario.report("Break it", {"val_accuracy": 0.80}, params | {"learning_rate": 0.9})
    sha = since.row["commit_sha"][:7]
    confirmed = scenario.report("Go on", {"val_accuracy": 0.804}, params)
    untrained = scenario.report("Fix a typo in the README", changed={"README.md": "wine"})
    steady = scenario.report("Go on", {"val_accuracy": 0.802}, params)
    for report in (confirmed, untrained, steady):
        assert report.content is not None
        assert report.summary.startswith(f"## 🔴 Worse since `{sha}`: `val_accuracy` 0.80")
        screen = first_screen(report.content)
        [began] = [line for line in screen.splitlines() if line.startswith("- **Began at**")]
        assert f"[`{sha}`](" in began
        assert (
            ") *Break it* by Ada Lovelace: 1 param (`learning_rate` `0.1` → `0.9`), `src/train.py` +1 −1"
            in began
        )
        assert f"mend it, or `devops-mlops-report accept {sha}` if it is meant" in screen
        assert "- **The run fails**: `val_accuracy` (`on_regression: fail`)" in screen
        assert json.loads(report.files["badge.json"])["color"] == "red"
        assert report.exit_code == 3
    assert "**11 % worse** for 2 commits." in confirmed.summary
    assert "**11 % worse** for 3 commits. This commit did not cause it" in untrained.summary
    assert "**12 % worse** for 4 commits." in steady.summary

    mended = scenario.report("Mend it", {"val_accuracy": 0.906}, params)
    assert mended.summary.startswith(f"## 🟢 Recovered: `val_accuracy` 0.906, as before `{sha}` (0.9063)\n")
    calm = scenario.report("Go on", {"val_accuracy": 0.907}, params)
    assert calm.summary.startswith("## ✅ As usual: `val_accuracy` 0.907 (")
    assert [mended.exit_code, calm.exit_code] == [0, 0]
    assert "accept" not in mended.summary + calm.summary


def test_data_and_params_are_told_in_the_same_words_whether_the_metric_changed_or_not(
    scenario: Scenario,
) -> None:
    scenario.ordinary_history()
    told = (
        ": the data set (`train` `aaaaaaaaaaaa` → `bbbbbbbbbbbb`), 1 param (`rate` `1` → `2`), `src/train.py`"
    )
    before = {"layers": "64;32", "learning_rate": 0.1, "mlflow.dataset.train": "a" * 40, "rate": 1}
    after = before | {"mlflow.dataset.train": "b" * 40, "rate": 2}
    scenario.report("Tell the data", {"val_accuracy": 0.907}, before)
    assert told in scenario.report("Other data", {"val_accuracy": 0.906}, after).summary
    scenario.report("The data of before", {"val_accuracy": 0.907}, before)
    assert told in scenario.report("Other data again", {"val_accuracy": 0.80}, after).summary


def test_a_change_is_marked_where_it_began_and_the_commit_that_confirms_it_is_not_blamed(
    scenario: Scenario,
) -> None:
    scenario.ordinary_history()
    began = scenario.report("Break it", {"val_accuracy": 0.80}).row["commit_sha"][:7]
    report = scenario.report("Write the guide", {"val_accuracy": 0.804})
    innocent = report.row["commit_sha"][:7]
    verdicts = {
        line.split("`")[1]: line.split(" | ")[1] for line in report.summary.splitlines() if "| `" in line
    }
    assert verdicts[began] == "🔴 worse from here on"
    assert verdicts[innocent] == "🔴 still worse"


@pytest.mark.parametrize(("value", "code"), [(0.85, 3), (0.99, 0)])
def test_a_suspicion_fails_the_run_only_where_it_is_asked_to_and_for_the_worse(
    scenario: Scenario, value: float, code: int
) -> None:
    scenario.config = parse_config(CONFIG.replace("on_regression: fail", "on_suspected: fail"))
    scenario.ordinary_history()
    report = scenario.report("Try something", {"val_accuracy": value})
    assert report.summary.startswith(
        f"## {'🟠 Probably worse' if code else '🟡 Probably better'}: `val_accuracy` {value}, usually 0.9063"
    )
    assert ("**The run fails**: `val_accuracy` (`on_suspected: fail`)" in report.summary) == (code == 3)
    assert report.exit_code == code


def test_an_accepted_change_begins_a_new_level_and_an_unknown_hash_is_told(scenario: Scenario) -> None:
    scenario.ordinary_history()
    meant = scenario.report("Measure anew", {"val_accuracy": 0.7}).row["commit_sha"]
    accept = f"accept: ['{meant[:7]}', {{commit: '0123456789'}}]\n"
    scenario.config = parse_config(CONFIG + accept)
    report = scenario.report("Go on", {"val_accuracy": 0.71})
    assert report.exit_code == 0
    assert "names <code>0123456789</code>, which is no commit of the history" in report.summary
    assert "only 1 earlier point on this level" in report.summary


def test_a_commit_with_a_great_deal_of_everything_stays_below_every_limit(scenario: Scenario) -> None:
    names = [f"{number}_{'|`<b>&*_é精' * 30}"[:200] for number in range(250)]
    cases = "".join(
        f'<testcase classname="c" name="t{number}_{"x|`" * 60}"><failure message="{"m|`" * 90}"/></testcase>'
        for number in range(500)
    )
    report = scenario.report(
        "Much " * 90,
        {"val_accuracy": 0.9} | dict.fromkeys(names, 0.5),
        dict.fromkeys(names, "精|" * 200),
        {"NEEDS_JSON": json.dumps({name: {"result": "failure"} for name in names})},
        changed={
            "junit.xml": f"<testsuite>{cases}</testsuite>",
            **{f"src/{n}{'y' * 150}": "" for n in range(250)},
        },
        junit=("junit.xml",),
    )
    assert report.content is not None
    assert 100_000 < len(report.summary.encode()) < 2**20
    comment = render_comment(report.content)
    assert len(comment.encode()) < 65_535 - 500
    assert len(first_screen(report.content).splitlines()) <= 40
    for text in (report.summary, comment):
        assert text.count("<details>") == text.count("</details>")
    assert "t0_" in comment
    assert "val_accuracy" in comment.splitlines()[2]


def test_a_commit_that_trained_nothing_names_the_newest_model(scenario: Scenario) -> None:
    scenario.ordinary_history()
    _check(scenario.report("Fix a typo in the README"), "not_trained")


def test_a_failed_run_says_which_job_failed(scenario: Scenario) -> None:
    scenario.ordinary_history()
    needs = {"build": {"result": "success"}, "test": {"result": "failure"}, "deploy": {"result": "skipped"}}
    _check(scenario.report("Break a test", environment={"NEEDS_JSON": json.dumps(needs)}), "failed_run")


def test_a_history_without_the_highlight_metric_says_so(scenario: Scenario) -> None:
    scenario.report("Begin", {"accuracy": 0.9})
    _check(scenario.report("Go on", {"accuracy": 0.91}), "without_highlight_metric")


def test_values_that_are_no_numbers_are_shown_and_judged(scenario: Scenario) -> None:
    scenario.ordinary_history()
    _check(scenario.report("Diverge", {"val_accuracy": float("nan"), "loss": float("inf")}), "not_a_number")


def test_a_release_or_a_tag_can_be_what_values_are_compared_with(scenario: Scenario) -> None:
    scenario.ordinary_history()
    scenario.checkout.git("tag", "v1.0", "HEAD~2")
    released = scenario.checkout.git("rev-parse", "HEAD~2")[:7]
    for baseline, tag in (("release", " (`v1.0`)"), ("{tag: v1.0}", "")):
        scenario.config = parse_config(f"report: {{highlight_metric: val_accuracy, baseline: {baseline}}}\n")
        summary = scenario.report("Go on", {"val_accuracy": 0.909}).summary
        assert f"Against `{released}`{tag} on `main`" in summary
    scenario.checkout.git("tag", "--delete", "v1.0")
    for baseline, told in (
        ("{tag: v2.0}", "the checkout has no tag v2.0"),
        ("release", "No release is known"),
    ):
        scenario.config = parse_config(f"report: {{highlight_metric: val_accuracy, baseline: {baseline}}}\n")
        summary = scenario.report("Go on", {"val_accuracy": 0.909}).summary
        assert "There is no baseline (`" in summary
        assert told in summary


HOSTILE = (
    "![x](https://evil.example/a.png) <img src=x onerror=alert(1)> | `a` @acme/team #1 $x$ "
    "##[error]no ::warning::no"
)


def test_nothing_from_outside_is_live(scenario: Scenario) -> None:
    name = "val`|<b>[x](http://evil.example)"
    scenario.config = parse_config(json.dumps({"version": 3, "report": {"highlight_metric": name}}))
    for value in (0.5, 0.6):
        report = scenario.report(
            HOSTILE,
            {name: value, HOSTILE: value},
            {HOSTILE: HOSTILE + str(value), "a|b\\|": "c\nd"},
            {
                "GITHUB_WORKFLOW": HOSTILE,
                "GITHUB_REF_NAME": "x|<b>",
                "GITHUB_REF": "refs/heads/x|<b>",
                "NEEDS_JSON": json.dumps({HOSTILE: {"result": "success"}}),
            },
        )
    page = _check(report, "hostile")
    tags = set(re.findall(r"<([a-z0-9]+)", page))
    assert tags <= {
        *("h2", "h3", "p", "a", "code", "em", "strong", "pre", "details", "summary", "ul", "li"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert {
        link
        for link in re.findall('href="([^"]*)"', page)
        if not link.startswith("https://github.com/acme/wine/")
    } == set()


def test_a_run_asks_git_nothing_twice_also_not_about_a_culprit_that_is_the_commit_itself(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario.ordinary_history()
    asked: list[tuple[str, ...]] = []
    run = subprocess.run

    def noted(command: list[str], **options: Any) -> Any:
        asked.append(tuple(map(str, command)))
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", noted)
    report = scenario.report("Break it", {"val_accuracy": 0.80})
    monkeypatch.undo()
    assert report.content is not None
    assert report.content.attribution is not None
    assert report.content.attribution.changes is report.content.changes
    of_git = [command for command in asked if command[0] == "git"]
    assert sorted(of_git) == sorted(set(of_git))
