"""What an `MLproject` and GoMLOps' `arg2pipeline/pipeline.json` tell about a training.

Source: MLflow's documentation, "MLflow Projects" (entry points: `parameters`, `command`; `path` parameters).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...history.errors import UnusableFileError
from ...history.regular_files import read_regular
from ..errors import shortened
from ..facts.yaml_texts import UnreadableYamlError, load_yaml

FILE_NAME = "MLproject"
PIPELINE = "arg2pipeline/pipeline.json"
SIZE_LIMIT_BYTES = 1_000_000

_SCRIPT = re.compile(r"(?:[^\s\"'{}]+/)?[^\s\"'{}/]+\.(?:py|sh|R|ipynb)(?=[\s\"';]|$)")
_MODULE = re.compile(r"\s-m\s+([A-Za-z_][\w.]*)")
_DATA_SUFFIXES = (".csv", ".tsv", ".parquet", ".json", ".jsonl", ".txt", ".npy", ".npz", ".pkl", ".h5")


@dataclass(frozen=True)
class ProjectFile:
    """What a file tells; paths are as it writes them."""

    scripts: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    environment_files: tuple[str, ...] = ()
    """The files that `python_env`, `conda_env` name."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Params of the entry point that have a default."""
    entry_point: str = "main"
    """The one that is started: `main`, else the first."""
    notices: tuple[str, ...] = ()


def read_mlproject(folder: Path) -> ProjectFile | None:
    """What the `MLproject` of a folder tells; None without one. A file that can't be read leaves a notice."""
    path = folder / FILE_NAME
    if not path.exists() or path.is_dir():
        return None
    try:
        content = load_yaml(_text(path))
    except (UnusableFileError, UnreadableYamlError, ValueError) as error:
        reason = shortened(error, 200)
        return ProjectFile(notices=(f"The `MLproject` can't be read, so it tells no inputs: {reason}.",))
    if not isinstance(content, dict):
        return ProjectFile(notices=("The `MLproject` is not a YAML mapping, so it tells no inputs.",))
    points = content.get("entry_points")
    points = points if isinstance(points, dict) else {}
    entry_point = "main" if "main" in points else next(iter(points), "main")
    point = points.get(entry_point)
    environment = [content.get(key) for key in ("python_env", "conda_env")]
    named = tuple(name for name in environment if isinstance(name, str))
    if not isinstance(point, dict):
        return ProjectFile(environment_files=named)
    defaults = dict(_defaults(point.get("parameters")))
    command = str(point.get("command") or "")
    filled = command
    for name, (_, value) in defaults.items():
        filled = filled.replace("{" + name + "}", value)
    return ProjectFile(
        scripts=tuple(dict.fromkeys(_scripts(filled))),
        data=tuple(
            value
            for kind, value in defaults.values()
            if kind == "path" and not value.endswith(".py") and value
        ),
        environment_files=named,
        defaults={name: value for name, (_, value) in defaults.items()},
        entry_point=str(entry_point),
    )


def _scripts(command: str) -> Iterator[str]:
    """The files that a command names; for a module (`python -m a.b`) both files that it may be."""
    yield from _SCRIPT.findall(command)
    for module in _MODULE.findall(command):
        path = module.replace(".", "/")
        yield f"{path}.py"
        yield f"{path}/__main__.py"


def read_pipeline(folder: Path) -> ProjectFile | None:
    """What `arg2pipeline/pipeline.json` of a folder tells; None without one."""
    path = folder / PIPELINE
    if not path.exists() or path.is_dir():
        return None
    try:
        leaves = list(_leaves(json.loads(_text(path))))
    except (UnusableFileError, ValueError, RecursionError):
        return ProjectFile(notices=(f"`{PIPELINE}` can't be read, so it tells no inputs.",))
    scripts: list[str] = []
    data: list[str] = []
    for key, value in leaves:
        text = value.replace("\\", "/").strip()
        if text.endswith(".py") or key == "py_reqs":
            scripts.append(text)
        elif _is_data(key, text):
            data.append(text)
    return ProjectFile(tuple(dict.fromkeys(scripts)), tuple(dict.fromkeys(data)))


def _is_data(key: str, text: str) -> bool:
    if not text or any(character.isspace() for character in text) or "://" in text:
        return False
    if text.lower().endswith(_DATA_SUFFIXES):
        return True
    return "/" in text and (
        "data" in key.lower() or any(part in ("data", "dataset", "datasets") for part in text.split("/"))
    )


def _defaults(parameters: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    """Name -> (type, default) of the parameters that have a default."""
    for name, parameter in parameters.items() if isinstance(parameters, dict) else ():
        if isinstance(parameter, dict) and parameter.get("default") is not None:
            yield str(name), (str(parameter.get("type", "string")), str(parameter["default"]))


def _leaves(content: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        for name, value in content.items():
            if name != "outs":  # what a step makes is no reason to run it
                yield from _leaves(value, str(name))
    elif isinstance(content, list):
        for value in content:
            yield from _leaves(value, key)
    elif isinstance(content, str):
        yield key, content


def _text(path: Path) -> str:
    return read_regular(path, SIZE_LIMIT_BYTES).decode("utf-8-sig")
