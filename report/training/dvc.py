"""The data that DVC points to: what a `x.dvc` or a `dvc.lock` says changed.

Source: DVC's documentation, ".dvc files" (`outs` with `path` and a hash, from `wdir`), "dvc.lock" (stages with `deps`
and `outs`) and "dvc.yaml" (a stage's `wdir`, which all its paths start from, those in the lock file too).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..facts.git_command import run_git
from ..facts.yaml_texts import BYTES_AT_MOST, UnreadableYamlError, load_yaml
from .changed_files import EMPTY_TREE

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
