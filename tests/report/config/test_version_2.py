"""Version 2 loads as it is: what the prototype read is read alike, and what has changed is said."""

from __future__ import annotations

import pytest
from devops_mlops_report.history.stores.gist_url import GistUrl
from devops_mlops_report.report.config import parse_config
from devops_mlops_report.report.errors import ConfigError

FULL = """\
version: 2
timezone: "America/Toronto"
repo_visibility: private            # public | private
storage: {gist_url: "https://gist.github.com/mona/0123456789abcdef0123456789abcdef"}
report: {highlight_metric: val_accuracy, trend_window: 12, sharp_delta: 0.2}
mlflow: {tracking_uri: "https://dagshub.com/mona/churn.mlflow"}
project:
  workdir: ""                       # where training runs
  train_script: src/train.py        # or a list; the first is the entry
  train_args: []
  data_paths: [data/data.csv]       # files or folders
  system_deps: [graphviz]
"""
MINIMAL = """\
version: 2
storage: {gist_url: "https://gist.github.com/mona/0123456789abcdef0123456789abcdef"}
report: {highlight_metric: val_accuracy}
"""


def test_every_key_of_version_2_loads() -> None:
    config = parse_config(FULL)

    assert config.timezone == "America/Toronto"
    assert config.storage.gist == GistUrl(
        "https", "gist.github.com", "", "0123456789abcdef0123456789abcdef", "mona"
    )
    assert config.storage.csv_path is None
    assert (config.report.highlight_metric, config.report.trend_window, config.report.sharp_delta) == (
        "val_accuracy",
        12,
        0.2,
    )
    assert config.mlflow.tracking_uri == "https://dagshub.com/mona/churn.mlflow"
    assert config.project.workdir == ""
    assert config.project.train_script == ("src/train.py",)
    assert config.project.train_args == ()
    assert config.project.data_paths == ("data/data.csv",)
    assert config.project.system_deps == ("graphviz",)
    assert config.registry is None


def test_runs_are_no_longer_deleted_and_a_notice_says_so() -> None:
    assert parse_config(FULL).notices == (
        "report-config.yml: repo_visibility (line 3): private no longer deletes old MLflow runs: "
        "`mlflow.keep_runs` does, where it is set, and this key can go",
    )
    assert parse_config(FULL.replace("private", "public")).notices == ()


def test_what_is_left_out_has_the_prototypes_defaults() -> None:
    config = parse_config(MINIMAL)

    assert (config.timezone, config.report.trend_window, config.report.sharp_delta) == ("UTC", 10, 0.15)
    assert config == parse_config(MINIMAL.replace("version: 2", "version: 3"))


def test_keys_without_a_value_are_as_good_as_absent() -> None:
    empty = (
        "timezone: ''\nrepo_visibility:\nmlflow: {tracking_uri: ''}\n"
        "project: {workdir: , train_script: '', train_args: , data_paths: , system_deps: }\n"
    )

    assert parse_config(MINIMAL + empty) == parse_config(MINIMAL)


def test_a_single_path_stands_for_a_list_and_numbers_are_arguments() -> None:
    project = parse_config(
        MINIMAL + "project: {train_script: [a.py, '', b.py], data_paths: data, train_args: [--n, 3, 0.5]}\n"
    ).project

    assert project.train_script == ("a.py", "b.py")
    assert project.data_paths == ("data",)
    assert project.train_args == ("--n", "3", "0.5")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("trend_window: '12'", (12, 0.15)),
        ("trend_window: 12.9", (12, 0.15)),
        ("trend_window: 0", (10, 0.15)),
        ("sharp_delta: '0.2'", (10, 0.2)),
        ("sharp_delta: 0", (10, 0.15)),
        ("sharp_delta: 1", (10, 1.0)),
    ],
)
def test_numbers_are_read_as_the_prototype_read_them(written: str, read: tuple[int, float]) -> None:
    report = parse_config(MINIMAL.replace("val_accuracy", f"val_accuracy, {written}")).report

    assert (report.trend_window, report.sharp_delta) == read


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        (
            MINIMAL + "timezone: Mars/Base\n",
            "timezone (line 4): not a known time zone; UTC is used; found 'Mars/Base'",
        ),
        (
            MINIMAL.replace("https:", "http:"),
            "storage.gist_url (line 2): starts with http://; https:// is used",
        ),
        (
            MINIMAL.replace("val_accuracy", "val_accuracy, trend_window: 1000"),
            "report.trend_window (line 3): wanted 2 to 500; 500 is used; found 1000",
        ),
        (
            MINIMAL + "project: {system_deps: [zip, graphviz]}\n",
            "project.system_deps (line 4): not a known package, ignored; known: graphviz, ffmpeg, "
            "opencv_runtime, "
            "poppler_utils, tesseract, build_essential; found 'zip'",
        ),
        (
            MINIMAL.replace("val_accuracy", "val_accuracy, trend_windows: 7"),
            "report.trend_windows (line 3): ignored: unknown key; did you mean trend_window? "
            "(known: highlight_metric, sharp_delta, trend_window)",
        ),
        (
            MINIMAL + "metrics: {val_loss: {goal: minimize}}\n",
            "metrics (line 4): ignored: unknown key; it belongs to version 3 "
            "(known: mlflow, project, repo_visibility, report, storage, timezone, version)",
        ),
    ],
)
def test_what_the_prototype_ignored_or_allowed_still_loads_with_a_notice(text: str, notice: str) -> None:
    assert parse_config(text).notices == (f"report-config.yml: {notice}",)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "version: 2\nreport: {highlight_metric: f1}\n",
            ["storage.gist_url: missing; wanted the address of the gist that keeps the history"],
        ),
        (
            MINIMAL.replace("highlight_metric", "highlight_metrics"),
            [
                "report.highlight_metric: missing; wanted the name of the metric that the report is "
                "about, such as "
                "val_accuracy",
                "report.highlight_metrics (line 3): unknown key; did you mean highlight_metric? "
                "(known: highlight_metric, sharp_delta, trend_window)",
            ],
        ),
        (
            MINIMAL.replace("val_accuracy", "val_accuracy, sharp_delta: big"),
            ["report.sharp_delta (line 3): wanted a number; found 'big'"],
        ),
        (
            MINIMAL.replace("mona/0123456789abcdef0123456789abcdef", "<user>/<gist_id>"),
            [
                "storage.gist_url (line 2): the gist URL has no gist id (20 or more hexadecimal "
                "digits) at its "
                "end; wanted https://gist.github.com/<user>/<id>; found "
                "'https://gist.github.com/<user>/<gist_id>'"
            ],
        ),
    ],
)
def test_what_the_prototype_could_not_work_with_is_an_error(text: str, lines: list[str]) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_config(text)

    assert str(raised.value).split("\n") == [f"report-config.yml: {line}" for line in lines]
