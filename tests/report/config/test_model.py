"""The config fills the settings of the views."""

from __future__ import annotations

import dataclasses

import pytest
from devops_mlops_report.history.settings import AcceptedChange, MetricRule, Settings
from devops_mlops_report.report.config import Config, parse_config
from pydantic import ValidationError

FULL = """\
timezone: Europe/Berlin
storage: {path: history/runs.csv}
report:
  highlight_metric: val_accuracy
  trend_window: 20
  sharp_delta: 0.3
  minimum_points: 7
  default_branch: trunk
  baseline: default_branch
  min_effect: 0.5
  min_effect_percent: 2
metrics:
  val_accuracy:
    {goal: maximize, baseline: best, min_effect: 0.1, min_effect_percent: 3, max_drop: 1,
     target: 2, on_regression: fail}
  val_loss: {}
accept: [A1B2C3D, {commit: "1234567", metric: val_loss, reason: another data set}]
registry: {model_name: churn, alias: prod, promote_if: not_regressed}
"""


def settings_of(config: Config, default_branch: str | None = None) -> Settings:
    return config.to_settings(
        repository="mona/churn", branch="feature", commit_sha="a" * 40, default_branch=default_branch
    )


def test_every_key_reaches_the_settings() -> None:
    assert settings_of(parse_config(FULL)) == Settings(
        highlight_metric="val_accuracy",
        timezone="Europe/Berlin",
        default_branch="trunk",
        baseline="default_branch",
        trend_window=20,
        sharp_delta=0.3,
        minimum_points=7,
        min_effect=0.5,
        min_effect_percent=2.0,
        repository="mona/churn",
        branch="feature",
        commit_sha="a" * 40,
        metric_rules=(
            MetricRule(
                "val_accuracy",
                goal="maximize",
                baseline="best",
                min_effect=0.1,
                min_effect_percent=3.0,
                on_regression="fail",
                max_drop=1.0,
                target=2.0,
            ),
            MetricRule("val_loss"),
        ),
        accepted_changes=(AcceptedChange("a1b2c3d"), AcceptedChange("1234567", "val_loss")),
    )


def test_the_defaults_are_those_of_the_settings() -> None:
    settings = Config.defaults().to_settings(
        repository=None, branch=None, commit_sha=None, default_branch=None
    )

    assert settings == Settings()


def test_the_configs_default_branch_wins_over_the_ci_and_the_ci_over_main() -> None:
    plain = parse_config("report: {highlight_metric: f1}")

    assert settings_of(parse_config(FULL), "develop").default_branch == "trunk"
    assert settings_of(plain, "develop").default_branch == "develop"
    assert settings_of(plain).default_branch == "main"


def test_a_file_keeps_the_history_unless_a_gist_does() -> None:
    url = "https://gist.github.com/mona/" + "a" * 32
    gist = parse_config(f"report: {{highlight_metric: f1}}\nstorage: {{gist_url: '{url}'}}").storage

    assert (parse_config(FULL).storage.gist, parse_config(FULL).storage.csv_path) == (
        None,
        "history/runs.csv",
    )
    assert (gist.gist and gist.gist.web_url, gist.csv_path) == (url, None)


def test_the_registry_promotes_an_improved_champion_unless_told_otherwise() -> None:
    plain = parse_config("report: {highlight_metric: f1}\nregistry: {model_name: churn}").registry
    full = parse_config(FULL).registry

    assert plain is not None
    assert (plain.model_name, plain.alias, plain.promote_if) == ("churn", "champion", "improved")
    assert full is not None
    assert (full.alias, full.promote_if) == ("prod", "not_regressed")


def test_utc_is_known_in_any_spelling() -> None:
    assert parse_config("report: {highlight_metric: f1}\ntimezone: utc").timezone == "UTC"


def test_a_config_can_not_be_changed() -> None:
    config = parse_config(FULL)

    with pytest.raises(dataclasses.FrozenInstanceError):
        config.timezone = "UTC"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        config.report.trend_window = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        config.metrics["x"] = config.metrics["val_loss"]  # type: ignore[index]


def test_a_baseline_may_be_one_commit_or_a_release() -> None:
    config = parse_config(
        "report: {highlight_metric: f1, baseline: {commit: ABCDEF0}}\n"
        "metrics: {f1: {baseline: release}, loss: {baseline: {tag: v1.2}}}\n"
    )
    settings = settings_of(config)
    assert (settings.baseline, settings.baseline_commit) == ("commit", "abcdef0")
    rules = [(rule.baseline, rule.baseline_commit) for rule in settings.metric_rules]
    assert rules == [("release", None), ("commit", None)]
