"""From the config's file to plain values, each with its line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import yaml

from ...history.errors import UnusableFileError
from ...history.late_dataclass import dataclass
from ...history.regular_files import read_regular
from ..errors import shortened
from .messages import KeyPath, Problem, config_error, looks_like_credential

MAX_BYTES = 1_000_000
MAX_INT_BITS = 1_000
"""Larger numbers are no setting; they fit neither a float nor, written out, Python's limit of digits."""
MAX_NODES = 10_000
"""How many keys and values a file may hold once its anchors are written out."""

_TAG = "tag:yaml.org,2002:"
_SCALAR_TAGS = {_TAG + name for name in ("null", "bool", "int", "float", "str")}
_WANTED_SIZE = "wanted a config of a few lines"
_WANTED = "wanted `key: value` lines such as `version: 3`"


@dataclass(frozen=True)
class Document:
    """A config as it was written: text, numbers, booleans, None, lists, and mappings with text keys."""

    name: str
    """How messages call the file."""
    values: dict[str, object]
    lines: dict[KeyPath, int]
    is_part: bool = False
    """Whether another config says the rest, so that what every config must say may be missing."""


class _TooManyNodesError(yaml.YAMLError):
    """Stops the reading of a file that is no config long before its end."""


class _YamlLoader(yaml.SafeLoader):
    """Leaves dates as text, and `=` as the text that it is; stops at `MAX_NODES`."""

    composed = 0

    yaml_implicit_resolvers = {  # noqa: RUF012 (the base class declares it)
        first: [
            (tag, pattern) for tag, pattern in resolvers if tag not in (_TAG + "timestamp", _TAG + "value")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        self.composed += 1
        if self.composed > MAX_NODES:
            raise _TooManyNodesError
        return super().compose_node(parent, index)  # type: ignore[arg-type]


def read_document(path: Path, name: str) -> Document:
    """Raises `ConfigError` for a file that can't be read, is too large or is not a YAML mapping."""
    try:
        content = read_regular(path, MAX_BYTES)
    except UnusableFileError as error:
        _refuse(name, f"{error}; wanted a config in YAML, of a few lines")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(
            name, f"not UTF-8 text: byte 0x{content[error.start]:02x} at offset {error.start}; wanted UTF-8"
        )
    return parse_document(text, name)


def parse_document(text: str, name: str) -> Document:
    """The values and lines of a YAML text; an empty text is an empty mapping. Raises `ConfigError`."""
    try:
        loader = _YamlLoader(text)
        try:
            node = loader.get_single_node()
            return Document(name, {}, {}) if node is None else _build_document(loader, node, name)
        finally:
            loader.dispose()
    except _TooManyNodesError:
        _refuse(name, f"more than {MAX_NODES:,} values, with anchors written out; {_WANTED_SIZE}")
    except yaml.YAMLError as error:
        _refuse(name, _yaml_problem(error))
    except RecursionError:
        _refuse(name, "nested too deeply; wanted sections with keys and values")


def _build_document(loader: _YamlLoader, node: yaml.Node, name: str) -> Document:
    if count_nodes(node, MAX_NODES) > MAX_NODES:
        raise _TooManyNodesError
    builder = _Builder(loader)
    values = builder.build(node, ())
    if values is None and not builder.problems:
        values = {}
    if not isinstance(values, dict) and not builder.problems:
        builder.problems.append(Problem((), f"not a mapping; {_WANTED}"))
    if builder.problems or not isinstance(values, dict):
        raise config_error(name, builder.problems, builder.lines)
    return Document(name, values, builder.lines)


def _refuse(name: str, text: str) -> NoReturn:
    # The error that led here is dropped: its text may repeat the file's content over several lines.
    raise config_error(name, [Problem((), text)], {}) from None


def _yaml_problem(error: yaml.YAMLError) -> str:
    problem, where = "unreadable", ""
    if isinstance(error, yaml.MarkedYAMLError):
        problem = ", ".join(part for part in (error.context, error.problem) if part) or problem
        mark = error.problem_mark or error.context_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    elif isinstance(error, yaml.reader.ReaderError):
        problem, where = str(error.reason), f" at character {error.position + 1}"
    if looks_like_credential(problem):
        problem = "unreadable"
    return f"not valid YAML{where}: {shortened(problem, 200)}; {_WANTED}"


def count_nodes(node: yaml.Node, limit: int) -> int:
    """How many nodes there are when each alias is written out, `limit` + 1 for all above it, and for a cycle."""
    counted: dict[int, int] = {}

    def count(part: yaml.Node) -> int:
        if id(part) in counted:
            return counted[id(part)]
        counted[id(part)] = limit + 1  # what an alias to a node that is still being counted adds
        counted[id(part)] = min(1 + sum(map(count, _children(part))), limit + 1)
        return counted[id(part)]

    return count(node)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value


class _Builder:
    """Turns nodes into values; collects lines and problems on the way."""

    def __init__(self, loader: _YamlLoader) -> None:
        self._loader = loader
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []

    def build(self, node: yaml.Node, path: KeyPath) -> object:
        if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
            return self._build_mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
            return [self._build_item(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and node.tag in _SCALAR_TAGS:
            return self._build_scalar(node, path)
        self._add(path, node, "a YAML tag that is not known here; wanted text, a number, a list or a mapping")
        return None

    def _build_item(self, node: yaml.Node, path: KeyPath) -> object:
        self.lines[path] = _line(node)
        return self.build(node, path)

    def _build_scalar(self, node: yaml.ScalarNode, path: KeyPath) -> object:
        kind = node.tag.removeprefix(_TAG)
        try:
            value = self._loader.construct_object(node)
        except (ValueError, LookupError, OverflowError, yaml.YAMLError):
            self._add(
                path, node, f"can't be read as {kind}; wanted the value without a tag, or text in quotes"
            )
            return None
        if isinstance(value, int) and value.bit_length() > MAX_INT_BITS:
            self._add(path, node, "a number of hundreds of digits; wanted a smaller one, or text in quotes")
            return None
        return value

    def _build_mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, object]:
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                values = self._build_merged(value_node, path) | values
        own_lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                continue
            key = self._build_key(key_node, path)
            if key is None:
                continue
            if key in own_lines:
                self._add((*path, key), key_node, f"given twice, first in line {own_lines[key]}; wanted once")
                continue
            own_lines[key] = self.lines[(*path, key)] = _line(key_node)
            values[key] = self.build(value_node, (*path, key))
        return values

    def _build_merged(self, node: yaml.Node, path: KeyPath) -> dict[str, object]:
        """The keys of `<<: *anchor`, or of a list of anchors, the first of which wins."""
        values: dict[str, object] = {}
        for source in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if isinstance(source, yaml.MappingNode):
                values = self._build_mapping(source, path) | values
            else:
                self._add((*path, "<<"), node, "not a mapping; wanted an anchor of a mapping")
        return values

    def _build_key(self, node: yaml.Node, path: KeyPath) -> str | None:
        key = self.build(node, path) if isinstance(node, yaml.ScalarNode) else None
        if isinstance(key, str):
            return key
        found = node.value if isinstance(node, yaml.ScalarNode) else "a list or a mapping"
        self._add(
            (*path, str(found)),
            node,
            "a key that is not text; wanted a name, in quotes where YAML reads it otherwise",
        )
        return None

    def _add(self, path: KeyPath, node: yaml.Node, text: str) -> None:
        self.lines[path] = _line(node)
        self.problems.append(Problem(path, text))


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
