"""Each mistake in a config is one line: the file, the key and its line, what was found, what is wanted."""

from __future__ import annotations

import pytest
from devops_mlops_report.report.config import parse_config
from devops_mlops_report.report.errors import ConfigError, ExitCode

METRIC_KEYS = "baseline, goal, max_drop, min_effect, min_effect_percent, on_regression, on_suspected, target"
REPORT_KEYS = (
    "baseline, chart_by, charts, check, checks, comment, default_branch, highlight_metric, min_effect, "
    "min_effect_percent, minimum_points, name, page_url, panels, sharp_delta, trend_window"
)
TOP_KEYS = "accept, extends, metrics, mlflow, project, registry, report, storage, timezone, version"
VALID = "report:\n  highlight_metric: val_accuracy\n"


def lines_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        parse_config(text)
    return str(raised.value).split("\n")


@pytest.mark.parametrize(
    "text", ["", "# nothing but a comment\n", "---\n", "version: 3\n", "report:\n", "report: {}\n"]
)
def test_a_missing_highlight_metric_is_named_with_an_example(text: str) -> None:
    assert lines_of(text) == [
        "report-config.yml: report.highlight_metric: missing; wanted the name of the metric that the "
        "report is "
        "about, such as val_accuracy"
    ]


def test_an_empty_highlight_metric_is_as_clear_as_a_missing_one() -> None:
    assert lines_of("report:\n  highlight_metric: ' '\n") == [
        "report-config.yml: report.highlight_metric (line 2): empty; wanted the name of the metric that the "
        "report is about, such as val_accuracy"
    ]


def test_an_unknown_key_is_named_with_the_one_that_was_meant() -> None:
    assert lines_of(VALID + "  highlight_metrics: x\n") == [
        "report-config.yml: report.highlight_metrics (line 3): unknown key; did you mean highlight_metric? "
        f"(known: {REPORT_KEYS})"
    ]
    assert lines_of(VALID + "metrics: {val_loss: {gaol: minimize}}\n") == [
        "report-config.yml: metrics.val_loss.gaol (line 3): unknown key; did you mean goal? "
        f"(known: {METRIC_KEYS})"
    ]


def test_a_key_of_the_other_version_is_named_as_that() -> None:
    assert lines_of(VALID + "version: 3\nrepo_visibility: private\n") == [
        f"report-config.yml: repo_visibility (line 4): unknown key; it belongs to version 2 (known: "
        f"{TOP_KEYS})"
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("version: '2'\n", "version (line 3): unknown version; wanted 2 or 3, without quotes; found '2'"),
        ("version: 1\n", "version (line 3): unknown version; wanted 2 or 3, without quotes; found 1"),
        ("version: true\n", "version (line 3): unknown version; wanted 2 or 3, without quotes; found true"),
        ("version: 3.0\n", "version (line 3): unknown version; wanted 2 or 3, without quotes; found 3.0"),
        (
            "timezone: America/Torronto\n",
            "timezone (line 3): not a known time zone; did you mean America/Toronto?; wanted an IANA "
            "name such as "
            "America/Toronto; found 'America/Torronto'",
        ),
        (
            "timezone: ../../etc/passwd\n",
            "timezone (line 3): not a known time zone; wanted an IANA name such as America/Toronto; "
            "found '../../etc/passwd'",
        ),
        (
            "storage: {gist_url: https://gist.github.com/mona}\n",
            "storage.gist_url (line 3): the gist URL has no gist id (20 or more hexadecimal digits) "
            "at its end; "
            "wanted https://gist.github.com/<user>/<id>; found 'https://gist.github.com/mona'",
        ),
        (
            f"storage: {{gist_url: https://gist.github.com/{'a' * 32}, path: history.csv}}\n",
            "storage (line 3): gist_url and path are both given; wanted one of them",
        ),
        ("storage: here\n", "storage (line 3): wanted a mapping (`key: value` lines); found 'here'"),
        (
            "  trend_window: '10'\n",
            "report.trend_window (line 3): wanted a whole number; found '10' (a number stands "
            "without quotes)",
        ),
        ("  trend_window: 1\n", "report.trend_window (line 3): wanted at least 2; found 1"),
        ("  trend_window: 501\n", "report.trend_window (line 3): wanted at most 500; found 501"),
        ("  trend_window: 2.5\n", "report.trend_window (line 3): wanted a whole number; found 2.5"),
        ("  trend_window: true\n", "report.trend_window (line 3): wanted a whole number; found true"),
        ("  sharp_delta: 0\n", "report.sharp_delta (line 3): wanted a number above 0; found 0"),
        ("  sharp_delta: .inf\n", "report.sharp_delta (line 3): wanted a finite number; found inf"),
        (
            "  baseline: master\n",
            "report.baseline (line 3): wanted 'previous', 'default_branch', 'best' or 'release'; found 'master'",
        ),
        ("  baseline: {}\n", "report.baseline (line 3): wanted one of commit and tag, such as {tag: v1.2}"),
        (
            "  baseline: {tagg: v1}\n",
            "report.baseline.tagg (line 3): unknown key; did you mean tag? (known: commit, tag)",
        ),
        ("  default_branch: [main]\n", "report.default_branch (line 3): wanted text; found a list"),
        (
            "project:\n  data_paths:\n    - data\n    - 2024\n",
            "project.data_paths[1] (line 6): wanted text; found 2024 (put it in quotes)",
        ),
        ("project: {train_args: --fast}\n", "project.train_args (line 3): wanted a list; found '--fast'"),
        (
            "project: {system_deps: [zip]}\n",
            "project.system_deps[0] (line 3): wanted 'graphviz', 'ffmpeg', 'opencv_runtime', "
            "'poppler_utils', "
            "'tesseract' or 'build_essential'; found 'zip'",
        ),
        (
            "registry: {alias: champion}\n",
            "registry.model_name: missing; wanted the name of the registered model",
        ),
        (
            "registry: {model_name: a/b}\n",
            "registry.model_name (line 3): a model's name can't hold '/' or ':' (MLflow's rule); "
            "wanted a name "
            "such as churn; found 'a/b'",
        ),
        (
            "registry: {model_name: churn, alias: v2}\n",
            "registry.alias (line 3): MLflow keeps 'latest' and 'v1', 'v2' … for itself; wanted a "
            "name such as "
            "champion; found 'v2'",
        ),
        (
            "accept: [1234567]\n",
            "accept[0] (line 3): wanted a commit's hash in quotes, or a mapping such as {commit: 'a1b2c3d', "
            "metric: val_accuracy}; found 1234567",
        ),
        (
            "accept: [abc]\n",
            "accept[0].commit (line 3): wanted a commit's hash, its first 7 characters at least (0 to 9, a to f); "
            "found 'abc'",
        ),
        (
            "accept: [{commit: abcdef0, metrik: f1}]\n",
            "accept[0].metrik (line 3): unknown key; did you mean metric? (known: commit, metric, reason)",
        ),
        (
            "  charts: [a, b, c, d, e, f, g]\n",
            "report.charts (line 3): wanted at most 6 of them; found a list",
        ),
        ("  check: maybe\n", "report.check (line 3): wanted true, false or 'in_progress'; found 'maybe'"),
        ("  charts: f1\n", "report.charts (line 3): wanted a list; found 'f1'"),
        (
            'metrics: {"a\\nb": {}}\n',
            "metrics.'a\\nb' (line 3): wanted text without control characters; found 'a\\nb'",
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_line_and_what_is_wanted(text: str, line: str) -> None:
    assert lines_of(VALID + text) == [f"report-config.yml: {line}"]


def test_every_problem_has_its_line_up_to_ten() -> None:
    two = lines_of(VALID + "  trend_window: 1\n  sharp_delta: -1\n")
    many = lines_of(VALID + "metrics:\n" + "".join(f"  m{n}: 1\n" for n in range(15)))

    assert len(two) == 2
    assert len(many) == 10
    assert many[8].startswith("report-config.yml: metrics.m8 (line 12): ")
    assert many[9] == "report-config.yml: and 6 more problems"


def test_a_long_value_is_cut() -> None:
    [line] = lines_of(VALID + f"  baseline: {'long value ' * 30}\n")

    assert line.endswith("found '" + ("long value " * 30)[:78] + "…")


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_" + "aB3" * 12,
        "github_pat_" + "aB3" * 12,
        "0123456789abcdef0123456789abcdef01234567",
        "https://mona:hunter2@gist.github.com/" + "a" * 32,
        "https://hunter2@127.0.0.1:1/id",
        "token: hunter2",
        "password=hunter2",
    ],
)
@pytest.mark.parametrize(
    "place",
    [
        "storage: {{gist_url: '{}'}}",
        "storage: '{}'",
        "timezone: '{}'",
        "version: '{}'",
        "metrics: {{'{}': 3}}",
        "project: {{system_deps: ['{}']}}",
        "'{}': 1",
        "registry: {{model_name: 'a/ {}'}}",
    ],
)
def test_what_looks_like_a_credential_is_never_shown(place: str, secret: str) -> None:
    message = "\n".join(lines_of(VALID + place.format(secret)))

    assert secret not in message
    assert "hunter2" not in message
    assert "looks like a credential and is not shown" in message


def test_a_bad_config_is_a_usage_error() -> None:
    assert ConfigError.exit_code == ExitCode.USAGE
