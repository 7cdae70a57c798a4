"""The data that DVC points to: what a `x.dvc` or a `dvc.lock` says changed.

Source: DVC's documentation, ".dvc files" (`outs` with `path` and a hash) and "dvc.lock" (stages with `deps`, `outs`).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ..facts.git_command import run_git
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
    if revision == EMPTY_TREE:
        return {}
    text = run_git(root, "show", f"{revision}:{pointer}", accept=(0, 128))
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    folder = posixpath.dirname(pointer)
    tracked: dict[str, str] = {}
    for entry in _entries(content):
        path = posixpath.normpath(posixpath.join(folder, str(entry["path"])))
        tracked[path] = repr([entry.get(name) for name in _HASHES])
    return tracked


def _entries(content: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(content, dict):
        return
    stages = content.get("stages")
    parts = [content, *(stages.values() if isinstance(stages, dict) else ())]
    for part in parts:
        if not isinstance(part, dict):
            continue
        for key in ("outs", "deps"):
            entries = part.get(key)
            for entry in entries if isinstance(entries, list) else ():
                if isinstance(entry, dict) and "path" in entry:
                    yield entry
