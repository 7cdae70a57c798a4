"""A shared config counts where the own one is silent; where it can't be had, the report acts on nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from checkouts import Checkout
from commands import run_here
from devops_mlops_report.report.config import Config, load_config, parse_config
from devops_mlops_report.report.errors import ConfigError
from servers.odd_server import answering

SHARED = """\
version: 3
timezone: America/Toronto
storage: {git_url: https://github.com/acme/histories, branch: all}
report: {highlight_metric: f1, trend_window: 20, comment: never}
metrics:
  f1: {goal: maximize, on_regression: fail}
  loss: {min_effect: 0.5}
accept: ["aaaaaaa"]
mlflow: {tracking_uri: "https://mlflow.example.org", keep_runs: 9}
registry: {model_name: wine, promote_if: never}
"""


def load(root: Path, own: str, shared: str = SHARED, name: str = "shared.yml") -> Config:
    (root / name).write_text(shared)
    (root / "report-config.yml").write_text(own)
    return load_config(None, root=root)


def refused(root: Path, own: str, shared: str = SHARED) -> str:
    with pytest.raises(ConfigError) as error:
        load(root, own, shared)
    return str(error.value)


def test_own_keys_win_and_the_shared_ones_count_where_they_are_silent(tmp_path: Path) -> None:
    own = """\
extends: shared.yml
timezone:
report: {trend_window: 5}
metrics: {f1: {goal: minimize}, recall: {}}
accept: ["bbbbbbb"]
"""
    config = load(tmp_path, own)
    same = parse_config(
        SHARED.replace("trend_window: 20", "trend_window: 5")
        .replace("f1: {goal: maximize", "f1: {goal: minimize")
        .replace("  loss:", "  recall: {}\n  loss:")
        .replace("aaaaaaa", "bbbbbbb")
    )
    for part in ("timezone", "storage", "report", "metrics", "accept", "mlflow", "registry", "project"):
        assert getattr(config, part) == getattr(same, part), part
    assert config.source == tmp_path / "report-config.yml"
    assert config.notices == ()


@pytest.mark.parametrize(
    ("own", "branch", "git_url", "path"),
    [
        ("{keep: 9}", "all", "https://github.com/acme/histories", None),
        ("{branch: wine}", "wine", "https://github.com/acme/histories", None),
        ("{path: h.csv}", None, None, "h.csv"),
    ],
)
def test_an_own_place_of_the_history_takes_the_place_of_another_kind(
    tmp_path: Path, own: str, branch: str | None, git_url: str | None, path: str | None
) -> None:
    storage = load(tmp_path, f"extends: shared.yml\nstorage: {own}\n").storage
    assert (storage.branch, storage.git_url, storage.path) == (branch, git_url, path)


def test_a_monorepo_s_configs_extend_the_one_at_its_root(tmp_path: Path) -> None:
    (tmp_path / "shared.yml").write_text(SHARED)
    own = tmp_path / "models/fraud/report-config.yml"
    own.parent.mkdir(parents=True)
    own.write_text("extends: ../../shared.yml\nreport: {name: fraud}\n")
    config = load_config(own, root=tmp_path)
    assert (config.report_name, config.report.highlight_metric) == ("fraud", "f1")


def test_what_is_wrong_is_told_of_the_file_that_says_it(tmp_path: Path) -> None:
    assert "shared.yml: report.trend_window (line 2)" in refused(
        tmp_path, "extends: shared.yml\n", "version: 3\nreport: {trend_window: 1}\n"
    )
    assert "report-config.yml: report.trend_window (line 2)" in refused(
        tmp_path, "extends: shared.yml\nreport: {trend_window: 1}\n"
    )
    assert "report.highlight_metric: missing" in refused(tmp_path, "extends: shared.yml\n", "version: 3\n")
    assert "wanted one that stands alone" in refused(tmp_path, "extends: shared.yml\n", "extends: a.yml\n")
    assert "is of version 3" in refused(tmp_path, "extends: shared.yml\n", "version: 2\n")
    assert "is not there" in refused(tmp_path, "extends: nowhere.yml\n")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/etc/hostname", "an absolute path"),
        ("../elsewhere.yml", "is outside of the repository"),
        ("link.yml", "is outside of the repository"),
        ("http://example.org/c.yml", "a URL that is not https"),
        ("file:///etc/hostname", "a URL that is not https"),
        ("https://user:pw@example.org/c.yml", "a URL with a user name or a password"),
        ("https://[::1/c.yml", "not a URL"),
        ("[a]", "wanted text"),
    ],
)
def test_nothing_else_than_a_file_of_the_repository_or_a_safe_url_is_read(
    tmp_path: Path, target: str, words: str
) -> None:
    root = tmp_path / "wine"
    root.mkdir()
    (tmp_path / "elsewhere.yml").write_text(SHARED)
    (root / "link.yml").symlink_to(tmp_path / "elsewhere.yml")
    message = refused(root, f"extends: {target}\n")
    assert words in message
    assert "pw@" not in message


def test_a_url_is_read_without_a_token_and_shown_without_its_query(tmp_path: Path) -> None:
    with answering(200, SHARED.encode()) as (url, seen):
        config = load(tmp_path, f"extends: {url}/c.yml?token=abc\n")
        assert config.report.highlight_metric == "f1"
    with answering(200, b"report: {trend_window: 1}\n") as (url, _):
        message = refused(tmp_path, f"extends: {url}/c.yml?token=abc\n")
    assert seen == [("/c.yml?token=abc", None)]
    # Where it is wrong, and none of what the address holds.
    assert message.startswith(f"{url}/c.yml: is no config that can be used (1 problem, the first in line 1)")
    assert "trend_window" not in message


@pytest.mark.parametrize(
    ("status", "body"), [(404, b""), (302, b""), (200, b"#" * 1_000_001)], ids=["404", "redirect", "large"]
)
def test_where_the_shared_config_can_t_be_had_the_own_keys_report_and_nothing_acts(
    tmp_path: Path, status: int, body: bytes
) -> None:
    own = """\
report: {trend_window: 5}
registry: {model_name: wine}
mlflow: {keep_runs: 1}
project: {train_script: train.py}
"""
    with answering(status, body) as (url, _):
        config = load(tmp_path, f"extends: {url}/c.yml?token=abc\n{own}")
    assert (config.report.highlight_metric, config.report.trend_window) == (None, 5)
    assert (config.registry, config.mlflow.keep_runs, config.project.train_script) == (None, None, ())
    [notice] = config.notices
    assert notice.startswith(f"report-config.yml: extends (line 1): the shared config {url}/c.yml ")
    assert notice.endswith("and nothing is trained, registered or deleted")
    assert "abc" not in notice


def test_the_report_of_such_a_commit_appears_and_says_so(tmp_path: Path) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    with answering(503, b"") as (url, seen):
        checkout.commit("Share the config", {"report-config.yml": f"extends: {url}/c.yml\n"})
        answer = run_here("run", cwd=checkout.root)
    assert answer.code == 0
    page = (checkout.root / ".devops-mlops-report/summary.md").read_text()
    assert "its server answered 503" in page
    assert len(seen) == 2
    kept = checkout.root / ".devops-mlops-report/commitHistory.csv"
    assert "Share the config" in kept.read_text()


def test_a_stranger_s_commit_has_no_address_asked(tmp_path: Path) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    with answering(200, SHARED.encode()) as (url, seen):
        checkout.commit("Look around", {"report-config.yml": f"extends: {url}/c.yml\n"})
        variables = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "CI": "true"}
        strangers = run_here("run", cwd=checkout.root, environment=variables)
        assert run_here("cause", cwd=checkout.root, environment=variables).code == 0
        assert run_here("sql", "select 1", cwd=checkout.root, environment=variables).code == 0
        run_here("check", cwd=checkout.root, environment=variables)
    assert seen == []
    assert strangers.code == 0
    page = (checkout.root / ".devops-mlops-report/summary.md").read_text()
    assert "is not asked for, as the commit may be a stranger's" in page
