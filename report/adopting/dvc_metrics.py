"""The metrics and params that DVC's files name, as each commit of a checkout has them: read by git, without DVC."""

from __future__ import annotations

import json
import math
import posixpath
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from itertools import islice
from pathlib import Path
from typing import IO, Any

import yaml

from ...history.late_dataclass import dataclass
from ..errors import UsageError
from ..facts.git import ListedCommit, quiet_git, run_git
from .importing import Commits, Found, Row

SOURCE = "dvc"
BYTES_AT_MOST = 10_000_000
VALUES_AT_MOST = 10_000
"""Of a file, however often YAML's anchors repeat them."""
_NAMED_AT_MOST = 5
_PIPELINE, _PARAMS = "dvc.yaml", "params.yaml"


@dataclass
class _Left:
    """What can't be read, by its reason: the paths."""

    unreadable: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)


def read_metrics(commits: Commits, root: Path) -> Found:
    """One row for each commit of HEAD's first parents' line that wrote metrics anew, oldest first.

    A commit that leaves every metrics file as it was measured nothing, and has no row. Raises `UsageError` where no
    commit has a `dvc.yaml` with metrics.
    """
    found, left = Found(), _Left()
    before: dict[str, str] = {}
    with _objects(root) as objects:
        for commit in reversed(commits.line):
            blobs = _blobs(root, commit)
            metrics_files, params_files = _declared(objects, blobs, left)
            now = {path: blobs[path] for path in metrics_files if path in blobs}
            left.absent |= metrics_files - now.keys()
            if now and now != before:
                found.rows += _rows(commit, now, params_files, blobs, objects, commits, left)
            before = now or before
    if not found.rows and not left.absent and not left.unreadable:
        raise UsageError(f"{root}: no commit has a {_PIPELINE} with metrics that are files of git")
    for paths, why in ((left.absent, "are not in git (DVC keeps them)"), (left.unreadable, "can't be read")):
        if paths:
            shown = ", ".join(sorted(paths)[:_NAMED_AT_MOST])
            more = f" and {len(paths) - _NAMED_AT_MOST} more" if len(paths) > _NAMED_AT_MOST else ""
            found.notices.append(f"Metrics or params that {why}, and are left out: {shown}{more}.")
    return found


def _rows(
    commit: ListedCommit,
    files: Mapping[str, str],
    params_files: set[str],
    blobs: Mapping[str, str],
    objects: _Objects,
    commits: Commits,
    left: _Left,
) -> Iterator[Row]:
    metrics = _joined({path: _numbers(objects.document(path, blob, left)) for path, blob in files.items()})
    if not metrics:
        return
    read = {path: blobs[path] for path in params_files if path in blobs}
    params = _joined({path: _texts(objects.document(path, blob, left)) for path, blob in read.items()})
    cells = {"training": "trained", "metrics": metrics, "params": params}
    yield commits.row(commit.commit_sha, SOURCE, "", commit.committed_at, cells)


def _declared(objects: _Objects, blobs: Mapping[str, str], left: _Left) -> tuple[set[str], set[str]]:
    """The files of metrics and of params that a commit's `dvc.yaml` files name."""
    metrics: set[str] = set()
    params: set[str] = set()
    for path, blob in blobs.items():
        if posixpath.basename(path) != _PIPELINE:
            continue
        document = objects.document(path, blob, left)
        folder = posixpath.dirname(path)
        for section in _sections(document):
            where = posixpath.normpath(posixpath.join(folder, str(section.get("wdir") or "")))
            metrics |= {
                posixpath.normpath(posixpath.join(where, name)) for name in _names(section.get("metrics"))
            }
            for name in _params_files(section.get("params")):
                params.add(posixpath.normpath(posixpath.join(where, name)))
    return metrics, params


def _sections(document: object) -> Iterator[Mapping[str, Any]]:
    """The top of a pipeline's file, and its stages: both may name metrics."""
    if not isinstance(document, dict):
        return
    yield document
    stages = document.get("stages")
    for stage in stages.values() if isinstance(stages, dict) else ():
        if isinstance(stage, dict):
            each = stage.get("do")
            yield each if isinstance(each, dict) else stage


def _names(listed: object) -> Iterator[str]:
    """Paths, each alone or as the key of its options."""
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from (str(name) for name in item)


def _params_files(listed: object) -> Iterator[str]:
    """A text is a key of the default file; a mapping names another file."""
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict):
            yield from (str(name) for name in item)
        elif isinstance(item, str):
            yield item if item.endswith((".yaml", ".yml", ".json", ".toml")) else _PARAMS


def _joined(files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """By name; a name that several files have is told by its file, as DVC tells it."""
    counts: dict[str, int] = {}
    for values in files.values():
        for name in values:
            counts[name] = counts.get(name, 0) + 1
    return {
        name if counts[name] == 1 else f"{path}:{name}": value
        for path, values in sorted(files.items())
        for name, value in values.items()
    }


def _numbers(document: object) -> dict[str, float]:
    found = {}
    for name, value in islice(_flat(document), VALUES_AT_MOST):
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            found[name] = float(value)
    return found


def _texts(document: object) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in islice(_flat(document), VALUES_AT_MOST)
        if isinstance(value, str | int | float)
    }


def _flat(document: object, prefix: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(document, dict):
        for key, value in document.items():
            yield from _flat(value, f"{prefix}.{key}" if prefix else str(key))
    elif prefix:
        yield prefix, document


def _blobs(root: Path, commit: ListedCommit) -> dict[str, str]:
    """Path -> the hash of its content, of every file of a commit."""
    listed = run_git(root, "ls-tree", "-r", "-z", "--full-tree", commit.commit_sha)
    found = {}
    for entry in filter(None, listed.split("\0")):
        told, _, path = entry.partition("\t")
        mode, kind, blob = told.split(" ")
        if kind == "blob" and mode != "120000":
            found[path] = blob
    return found


class _Objects:
    """Contents by their hash, from one git process; what was read is kept, as commits share most of it."""

    def __init__(self, questions: IO[bytes], answers: IO[bytes]) -> None:
        self._questions, self._answers = questions, answers
        self._known: dict[tuple[str, str], object] = {}

    def document(self, path: str, blob: str, left: _Left) -> object:
        """What the file holds: JSON, YAML or TOML, by its name. None, which is noted, where it can't be read."""
        key = blob, posixpath.splitext(path)[1].lower()
        if key not in self._known:
            self._known[key] = _parsed(self._content(blob), key[1])
        if self._known[key] is None:
            left.unreadable.add(path)
        return self._known[key]

    def _content(self, blob: str) -> bytes:
        self._questions.write(f"{blob}\n".encode())
        self._questions.flush()
        header = self._answers.readline().split()
        if len(header) != 3:
            return b""
        size = int(header[2])
        content = self._answers.read(min(size, BYTES_AT_MOST))
        left = size + 1 - len(content)
        while left > 0:
            left -= len(self._answers.read(min(left, BYTES_AT_MOST)))
        return content if size <= BYTES_AT_MOST else b""


def _parsed(content: bytes, ending: str) -> object:
    try:
        text = content.decode("utf-8-sig")
        if ending == ".json":
            return json.loads(text)
        return tomllib.loads(text) if ending == ".toml" else yaml.safe_load(text)
    except (ValueError, RecursionError, yaml.YAMLError):
        return None


@contextmanager
def _objects(root: Path) -> Iterator[_Objects]:
    command = ["git", "-C", str(root), "cat-file", "--batch"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=quiet_git()
    ) as process:
        assert process.stdin is not None  # noqa: S101 - both were asked for
        assert process.stdout is not None  # noqa: S101
        yield _Objects(process.stdin, process.stdout)
        process.stdin.close()
