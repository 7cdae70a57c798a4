"""Metrics and params that a job wrote to JSON files."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from ..errors import UsageError

SIZE_LIMIT_BYTES = 10_000_000

_CONSTANTS = ("NaN", "Infinity", "-Infinity")
_METRICS_WANTED = "a JSON object of numbers"
_PARAMS_WANTED = "a JSON object of strings, numbers, true, false or null"


class _Number(str):
    """A number in the file's own spelling; NaN and the infinities, which JSON lacks, among them."""

    __slots__ = ()


def read_metrics(path: Path) -> dict[str, float]:
    """Return `{name: value}` from a JSON object of numbers, in the file's order.

    Nested objects are flattened with dots. `NaN`, `Infinity` and `-Infinity` are taken bare (as Python writes
    them) and as strings. Raises `UsageError`, one line naming the file, the key, what was found and what is
    wanted, for all else: booleans, lists, null, other strings, numbers beyond a double, duplicate keys.
    """
    metrics: dict[str, float] = {}
    for key, value in _flat(path, _load(path, _METRICS_WANTED)):
        if not isinstance(value, _Number) and value not in _CONSTANTS:
            _refuse(path, key, value, f"a number, or one of {', '.join(_CONSTANTS)}")
        number = float(str(value))
        if math.isinf(number) and value not in _CONSTANTS:
            _refuse(path, key, value, "a number that fits a double")
        metrics[key] = number
    return metrics


def read_params(path: Path) -> dict[str, str]:
    """Return `{name: value}` from a JSON object of scalars, in the file's order.

    Nested objects are flattened with dots; numbers and booleans keep their JSON spelling, null is ''. Raises
    `UsageError` as `read_metrics` does.
    """
    params: dict[str, str] = {}
    for key, value in _flat(path, _load(path, _PARAMS_WANTED)):
        if isinstance(value, list):
            _refuse(path, key, value, "a string, a number, true, false or null")
        params[key] = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return params


def _load(path: Path, wanted: str) -> dict[str, object]:
    content = _read_bytes(path, wanted)
    try:
        loaded: object = json.loads(
            content.decode("utf-8-sig"),
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_Number,
            object_pairs_hook=lambda pairs: _unique(path, pairs),
        )
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: byte {error.start} is not UTF-8, wanted {wanted} in UTF-8") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"{path}: not valid JSON at {where} ({error.msg}), wanted {wanted}") from error
    except RecursionError as error:
        raise UsageError(f"{path}: nested too deeply, wanted {wanted}") from error
    if not isinstance(loaded, dict):
        raise UsageError(f"{path}: found {_spelled(loaded)}, wanted {wanted}")
    return loaded


def _read_bytes(path: Path, wanted: str) -> bytes:
    if not path.exists():
        raise UsageError(f"{path}: there is no such file, wanted {wanted}")
    if not path.is_file():
        raise UsageError(f"{path}: not a regular file, wanted {wanted}")
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: can't be read ({error.strerror}), wanted {wanted}") from error
    if len(content) > SIZE_LIMIT_BYTES:
        raise UsageError(
            f"{path}: larger than {SIZE_LIMIT_BYTES // 1_000_000} MB, wanted {wanted} below that size"
        )
    return content


def _unique(path: Path, pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise UsageError(f"{path}: key {_short(key)} is there twice, wanted each key once")
        found[key] = value
    return found


def _flat(path: Path, loaded: dict[str, object]) -> Iterator[tuple[str, object]]:
    """Yield the leaves as `(dotted key, value)`; refuse two with one name, and a nameless one."""
    seen: set[str] = set()
    stack: list[tuple[str, object]] = [(key, value) for key, value in reversed(loaded.items())]
    while stack:
        key, value = stack.pop()
        if not _is_text(key) or (isinstance(value, str) and not _is_text(value)):
            raise UsageError(
                f"{path}: key {_short(key)} holds half a character (a lone surrogate), wanted Unicode"
            )
        if isinstance(value, dict):
            stack.extend((f"{key}.{inner}", item) for inner, item in reversed(value.items()))
            continue
        if not key.strip("."):
            raise UsageError(f"{path}: found a value whose key is {_short(key)}, wanted a name")
        if key in seen:
            raise UsageError(
                f"{path}: key {_short(key)} is there twice once nested keys are joined, wanted it once"
            )
        seen.add(key)
        yield key, value


def _is_text(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _refuse(path: Path, key: str, value: object, wanted: str) -> NoReturn:
    raise UsageError(f"{path}: key {_short(key)} is {_spelled(value)}, wanted {wanted}")


def _spelled(value: object) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, _Number):
        return f"the number {value[:40]}"
    return "a list" if isinstance(value, list) else f"the string {_short(str(value))}"


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
