"""The modules of the repository that scripts import, and those that these import."""

from __future__ import annotations

import ast
import posixpath
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ...history.errors import UnusableFileError
from ...history.regular_files import read_regular

MODULES_AT_MOST = 1000
SIZE_LIMIT_BYTES = 10_000_000


class LocalModules:
    """The Python files of a repository, each read once, however many scripts come to import it."""

    def __init__(self, root: Path, files: Iterable[str], folders: Sequence[str]) -> None:
        """`files` are all that there are, from `root`; `folders` are on the path of every script, as is their `src`."""
        self._root = root
        self._files = frozenset(files)
        sources = [posixpath.join(folder, "src") for folder in folders]
        self._places = list(dict.fromkeys([*folders, *sources]))
        self._names_in: dict[str, set[str]] = defaultdict(set)
        for file in self._files:
            path = file.removesuffix(".py")
            while path:
                folder, name = posixpath.split(path)
                self._names_in[folder].add(name)
                path = folder
        self._imports: dict[str, list[tuple[list[str], int]]] = {}
        self._shared: dict[str, list[str]] = {}

    def imported_by(self, scripts: Iterable[str]) -> dict[str, str]:
        """Return module's path -> path of a file that imports it, for what `scripts` import from the repository.

        Read without running anything. A name is looked for as Python would: beside the script that was started, then
        in the shared folders. Files that can't be parsed are taken to import nothing.
        """
        by_folder: dict[str, list[str]] = {}
        for script in dict.fromkeys(scripts):
            by_folder.setdefault(posixpath.dirname(script), []).append(script)
        importers: dict[str, str] = {}
        for folder, own in by_folder.items():
            for module, importer in self._walk(folder, own).items():
                importers.setdefault(module, importer)
        return importers

    def _walk(self, folder: str, scripts: Sequence[str]) -> dict[str, str]:
        """What scripts of one folder import."""
        importers: dict[str, str] = {}
        queue = deque(scripts)
        seen = set(scripts)
        while queue and len(importers) < MODULES_AT_MOST:
            path = queue.popleft()
            for found in self._found_by(path, folder):
                if found != path:
                    importers.setdefault(found, path)
                if found not in seen:
                    seen.add(found)
                    queue.append(found)
        return importers

    def _found_by(self, path: str, folder: str) -> list[str]:
        """The modules that a file imports when a script of `folder` was started."""
        if path not in self._imports:
            self._imports[path] = list(_imports(self._root / path))
            self._shared[path] = list(self._modules(path, self._places))
        firsts = {
            name.partition(".")[0] for names, level in self._imports[path] if not level for name in names
        }
        if firsts.isdisjoint(self._names_in.get(folder, ())):
            return self._shared[path]
        return list(self._modules(path, [folder, *self._places]))

    def _modules(self, importer: str, places: Sequence[str]) -> Iterator[str]:
        for names, level in self._imports[importer]:
            if not level:
                yield from self._named(names, places)
                continue
            folder = posixpath.dirname(importer)
            # What is imported relatively runs in a package, whose `__init__.py` was run before, as were those above.
            yield from self._packages(folder)
            for _ in range(level - 1):
                folder = posixpath.dirname(folder)
            yield from self._named(names, [folder])

    def _named(self, names: Sequence[str], places: Sequence[str]) -> Iterator[str]:
        for name in names:
            path = name.replace(".", "/")
            for place in places:
                whole = posixpath.join(place, path)
                found = [file for file in (f"{whole}.py", f"{whole}/__init__.py") if file in self._files]
                yield from found
                # A module runs the `__init__.py` of every package above it.
                above = posixpath.dirname(path)
                while above and found:
                    if (package := posixpath.join(place, above, "__init__.py")) in self._files:
                        yield package
                    above = posixpath.dirname(above)
                if found:
                    break

    def _packages(self, folder: str) -> Iterator[str]:
        """The `__init__.py` of a folder and of those above, as far as they are packages."""
        while folder and (package := posixpath.join(folder, "__init__.py")) in self._files:
            yield package
            folder = posixpath.dirname(folder)


def _imports(path: Path) -> Iterator[tuple[list[str], int]]:
    """Each import as its dotted names (a name, and what may be a submodule of it) and its number of dots."""
    try:
        tree = ast.parse(read_regular(path, SIZE_LIMIT_BYTES))
    except (UnusableFileError, SyntaxError, ValueError, RecursionError):
        return
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            yield [alias.name for alias in node.names], 0
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            below = [f"{module}.{alias.name}".lstrip(".") for alias in node.names if alias.name != "*"]
            yield [*([module] if module else []), *below], node.level


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Every statement, those within others too: expressions, which are most of a tree, hold none."""
    queue: deque[ast.AST] = deque(tree.body)
    while queue:
        node = queue.popleft()
        yield node
        for inner in ("body", "handlers", "cases", "orelse", "finalbody"):
            queue.extend(getattr(node, inner, ()))
