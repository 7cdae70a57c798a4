"""Finds the config's file, reads its version, and checks it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ..errors import ConfigError
from . import extending
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


def load_config(path: Path | None, *, root: Path, is_trusted: bool = True) -> Config:
    """The config in a file, or in the one that is found under a root; without any, the defaults.

    Raises `ConfigError` for a file that can't be read or used: one line for each problem. A commit that is not trusted
    may name any address to extend: none is asked then.
    """
    if path is not None:
        document, remarks = _extended(read_document(path, str(path)), path, root, is_trusted=is_trusted)
        return _to_config(document, remarks, path)
    found = [name for name in CONFIG_NAMES if os.path.lexists(root / name)]
    if not found:
        return Config.defaults()
    name, *others = found
    unread = tuple(f"{other}: not read, as there is {name}" for other in others)
    document, remarks = _extended(read_document(root / name, name), root / name, root, is_trusted=is_trusted)
    return _to_config(document, remarks, root / name, unread)


def parse_config(text: str, name: str = CONFIG_NAMES[0]) -> Config:
    """The config in a text that messages call `name`, without one that it extends. Raises `ConfigError`."""
    document = parse_document(text, name)
    return _to_config(replace(document, is_part=extending.KEY in document.values), [], None)


def _extended(
    document: Document, source: Path, root: Path, *, is_trusted: bool
) -> tuple[Document, list[Problem]]:
    """The document with the keys of the one that it extends, and what is to be said of that.

    Raises `ConfigError` for a shared config that can't be used, in its own name.
    """
    target = document.values.get(extending.KEY)
    if not isinstance(target, str) or version_of(document) != CURRENT_VERSION:
        return document, []
    # What the own file says of it is looked at before it is asked for.
    _validated(ConfigFile, extending.with_any_metric(_without_nothing(document.values)), document)
    target = target.strip()
    try:
        if extending.is_url(target) and not is_trusted:
            raise extending.UnreachableError("is not asked for, as the commit may be a stranger's")
        shared = _shared(target, source, root)
    except extending.UnreachableError as error:
        return extending.alone(document), [extending.unreachable_notice(target, error)]
    except ConfigError as error:
        if extending.is_url(target):
            raise extending.unusable(target, error) from None
        raise
    return extending.merged(document, shared), []


def _shared(target: str, source: Path, root: Path) -> Document:
    """The config that is extended, looked at by itself. Raises `ConfigError` and `UnreachableError`."""
    shared = extending.read_shared(target, source, root)
    if extending.KEY in shared.values:
        text = "the config is extended by another one; wanted one that stands alone"
        raise config_error(shared.name, [Problem((extending.KEY,), text)], shared.lines)
    if version_of(shared) != CURRENT_VERSION:
        text = f"a config that is extended is of version {CURRENT_VERSION}"
        raise config_error(shared.name, [Problem(("version",), text)], shared.lines)
    values = _without_nothing(shared.values)
    _validated(ConfigFile, extending.with_any_metric(values), shared)
    return replace(shared, values=values)


def _to_config(
    document: Document, told: Sequence[Problem], source: Path | None, notices: tuple[str, ...] = ()
) -> Config:
    values = _without_nothing(document.values)
    if document.is_part:
        values = extending.with_any_metric(values)
    remarks = list(told)
    if version_of(document) == CURRENT_VERSION:
        file = _validated(ConfigFile, values, document)
    else:
        file, more = _read_version_2(values, document)
        remarks += more
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
