"""What an `MLproject`, GoMLOps' `pipeline.json` and DVC's files declare about a training."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

import yaml

from ...history.errors import UnusableFileError
from ...history.late_dataclass import dataclass
from ...history.regular_files import read_regular
from ..config.document import count_nodes
from ..errors import shortened
from ..facts.git import run_git
from .changed_files import EMPTY_TREE

BYTES_AT_MOST = 5_000_000
NODES_AT_MOST = 100_000
"""Keys and values, with anchors written out: a few lines of anchors can stand for more than any memory holds."""


class UnreadableYamlError(Exception):
    """A text that is no YAML of a size that can be read; what it says is the end of a sentence."""


def load_yaml(text: str) -> object:
    """The values of a YAML text: text, numbers, booleans, times, None, lists, mappings, none within itself.

    Raises `UnreadableYamlError`. Never loads anything that a tag names.
    """
    try:
        # The loader in C ends the whole process where a text is nested deeply.
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        if count_nodes(node, NODES_AT_MOST) > NODES_AT_MOST:
            raise UnreadableYamlError(f"holds more than {NODES_AT_MOST:,} values, with anchors written out")
        return loader.construct_document(node)
    except (yaml.YAMLError, ValueError, LookupError, TypeError, OverflowError) as error:
        raise UnreadableYamlError(shortened(error, 200)) from error
    except RecursionError as error:
        raise UnreadableYamlError("is nested too deeply") from error


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


_HASHES = ("md5", "etag", "checksum", "hash", "size", "nfiles")


def is_pointer(path: str) -> bool:
    """True for a file by which DVC keeps track of data."""
    return path.endswith(".dvc") or posixpath.basename(path) == "dvc.lock"


def changed_data(root: Path, pointer: str, base: str, head: str) -> list[str]:
    """The paths (from the root) whose hash differs between two commits; for a pointer that can't be read, the
    path that its name tells."""
    before, after = (_tracked(root, pointer, revision) for revision in (base, head))
    changed = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    if not changed and not before and not after and pointer.endswith(".dvc"):
        return [pointer.removesuffix(".dvc")]
    return changed


def _tracked(root: Path, pointer: str, revision: str) -> dict[str, str]:
    """Path from the root -> its hash, as the pointer has it at a revision."""
    content = _read(root, pointer, revision)
    folder = posixpath.dirname(pointer)
    if pointer.endswith(".dvc"):
        parts = [(content.get("wdir"), content)]
    else:
        stages = content.get("stages", content)  # The first layout of a lock file has its stages at the top.
        pipeline = _read(root, posixpath.join(folder, "dvc.yaml"), revision).get("stages") if stages else None
        parts = [(_wdir(pipeline, str(name)), part) for name, part in _items(stages)]
    tracked: dict[str, str] = {}
    for wdir, part in parts:
        start = posixpath.join(folder, str(wdir or ""))
        for entry in _entries(part):
            path = posixpath.normpath(posixpath.join(start, str(entry["path"])))
            tracked[path] = repr([entry.get(name) for name in _HASHES])
    return tracked


def _read(root: Path, path: str, revision: str) -> dict[Any, Any]:
    """A YAML mapping at a revision; an empty one where there is none that can be read."""
    if revision == EMPTY_TREE:
        return {}
    try:
        size = run_git(root, "cat-file", "-s", f"{revision}:{path}", accept=(0, 128)).strip()
        if not size or int(size) > BYTES_AT_MOST:
            return {}
        content = load_yaml(run_git(root, "show", f"{revision}:{path}", accept=(0, 128)))
    except UnreadableYamlError:
        return {}
    return content if isinstance(content, dict) else {}


def _wdir(stages: Any, name: str) -> Any:
    """The `wdir` of a stage; of `name@item`, which `foreach` made, the item's."""
    name, at, item = name.partition("@")
    stage = dict(_items(stages)).get(name)
    while isinstance(stage, dict) and isinstance(stage.get("do"), dict):
        stage = stage["do"]
    wdir = stage.get("wdir") if isinstance(stage, dict) else None
    return wdir.replace("${item}", item).replace("${key}", item) if at and isinstance(wdir, str) else wdir


def _items(mapping: Any) -> Iterator[tuple[Any, Any]]:
    yield from mapping.items() if isinstance(mapping, dict) else ()


def _entries(part: Any) -> Iterator[dict[str, Any]]:
    for key in ("outs", "deps"):
        entries = part.get(key) if isinstance(part, dict) else None
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and "path" in entry:
                yield entry
