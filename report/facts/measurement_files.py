"""Metrics and params that a job wrote to JSON files; metrics also as other tools write them (metric_formats.py).

An odd value costs itself, a file that is none costs its numbers, and each leaves a notice: what a job writes is not
checked before, and the commit is to be recorded whatever it wrote.
"""

from __future__ import annotations

import json
import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Generic, TypeVar

from ...history.errors import UnusableFileError
from ...history.late_dataclass import dataclass
from ...history.regular_files import read_regular
from ...history.settings import Goal
from .metric_formats import Entry, MetricFact, entries_of

SIZE_LIMIT_BYTES = 10_000_000
NAMED_AT_MOST = 5
"""Left-out values of a file that are named one by one."""

_CONSTANTS = ("NaN", "Infinity", "-Infinity")
_NUMBER_WANTED = f"a number, or one of {', '.join(_CONSTANTS)}"

Value = TypeVar("Value", float, str)


@dataclass(frozen=True)
class Measurements(Generic[Value]):
    """What one file tells, in its order; nested objects are flattened with dots."""

    values: dict[str, Value]
    is_usable: bool
    """False where the file as a whole tells nothing: it is not there, or no JSON object."""
    is_empty: bool
    """True for an object that holds no value at all, not even one that was left out."""
    notices: tuple[str, ...]
    facts: Mapping[str, MetricFact] = field(default_factory=dict)
    """Of the values that are kept, what the file tells beside them, as far as it tells anything."""


class _Number(str):
    """A number in the file's own spelling; NaN and the infinities, which JSON lacks, among them."""

    __slots__ = ()


class _Repeated:
    """In the place of a value whose key is there twice: nobody knows which one is meant."""


class _OddError(Exception):
    """A value, or a file, is not what is wanted; the text goes on after its name."""


def read_metrics(path: Path, goal: Goal | None = None) -> Measurements[float]:
    """The numbers of a JSON object, or of a file in another tool's format.

    `NaN`, `Infinity` and `-Infinity` bare (as Python writes them) and as strings. `goal` is that of the metrics of
    which the file tells none. Never raises. Left out, with a notice: booleans, lists, null, other strings, numbers
    beyond a double, names that are there twice.
    """
    return _read(path, "metric", "a JSON object of numbers", _metric, goal)


def read_params(path: Path) -> Measurements[str]:
    """The scalars of a JSON object as texts: numbers and booleans keep their JSON spelling, null is ''.

    Never raises. Left out, with a notice: lists, keys that are there twice.
    """
    return _read(path, "param", "a JSON object of strings, numbers, true, false or null", _param)


def repeats_of(measurements: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    """Metric -> its values, in the order of the measurements."""
    values: dict[str, list[float]] = {}
    for measurement in measurements:
        for name, value in measurement.items():
            values.setdefault(name, []).append(value)
    return values


def median_of(values: Sequence[float]) -> float:
    """The median of those that are finite; the first that is not, where these are more than half of them."""
    finite = [value for value in values if math.isfinite(value)]
    if 2 * len(finite) < len(values):
        return next(value for value in values if not math.isfinite(value))
    return statistics.median(finite)


def _metric(value: object) -> float:
    if not isinstance(value, _Number) and value not in _CONSTANTS:
        raise _OddError(f"is {_spelled(value)}, wanted {_NUMBER_WANTED}")
    number = float(str(value))
    if math.isinf(number) and value not in _CONSTANTS:
        raise _OddError(f"is {_spelled(value)}, wanted a number that fits a double")
    return number


def _param(value: object) -> str:
    if isinstance(value, list):
        raise _OddError("is a list, wanted a string, a number, true, false or null")
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _read(
    path: Path, kind: str, wanted: str, convert: Callable[[object], Value], goal: Goal | None = None
) -> Measurements[Value]:
    try:
        entries = _entries(_load(path), is_foreign_read=kind == "metric")
    except (_OddError, UnusableFileError) as error:
        notice = f"All {kind}s of {path} are left out: it {error}, wanted {wanted}."
        return Measurements({}, is_usable=False, is_empty=False, notices=(notice,))
    values: dict[str, Value] = {}
    facts: dict[str, MetricFact] = {}
    odd: list[str] = []
    by_name = {entry.name if _is_name(entry.name) else None: entry for entry in entries}
    times = Counter(entry.name for entry in entries if _is_name(entry.name))
    for entry in by_name.values():
        try:
            name = _checked_name(entry.name)
            if times[name] > 1 or isinstance(entry.value, _Repeated):
                raise _OddError("is there twice, wanted it once")
            if isinstance(entry.value, str) and not _is_text(entry.value):
                raise _OddError("holds half a character (a lone surrogate), wanted Unicode")
            values[name] = convert(entry.value)
        except _OddError as error:
            odd.append(f"{_short(str(entry.name)) if _is_name(entry.name) else 'an entry'} {error}")
        else:
            fact = entry.fact if entry.fact.goal or not goal else replace(entry.fact, goal=goal)
            facts |= {name: fact} if fact.as_json() else {}
    notices = [f"A {kind} of {path} is left out: {text}." for text in odd[:NAMED_AT_MOST]]
    if len(odd) > NAMED_AT_MOST:
        notices.append(f"{len(odd) - NAMED_AT_MOST} more {kind}s of {path} are left out in the same way.")
    return Measurements(values, is_usable=True, is_empty=not entries, notices=tuple(notices), facts=facts)


def _entries(document: object, *, is_foreign_read: bool) -> list[Entry]:
    """The document's values by name. Raises `_OddError` for one that is no object, nor in a format of other tools."""
    found = entries_of(document) if is_foreign_read else None
    if found is not None:
        return found
    if not isinstance(document, dict):
        raise _OddError(f"holds {_spelled(document)}")
    return [Entry(key, value) for key, value in _flat(document)]


def _load(path: Path) -> object:
    """What the file's JSON holds. Raises `_OddError` or `UnusableFileError`."""
    content = read_regular(path, SIZE_LIMIT_BYTES)
    try:
        loaded: object = json.loads(
            content.decode("utf-8-sig"),
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_Number,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError as error:
        raise _OddError(f"is not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _OddError(f"is not valid JSON at {where} ({error.msg})") from error
    except RecursionError as error:
        raise _OddError("is nested too deeply") from error
    return loaded


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        found[key] = _Repeated() if key in found else value
    return found


def _flat(loaded: dict[str, object]) -> Iterator[tuple[str, object]]:
    """The leaves as `(dotted key, value)`."""
    stack = list(reversed(loaded.items()))
    while stack:
        key, value = stack.pop()
        if isinstance(value, dict):
            stack.extend((f"{key}.{inner}", item) for inner, item in reversed(value.items()))
        else:
            yield key, value


def _is_name(name: object) -> bool:
    return isinstance(name, str) and not isinstance(name, _Number)


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not _is_name(name):
        raise _OddError("has no name, wanted a string")
    if not name.strip("."):
        raise _OddError("is the key of a value, wanted a name")
    if not _is_text(name):
        raise _OddError("is a key with half a character (a lone surrogate), wanted Unicode")
    return name


def _is_text(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _spelled(value: object) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, _Number):
        return f"the number {value[:40]}"
    return "a list" if isinstance(value, list) else f"the string {_short(str(value))}"


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
