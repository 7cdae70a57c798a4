"""The checked-in JSON Schema is the models', describes every key, and agrees with the loader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from devops_mlops_report.report.config import load_config, parse_config
from devops_mlops_report.report.config.schema import SCHEMA_PATH, config_schema, schema_text
from devops_mlops_report.report.errors import ConfigError

EXAMPLE = SCHEMA_PATH.resolve().parent.parent.parent / "examples" / "report-config.yml"
STORAGE = {"gist_url": "https://gist.github.com/mona/" + "a" * 32}
REPORT = {"highlight_metric": "f1"}


def is_valid(values: object) -> bool:
    return jsonschema.Draft202012Validator(config_schema()).is_valid(values)


def is_loaded(values: object) -> bool:
    try:
        parse_config(yaml.safe_dump(values))
    except ConfigError:
        return False
    return True


def keys_of(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, section in schema["$defs"].items():
        for key, value in section["properties"].items():
            target = schema["$defs"][value["$ref"].rsplit("/", 1)[-1]] if "$ref" in value else {}
            yield f"{name}.{key}", target | value


def test_the_checked_in_schema_is_what_the_models_make() -> None:
    assert SCHEMA_PATH.read_text(encoding="utf-8") == schema_text(), (
        "write it again: python -m devops_mlops_report.report.config.schema > "
        "report/config/report-config.schema.json"
    )


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(config_schema())


def test_every_key_is_described() -> None:
    assert [name for name, key in keys_of(config_schema()) if not key.get("description")] == []


def test_the_example_is_valid_and_loads_without_a_notice() -> None:
    values = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator(config_schema()).validate(values)
    assert load_config(EXAMPLE, root=EXAMPLE.parent).notices == ()


def test_the_example_names_its_schema_and_every_key() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    first = text.splitlines()[0]
    named = Path(first.removeprefix("# yaml-language-server: $schema="))

    assert (EXAMPLE.parent / named).resolve() == SCHEMA_PATH.resolve()
    keys = [name.split(".") for name, _ in keys_of(config_schema())]
    assert [key for section, key in keys if "Version2" not in section and f"{key}:" not in text] == []


def test_the_example_shows_the_defaults_where_it_says_so() -> None:
    example = load_config(EXAMPLE, root=EXAMPLE.parent)
    plain = parse_config("report: {highlight_metric: val_accuracy, default_branch: main}")

    assert example.report == plain.report


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"report": REPORT}, True),
        ({"version": 3, "report": REPORT, "storage": STORAGE}, True),
        ({"version": 2, "report": REPORT, "storage": STORAGE, "repo_visibility": "private"}, True),
        ({"report": REPORT, "storage": STORAGE, "repo_visibility": "private"}, True),
        ({"version": 2, "report": REPORT, "storage": STORAGE, "project": {"train_script": ["a.py"]}}, True),
        ({"report": REPORT, "project": {"train_script": "a.py", "train_args": ["--n", 3]}}, True),
        ({"report": REPORT, "metrics": {"val_loss": {"goal": "minimize"}}}, True),
        ({"report": REPORT, "accept": ["a1b2c3d", {"commit": "a1b2c3d", "metric": "f1"}]}, True),
        ({"report": REPORT, "accept": [1234567]}, False),
        ({"report": REPORT, "accept": [{"metric": "f1"}]}, False),
        ({"report": REPORT | {"baseline": {"tag": "v1.2"}}}, True),
        ({"report": REPORT | {"baseline": "release"}}, True),
        ({"report": REPORT | {"baseline": {}}}, False),
        ({}, False),
        ({"version": 4, "report": REPORT}, False),
        ({"version": "3", "report": REPORT}, False),
        ({"version": 2, "report": REPORT}, False),
        ({"version": 3, "report": REPORT, "repo_visibility": "private"}, False),
        ({"report": REPORT | {"trend_window": 1}}, False),
        ({"report": REPORT | {"sharp_delta": 0}}, False),
        ({"report": REPORT | {"unknown": 0}}, False),
        ({"report": REPORT, "metrics": {"val_loss": {"goal": "up"}}}, False),
        ({"report": REPORT, "metrics": {"": {}}}, False),
        ({"report": REPORT, "storage": STORAGE | {"path": "history.csv"}}, False),
        ({"report": REPORT, "registry": {"alias": "champion"}}, False),
        ({"report": REPORT, "project": {"system_deps": ["zip"]}}, False),
        ({"report": {"highlight_metric": "a\nb"}}, False),
    ],
)
def test_the_schema_and_the_loader_agree(values: object, expected: bool) -> None:
    assert (is_valid(values), is_loaded(values)) == (expected, expected)


def test_the_schema_is_stable_json() -> None:
    assert json.loads(schema_text()) == config_schema()
