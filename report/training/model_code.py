"""The model's code, read without running it: which modules of the repository it imports, which files it names."""

from __future__ import annotations

import ast
import posixpath
import re
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from ...history.errors import UnusableFileError
from ...history.regular_files import read_regular
from .paths import candidates, is_glob, matches

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


# Calls that give the path that they are given, or that they are called on.
_SAME = frozenset(
    {"Path", "PurePath", "PosixPath", "str", "fspath", "abspath", "realpath", "resolve", "absolute"}
)
_WRITING = re.compile(
    r"(?:to|save|write|dump|log)(?:_\w+)?|save\w+|mkdir|makedirs|touch|unlink|remove|rename|rmtree"
)


def named_files(
    root: Path, modules: Sequence[str], paths: Collection[str], folder: str, names: Sequence[str]
) -> dict[str, str]:
    """Return path -> the first of `modules` that names it, for those of `paths` that any does.

    Literals are taken as paths from `folder`, where the code runs, or from `root`; `names` are the repository's. What
    the code writes is left out: it is no input. A file that can't be read or parsed names nothing.
    """
    files = {posixpath.basename(path) for path in paths}
    found: dict[str, str] = {}
    for module in modules:
        try:
            text = read_regular(root / module, SIZE_LIMIT_BYTES).decode("utf-8", "replace")
            if not _may_name(text, files):
                continue
            literals = _Literals(ast.parse(text), f"{root.resolve().as_posix()}/{module}").read()
        except (UnusableFileError, SyntaxError, ValueError, RecursionError):
            continue
        for pattern in {each for text in literals for each in candidates(text, root, folder, names)}:
            if is_glob(pattern):
                found |= {path: module for path in paths if path not in found and matches(pattern, path)}
            elif pattern in paths:
                found.setdefault(pattern, module)
    return found


def _may_name(text: str, files: Collection[str]) -> bool:
    """Cheaper than to parse it."""
    return "glob" in text or any(posixpath.basename(each) in files for each in re.split(r"[\"']", text))


class _Literals:
    """The literal paths of one module."""

    def __init__(self, tree: ast.Module, file: str) -> None:
        self._nodes = list(ast.walk(tree))
        self._file = file
        self._values: dict[str, list[ast.expr]] = {}
        self._parts: set[int] = set()
        """Of longer paths: what is named is the whole."""
        for node in self._nodes:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            value = getattr(node, "value", None)
            for target in targets:
                if isinstance(target, ast.Name) and isinstance(value, ast.expr):
                    self._values.setdefault(target.id, []).append(value)

    def read(self) -> set[str]:
        """What looks like a path, is no docstring, and is not written to."""
        calls = [node for node in self._nodes if isinstance(node, ast.Call)]
        written = {text for call in calls for text in self._written(call)}
        globs = {text for call in calls if (text := self._globbed(call))}
        docstrings = {id(node.value) for node in self._nodes if isinstance(node, ast.Expr)}
        texts = {
            id(node): text
            for node in self._nodes
            if isinstance(node, ast.expr) and (text := self._text(node)) and not _is_told(node, docstrings)
        }
        whole = {text for key, text in texts.items() if key not in self._parts}
        # A lone `.*` is more likely a regular expression, unless it is given to a call that looks for files.
        named = {text for text in whole if "/" in text or ("." in text and not is_glob(text))}
        return {text for text in (named | globs) - written if "\n" not in text}

    def _text(self, node: ast.expr | None, seen: frozenset[str] = frozenset()) -> str | None:
        """The path that an expression stands for; None where it is no literal one."""
        match node:
            case ast.Constant(value=str(constant)):
                return constant
            case ast.Name(id="__file__"):
                return self._file
            case ast.Name(id=name) if len(self._values.get(name, ())) == 1 and name not in seen:
                return self._text(self._values[name][0], seen | {name})
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self._joined([left, right], seen)
            case ast.Attribute(value=inner, attr="parent"):
                text = self._text(inner, seen)
                return None if text is None else posixpath.dirname(text)
            case ast.Call():
                return self._called(node, seen)
        return None

    def _called(self, node: ast.Call, seen: frozenset[str]) -> str | None:
        name, owner = _name(node.func), _owner(node.func)
        if name in ("cwd", "getcwd"):
            return "."
        if name == "dirname" and len(node.args) == 1:
            text = self._text(node.args[0], seen)
            return None if text is None else posixpath.dirname(text)
        if name == "joinpath" and owner is not None:
            return self._joined([owner, *node.args], seen)
        if name in _SAME or (name == "join" and isinstance(owner, ast.Attribute | ast.Name)):
            return self._joined(node.args, seen) if node.args else self._text(owner, seen)
        return None

    def _joined(self, parts: Sequence[ast.expr], seen: frozenset[str]) -> str | None:
        texts = [text for part in parts if (text := self._text(part, seen)) is not None]
        if not texts or len(texts) < len(parts):
            return None
        self._parts |= {id(part) for part in parts}
        return posixpath.join(*texts)

    def _globbed(self, node: ast.Call) -> str | None:
        """The pattern of `glob.glob("data/*.csv")` and of `Path("data").glob("*.csv")`."""
        name, folder = _name(node.func), self._text(_owner(node.func)) or ""
        pattern = self._text(node.args[0]) if node.args else None
        if name not in ("glob", "iglob", "rglob") or pattern is None:
            return None
        return posixpath.join(folder, "**" if name == "rglob" else "", pattern)

    def _written(self, node: ast.Call) -> Iterator[str | None]:
        """The paths that a call writes to: its arguments, and what it is called on."""
        called, owner = _name(node.func), _owner(node.func)
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if _WRITING.fullmatch(called):
            yield from (self._text(each) for each in (*given, owner))
        elif called == "open" and any(_is_writing_mode(each) for each in given):
            yield from (self._text(each) for each in (*given[:1], owner))
        elif (
            called in ("add_argument", "option", "Option") and given and "out" in (self._text(given[0]) or "")
        ):
            yield from (self._text(each) for each in given)


def _name(function: ast.expr) -> str:
    """The last part of what is called: `read_csv` of `pandas.read_csv`."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _owner(function: ast.expr) -> ast.expr | None:
    return function.value if isinstance(function, ast.Attribute) else None


def _is_told(node: ast.expr, statements: Collection[int]) -> bool:
    """True for a text that stands alone, as a docstring does."""
    return isinstance(node, ast.Constant) and id(node) in statements


def _is_writing_mode(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and bool(re.fullmatch(r"[wax][bt+]*", str(node.value)))
