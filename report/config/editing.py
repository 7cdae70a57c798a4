"""One more entry in the list `accept` of a config's file: everything else stays as it was written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from pydantic import ValidationError

from ...history.errors import UnusableFileError
from ...history.regular_files import read_regular
from ...history.stores.replacing import replace_file
from ...history.temporary import temporary_folder
from ..errors import ConfigError, ReportError, UsageError
from .document import MAX_BYTES, parse_document
from .loading import parse_config, version_of
from .model import CURRENT_VERSION, AcceptedSection

_KEY = "accept"


class CannotEditError(UsageError):
    """The file can't be changed without touching more than the list; `lines` are to be added by hand."""

    def __init__(self, name: str, lines: str) -> None:
        self.lines = lines
        super().__init__(
            f"{name}: `accept` can't be added to without changing more of the file; add these lines by hand"
        )


def accept_in_file(path: Path, entry: Mapping[str, str]) -> None:
    """Add an entry (`commit`, `metric`, `reason`) to the file's list `accept`, in place as a whole or not at all.

    Raises `CannotEditError` when that can't be done by adding lines alone, `ReportError` when the file can't be
    written.
    """
    try:
        content = read_regular(path, MAX_BYTES)
        mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
        text = with_accepted(content.decode("utf-8-sig"), entry, path.name)
        target = path.resolve()
        with temporary_folder(beside=target) as folder:
            replace_file(target, lambda written: _write(written, mark + text.encode()), folder)
    except UnusableFileError as error:
        raise ReportError(f"{path}: {error}, wanted a config in YAML") from error
    except OSError as error:
        raise ReportError(f"{path}: can't be written: {error.strerror or error}") from error


def with_accepted(text: str, entry: Mapping[str, str], name: str) -> str:
    """The text of a config with one more entry in `accept`.

    Raises `CannotEditError`, and `UsageError` for a file of version 2 or an entry that no config may hold.
    """
    _check_entry(entry)
    if version_of(parse_document(text, name)) != CURRENT_VERSION:
        raise UsageError(f"{name}: version 2 has no `accept`; wanted a config of version {CURRENT_VERSION}")
    lines = "".join(_item(entry, "  ", "\n"))
    for candidate in _candidates(text, entry):
        if _is_that_change(text, candidate, entry, name):
            return candidate
    raise CannotEditError(name, f"{_KEY}:\n{lines}")


def _check_entry(entry: Mapping[str, str]) -> None:
    try:
        AcceptedSection.model_validate(dict(entry))
    except ValidationError as error:
        key = error.errors(include_url=False)[0]["loc"][0]
        wanted = "a git hash" if key == "commit" else "one line of text, at most 1,000 characters"
        raise UsageError(f"{key}: can't stand in a config; wanted {wanted}") from error


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _is_that_change(before: str, after: str, entry: Mapping[str, str], name: str) -> bool:
    """Whether the new text holds what the old one held, the entry, and nothing else; and is a usable config."""
    try:
        old, new = parse_document(before, name).values, parse_document(after, name).values
        listed = old.get(_KEY) or []
        if not isinstance(listed, list) or new != old | {_KEY: [*listed, dict(entry)]}:
            return False
        return len(parse_config(after, name).accept) == len(listed) + 1
    except ConfigError:
        return False


def _candidates(text: str, entry: Mapping[str, str]) -> Iterator[str]:
    """The texts that may be what is wanted, as the list is written now."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    end = "\r\n" if "\r\n" in text else "\n"
    if not isinstance(node, yaml.MappingNode) or not node.value:
        return
    key, value = next(((key, value) for key, value in node.value if key.value == _KEY), (None, None))
    if key is None or value is None:
        indent = " " * node.value[0][0].start_mark.column
        body = text if text.endswith("\n") else text + end
        yield body + end + f"{indent}{_KEY}:{end}" + "".join(_item(entry, indent + "  ", end))
    elif isinstance(value, yaml.SequenceNode) and value.flow_style:
        after = value.value[-1].end_mark.index if value.value else value.start_mark.index + 1
        comma = ", " if value.value else ""
        yield f"{text[:after]}{comma}{{{_flow(entry)}}}{text[after:]}"
    elif isinstance(value, yaml.SequenceNode):
        yield _after_line(text, _last_line(value), _item(entry, " " * value.start_mark.column, end), end)
    elif isinstance(value, yaml.ScalarNode) and not value.value:
        indent = " " * (key.start_mark.column + 2)
        yield _after_line(text, key.start_mark.line, _item(entry, indent, end), end)


def _item(entry: Mapping[str, str], indent: str, end: str) -> list[str]:
    """The entry as an item of a block list; every value in quotes, as JSON's are YAML's."""
    return [
        f"{indent}{'- ' if at == 0 else '  '}{key}: {_quoted(value)}{end}"
        for at, (key, value) in enumerate(entry.items())
    ]


def _flow(entry: Mapping[str, str]) -> str:
    return ", ".join(f"{key}: {_quoted(value)}" for key, value in entry.items())


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _last_line(node: yaml.Node) -> int:
    """The line on which the last value below a node ends: a collection's own mark lies behind comments."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    is_block_text = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
    return int(node.end_mark.line) - int(is_block_text)


def _after_line(text: str, line: int, added: list[str], end: str) -> str:
    lines = text.splitlines(keepends=True)
    before, after = lines[: line + 1], lines[line + 1 :]
    if before and not before[-1].endswith("\n"):
        before[-1] += end
    return "".join([*before, *added, *after])
