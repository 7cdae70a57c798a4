"""`model` on a registry: what it tells, and one line when there is nothing to tell."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import Answer, run_here
from servers.mlflow_api import MlflowApi
from servers.odd_server import answering, refusing

Ask = Callable[..., Answer]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """`model` with a config of this text, outside of any CI."""

    def asked(text: str, *arguments: str, **environment: str) -> Answer:
        config = tmp_path / "config.yml"
        config.write_text("version: 3\nreport: {highlight_metric: r2}\n" + text)
        (tmp_path / "history.csv").touch()
        places = ("--config", config, "--history", tmp_path / "history.csv")
        return run_here("model", *arguments, *places, environment=environment)

    return asked


def config_of(url: str, name: str = "churn") -> str:
    return (
        f"registry: {{model_name: {name}}}\n"
        f"mlflow: {{tracking_uri: '{url}', timeout_seconds: 1, total_seconds: 20}}\n"
    )


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("", 2, "the config has no `registry` section"),
        ("registry: {model_name: churn}\n", 2, "the registry needs an MLflow store"),
        (
            "registry: {model_name: churn}\nmlflow: {tracking_uri: ./mlruns-of-nobody}\n",
            2,
            "mlruns-of-nobody",
        ),
        ("registry: {model_name: churn}\nmlflow: {tracking_uri: 'http://h:x'}\n", 1, "can't be used"),
    ],
)
def test_without_a_registry_or_a_server_the_command_says_what_is_wanted(
    ask: Ask, text: str, code: int, reason: str
) -> None:
    answer = ask(text, "list")
    assert (answer.code, answer.is_one_line()) == (code, True)
    assert reason in answer.stderr


@pytest.mark.parametrize(
    ("status", "reason"),
    [(404, "does not know the endpoint"), (401, "check DAGSHUB_TOKEN"), (500, "answered 500")],
)
def test_a_registry_that_is_no_use_is_one_line(ask: Ask, status: int, reason: str) -> None:
    with answering(status, b"oh no") as (url, seen):
        answer = ask(config_of(url), "list", DAGSHUB_TOKEN="very-secret")
    assert (answer.code, answer.is_one_line()) == (1, True)
    assert reason in answer.stderr
    assert "very-secret" not in answer.stderr
    assert seen[0][1] is not None


def test_a_registry_that_is_down_is_one_line(ask: Ask) -> None:
    with refusing() as url:
        answer = ask(config_of(url), "pull")
    assert (answer.code, answer.is_one_line()) == (1, True)


@pytest.fixture(scope="module")
def name(api: MlflowApi) -> str:
    """A model with three versions, of which two are of the same commit."""
    name = f"model-{uuid.uuid4().hex}"
    for commit, value in (("a" * 40, 0.5), ("b" * 40, 0.75), ("b" * 40, 0.25)):
        tags = {"commit_sha": commit, "branch": "main", "metric": "r2", "value": repr(value)}
        api.register(
            name, api.create_run(), {f"devops_mlops_report.{key}": text for key, text in tags.items()}
        )
    api.set_alias(name, "champion", 2)
    return name


def test_the_list_has_a_row_a_version_the_newest_first(ask: Ask, api: MlflowApi, name: str) -> None:
    rows: list[dict[str, Any]] = json.loads(ask(config_of(api.url, name), "list", "--format", "json").stdout)
    assert [row["version"] for row in rows] == [3, 2, 1]
    assert [row["aliases"] for row in rows] == ["", "champion", ""]
    assert [row["value"] for row in rows] == [0.25, 0.75, 0.5]


@pytest.mark.parametrize(
    ("options", "version"),
    [
        ((), 2),
        (("--alias", "champion"), 2),
        (("--version", "1"), 1),
        (("--commit", "bbbb"), 3),
        (("--commit", "a" * 40), 1),
    ],
)
def test_a_version_is_named_by_alias_number_or_commit(
    ask: Ask, api: MlflowApi, name: str, options: tuple[str, ...], version: int
) -> None:
    shown = json.loads(ask(config_of(api.url, name), "show", *options).stdout)
    assert shown["version"] == version
    assert shown["url"] == f"{api.url}/#/models/{name}/versions/{version}"


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        (("--alias", "nobody"), 1, "no version of {name} has the alias nobody; its aliases: champion"),
        (("--version", "99"), 1, "{name} has no version 99"),
        (("--commit", "ffff"), 1, "no version of {name} is of commit ffff"),
        (("--commit", ""), 1, "no version of {name} is of commit"),
        (("--best", "r2"), 1, "no version of {name} has a value of r2 in the history"),
        (("--alias", "champion", "--version", "1"), 2, "give one of --version, --alias, --commit and --best"),
    ],
)
def test_a_version_that_is_not_there_is_one_line(
    ask: Ask,
    api: MlflowApi,
    name: str,
    options: tuple[str, ...],
    code: int,
    reason: str,
) -> None:
    answer = ask(config_of(api.url, name), "show", *options)
    assert answer.code == code
    assert reason.format(name=name) in answer.stderr
    assert "Traceback" not in answer.stderr


def test_an_alias_is_moved_by_hand(ask: Ask, api: MlflowApi, name: str) -> None:
    moved = ask(config_of(api.url, name), "promote", "--version", "3")
    assert f"{name}: champion is version 3 (it was version 2)." in moved.stderr
    assert api.aliases(name) == {"champion": 3}
