"""Which histories an overview is of: those that the command line names, and those of a file."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from ...history.errors import UnusableFileError
from ...history.late_dataclass import dataclass
from ...history.regular_files import read_regular
from ...history.stores import is_url
from ..errors import UsageError

_LARGEST_FILE = 1_000_000
_KEYS = ("histories", "default_branch", "days", "stale_days", "new_hours")
_SPANS = ("days", "stale_days", "new_hours")


@dataclass(frozen=True)
class Entry:
    """One history."""

    source: str
    """A path, a gist's URL, or a branch (`https://github.com/you/name.git#commit-history`)."""
    name: str
    """The repository of rows that name none."""


@dataclass(frozen=True)
class Fleet:
    """What an overview is of, and how far it looks back."""

    entries: Sequence[Entry]
    default_branch: str = "main"
    days: int = 30
    """For minutes, flaky tests and slow jobs."""
    stale_days: int = 30
    """A repository that was not reported for so long is stale."""
    new_hours: int = 24
    """A regression that began within so many hours is new."""


def read_fleet(path: Path) -> Fleet:
    """The fleet that a YAML file names. Raises `UsageError`: what, where, what is wanted."""
    try:
        read = yaml.safe_load(read_regular(path, _LARGEST_FILE).decode())
    except (UnusableFileError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise UsageError(f"{path}{where}: is no YAML: {getattr(error, 'problem', None) or error}") from error
    if not isinstance(read, dict) or not isinstance(read.get("histories"), list):
        raise UsageError(f"{path}: wanted a mapping with `histories`, a list of addresses")
    unknown = [str(key) for key in read if key not in _KEYS]
    if unknown:
        raise UsageError(f"{path}: unknown key {unknown[0]!r}; known: {', '.join(_KEYS)}")
    spans = {name: _whole_number(path, name, read[name]) for name in _SPANS if name in read}
    branch = read.get("default_branch", Fleet.default_branch)
    if not isinstance(branch, str) or not branch:
        raise UsageError(f"{path}: default_branch: wanted the name of a branch")
    entries = [each for told in read["histories"] for each in _entries(path, told)]
    return Fleet(entries, default_branch=branch, **spans)


def named_histories(sources: Iterable[str]) -> list[Entry]:
    """The entries of what a command line names: addresses, paths and patterns of paths. Raises `UsageError`."""
    return [entry for source in sources for entry in _found(source, "")]


def _entries(path: Path, told: Any) -> list[Entry]:
    if isinstance(told, str):
        told = {"source": told}
    if (
        not isinstance(told, dict)
        or not isinstance(told.get("source"), str)
        or set(told) - {"source", "name"}
    ):
        raise UsageError(f"{path}: {str(told)[:100]!r}: wanted an address, or a mapping of source and name")
    name = told.get("name") or ""
    if not isinstance(name, str):
        raise UsageError(f"{path}: name {name!r}: wanted the name of a repository, such as acme/wine")
    source = told["source"]
    # A path is seen from the file's folder.
    return _found(source if is_url(source) else str(path.parent / source), name)


def _found(source: str, name: str) -> list[Entry]:
    if is_url(source):
        return [Entry(source, name or _named_by(source))]
    if not glob.has_magic(source) or Path(source).exists():
        return [Entry(source, name or Path(source).stem)]
    found = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 - a pattern may be absolute
    if not found:
        raise UsageError(f"{source}: no file is there, wanted the path of a CSV, or a pattern of some")
    return [Entry(each, name or Path(each).stem) for each in found]


def _named_by(url: str) -> str:
    """`owner/name` of a URL's path."""
    path = url.partition("#")[0].partition("://")[2].partition("/")[2]
    return path.removesuffix("/").removesuffix(".git") or "history"


def _whole_number(path: Path, name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 36_525:
        raise UsageError(f"{path}: {name}: {value!r}: wanted a whole number from 1 to 36525")
    return value
