"""Finds the config's file, reads its version, and checks it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from .document import Document, parse_document, read_document
from .messages import (
    Problem,
    config_error,
    has_url_credential,
    problem_line,
    shown,
    unknown_key,
    unknown_keys,
    validation_problems,
)
from .model import CONFIG_NAMES, CURRENT_VERSION, Config, ConfigFile

_WANTED_VERSION = f"2 or {CURRENT_VERSION}, without quotes"
_URI_NOTICE = (
    "holds a user name or a password that everyone with the repository can read; they belong in the "
    "environment (MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD)"
)

_File = TypeVar("_File", bound=BaseModel)


def load_config(path: Path | None, *, root: Path) -> Config:
    """The config in a file, or in the one that is found under a root; without any, the defaults.

    Raises `ConfigError` for a file that can't be read or used: one line for each problem.
    """
    if path is not None:
        return _to_config(read_document(path, str(path)), path)
    found = [name for name in CONFIG_NAMES if os.path.lexists(root / name)]
    if not found:
        return Config.defaults()
    name, *others = found
    unread = tuple(f"{other}: not read, as there is {name}" for other in others)
    return _to_config(read_document(root / name, name), root / name, unread)


def parse_config(text: str, name: str = CONFIG_NAMES[0]) -> Config:
    """The config in a text that messages call `name`. Raises `ConfigError`."""
    return _to_config(parse_document(text, name), None)


def _to_config(document: Document, source: Path | None, notices: tuple[str, ...] = ()) -> Config:
    values = _without_nothing(document.values)
    remarks: list[Problem] = []
    if version_of(document) == CURRENT_VERSION:
        file = _validated(ConfigFile, values, document)
    else:
        file, remarks = _read_version_2(values, document)
    if has_url_credential(file.mlflow.tracking_uri or ""):
        remarks.append(Problem(("mlflow", "tracking_uri"), _URI_NOTICE))
    lines = tuple(problem_line(document.name, remark, document.lines) for remark in remarks)
    return Config.from_file(file, source=source, notices=notices + lines)


def _read_version_2(values: dict[str, object], document: Document) -> tuple[ConfigFile, list[Problem]]:
    """The config in version 3, and what was ignored or changed on the way there."""
    # Few files have that version: the others do not wait for its models.
    from . import version_2
    from .version_2 import Version2File

    loose, remarks = version_2.loosen(values)
    unknown = [
        unknown_key(path, Version2File, ConfigFile) for path in list(unknown_keys(loose, Version2File))
    ]
    for problem in unknown:
        _remove(loose, problem.path)
    file = _validated(Version2File, loose, document, unknown)
    ignored = [Problem(problem.path, f"ignored: {problem.text}") for problem in unknown]
    return version_2.to_current(file), remarks + ignored


def version_of(document: Document) -> int:
    """2 or 3. A file that names none is of today's version, unless it has a key that only version 2 had.

    Raises `ConfigError` for any other.
    """
    values = _without_nothing(document.values)
    if "version" not in values:
        return 2 if "repo_visibility" in values else CURRENT_VERSION
    version = values["version"]
    if isinstance(version, int) and not isinstance(version, bool) and version in (2, CURRENT_VERSION):
        return version
    text = f"unknown version; wanted {_WANTED_VERSION}; found {shown(version)}"
    raise config_error(document.name, [Problem(("version",), text)], document.lines)


def _without_nothing(values: dict[str, object]) -> dict[str, object]:
    """Keys and sections without a value are as good as absent; a metric without rules keeps its name."""
    kept = {key: _present(value) for key, value in values.items() if value is not None}
    metrics = values.get("metrics")
    if isinstance(metrics, dict):
        kept["metrics"] = {name: {} if rule is None else _present(rule) for name, rule in metrics.items()}
    return kept


def _present(section: object) -> object:
    if not isinstance(section, dict):
        return section
    return {key: value for key, value in section.items() if value is not None}


def _validated(
    model: type[_File], values: dict[str, object], document: Document, unknown: Sequence[Problem] = ()
) -> _File:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        from .version_2 import Version2File

        other: type[BaseModel] = Version2File if model is ConfigFile else ConfigFile
        problems = [*validation_problems(error, model, other), *unknown]
    raise config_error(document.name, problems, document.lines)


def _remove(values: dict[str, object], path: tuple[str | int, ...]) -> None:
    section: object = values
    for part in path[:-1]:
        section = section[part] if isinstance(section, dict) else None
    if isinstance(section, dict):
        section.pop(path[-1], None)
