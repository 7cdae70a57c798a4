"""The modules of the repository that a script imports, and those that these import."""

from __future__ import annotations

import ast
import posixpath
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from ...history.errors import UnusableFileError
from ...history.regular_files import read_regular

MODULES_AT_MOST = 1000
SIZE_LIMIT_BYTES = 10_000_000


def local_imports(
    script: str, root: Path, folders: tuple[str, ...], exists: Callable[[str], bool]
) -> dict[str, str]:
    """Return module's path -> path of the file that imports it, for what `script` imports from the repository.

    Read without running anything. A name is looked for beside the script and in `folders`, also in their `src`, as
    Python would with these on its path. Files that can't be parsed are taken to import nothing.
    """
    importers: dict[str, str] = {}
    queue = deque([script])
    places = [posixpath.dirname(script), *folders]
    places = list(dict.fromkeys([*places, *(posixpath.join(folder, "src") for folder in folders)]))
    while queue and len(importers) < MODULES_AT_MOST:
        path = queue.popleft()
        for names, level in _imports(root / path):
            for found in _modules(names, level, path, places, exists):
                if found != script and found not in importers:
                    importers[found] = path
                    queue.append(found)
    return importers


def _imports(path: Path) -> Iterator[tuple[list[str], int]]:
    """Each import as its dotted names (a name, and what may be a submodule of it) and its number of dots."""
    try:
        tree = ast.parse(read_regular(path, SIZE_LIMIT_BYTES))
    except (UnusableFileError, SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield [alias.name for alias in node.names], 0
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            below = [f"{module}.{alias.name}".lstrip(".") for alias in node.names if alias.name != "*"]
            yield [*([module] if module else []), *below], node.level


def _modules(
    names: list[str], level: int, importer: str, places: list[str], exists: Callable[[str], bool]
) -> Iterator[str]:
    if level:
        folder = posixpath.dirname(importer)
        for _ in range(level - 1):
            folder = posixpath.dirname(folder)
        places = [folder]
        if exists(own := posixpath.join(folder, "__init__.py")):
            yield own
    for name in names:
        path = name.replace(".", "/")
        for place in places:
            whole = posixpath.join(place, path)
            found = [file for file in (f"{whole}.py", f"{whole}/__init__.py") if exists(file)]
            yield from found
            # A module runs the `__init__.py` of every package above it.
            above = posixpath.dirname(path)
            while above and found:
                if exists(package := posixpath.join(place, above, "__init__.py")):
                    yield package
                above = posixpath.dirname(above)
            if found:
                break
