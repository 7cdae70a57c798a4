"""The JSON Schema of the config, for editors and for checks in CI.

`python -m devops_mlops_report.report.config.schema` prints what `report-config.schema.json` holds.
"""

from __future__ import annotations

import json
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from .model import PLACES, ConfigFile, StorageSection
from .version_2 import Version2File

SCHEMA_PATH = Path(__file__).with_name("report-config.schema.json")

_IS_VERSION_2 = {
    "anyOf": [
        {"properties": {"version": {"const": 2}}, "required": ["version"]},
        {"not": {"required": ["version"]}, "required": ["repo_visibility"]},
    ]
}


class _PlainSchema(GenerateJsonSchema):
    """Without titles, which only repeat the keys, and without null, which stands for an absent key."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])


def config_schema() -> dict[str, Any]:
    """The schema of versions 2 and 3; which one applies is told by the file's `version`."""
    references, definitions = models_json_schema(
        [(Version2File, "validation"), (ConfigFile, "validation")],
        schema_generator=_PlainSchema,
    )
    sections = _without_empty_defaults(definitions["$defs"])
    storage = sections[StorageSection.__name__]
    storage["not"] = {"anyOf": [{"required": list(pair)} for pair in combinations(PLACES, 2)]}
    storage["dependentRequired"] = {"git_url": ["branch"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "report-config.yml",
        "description": "The config of devops-mlops-report: versions 2 and 3.",
        "type": "object",
        "if": _IS_VERSION_2,
        "then": references[Version2File, "validation"],
        "else": references[ConfigFile, "validation"],
        "$defs": sections,
    }


def schema_text() -> str:
    """The text of `report-config.schema.json`."""
    return json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n"


def _without_empty_defaults(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_empty_defaults(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_empty_defaults(value)
        for key, value in schema.items()
        if not (key == "default" and (value is None or isinstance(value, dict)))
    }


if __name__ == "__main__":
    sys.stdout.write(schema_text())
