"""Paths in a config, an MLproject or a pipeline, as paths from the repository's root."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path, PurePosixPath

_NOISE = frozenset({".ds_store", "thumbs.db", "desktop.ini", "__macosx"})
_GLOB = re.compile(r"[*?\[]")


def is_noise(path: str) -> bool:
    """True for what file managers leave behind: never a reason to train.

    >>> is_noise("data/.DS_Store"), is_noise("__MACOSX/data.csv"), is_noise("data/data.csv")
    (True, True, False)
    """
    return any(part.lower() in _NOISE for part in path.split("/"))


def is_glob(pattern: str) -> bool:
    """True for a pattern with `*`, `?` or `[…]`."""
    return bool(_GLOB.search(pattern))


def candidates(path: str, root: Path, workdir: str, names: Sequence[str]) -> list[str]:
    """The paths from `root` that a path may stand for: below the work directory first, then below the root.

    `../<repository>/x`, as GoMLOps writes it, is `x`; `names` are the repository's. What lies outside is left out.
    """
    text = path.replace("\\", "/").strip()
    if posixpath.isabs(text):
        absolute = root.resolve().as_posix().rstrip("/") + "/"
        text = text.removeprefix(absolute)
        if posixpath.isabs(text):
            return []
    found: list[str] = []
    for folder in dict.fromkeys((workdir, "")):
        parts = posixpath.normpath(posixpath.join(folder, text)).split("/")
        if parts[0] == ".." and len(parts) > 2 and parts[1] in names:
            parts = parts[2:]
        if parts[0] != ".." and parts != ["."]:
            found.append("/".join(parts))
    return list(dict.fromkeys(found))


def matches(pattern: str, path: str) -> bool:
    """True when `path` is the pattern's file, lies in its folder, or fits it as a glob (`**` crosses folders).

    >>> matches("data", "data/a.csv"), matches("data/*.csv", "data/x/a.csv"), matches("data/**", "data/x/a.csv")
    (True, False, True)
    """
    if not is_glob(pattern):
        return path == pattern or path.startswith(pattern.rstrip("/") + "/")
    expression = _expression(pattern)
    return any(expression.fullmatch(str(part)) for part in (path, *PurePosixPath(path).parents))


def may_lie_in(pattern: str, folder: str) -> bool:
    """True when what a pattern names may lie in a folder whose files nobody knows.

    >>> may_lie_in("data/a.csv", "data"), may_lie_in("data/*/a.csv", "data/x"), may_lie_in("data/*.csv", "data/x")
    (True, True, False)
    """
    parts, folders = pattern.split("/"), folder.split("/")
    for at, name in enumerate(folders):
        if at < len(parts) and parts[at] == "**":
            return True
        # The last part is the file, or the whole pattern's folder, and that may be the tracked one.
        if at >= len(parts) or not _expression(parts[at]).fullmatch(name):
            return False
    return len(parts) > len(folders)


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    """A glob as a regular expression: `*` and `?` stay within a folder."""
    text, at = "", 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            text, at = text + "(?:.*/)?", at + 3
        elif pattern.startswith("**", at):
            text, at = text + ".*", at + 2
        elif pattern[at] == "[" and (end := pattern.find("]", at + 2)) > 0:
            inside = pattern[at + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            text, at = text + "[" + re.sub(r"^!", "^", inside) + "]", end + 1
        else:
            text += {"*": "[^/]*", "?": "[^/]"}.get(pattern[at], re.escape(pattern[at]))
            at += 1
    try:
        return re.compile(text)
    except re.error:
        return re.compile(re.escape(pattern))
