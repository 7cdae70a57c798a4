"""One problem a line, in our words: where it is, what was found, what is wanted, the key that was meant."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ...history.late_dataclass import dataclass
from ..errors import ConfigError

KeyPath = tuple[str | int, ...]
"""The keys and list positions that lead to a value, from the top of the file."""

MAX_LINES = 10
MAX_VALUE_LENGTH = 80

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w/-]*", re.ASCII)
_URL_CREDENTIAL = re.compile(r"//[^/\s]*@")
_CREDENTIALS = (
    # The prefixes by which GitHub, GitLab, Hugging Face, Slack, AWS and others mark their tokens; JWTs.
    re.compile(r"(?i)\b(gh[opsur]_|github_pat_|glpat-|hf_|xox[a-z]-|akia|dapi|sk-|eyj)[\w-]{8,}"),
    _URL_CREDENTIAL,
    re.compile(r"(?i)(passw|token|secret|api_?key|credential|authorization|bearer)\w*\s*[:=]\s*\S"),
    # A long run of letters and digits, unless it is a part of a path such as a gist's id.
    re.compile(r"(?<![/\w])(?=\w*\d)(?=\w*[A-Za-z])\w{20,}(?!\w)", re.ASCII),
)


@dataclass(frozen=True)
class Problem:
    """What keeps a config from being used."""

    path: KeyPath
    text: str
    is_line_known: bool = True
    """False for what is missing: there is no line to look at."""


def config_error(name: str, problems: Sequence[Problem], lines: Mapping[KeyPath, int]) -> ConfigError:
    """All problems as one error: one line for each, at most `MAX_LINES`."""
    texts = [problem_line(name, problem, lines) for problem in problems[:MAX_LINES]]
    if len(problems) > MAX_LINES:
        texts[-1] = _one_line(f"{name}: and {len(problems) - MAX_LINES + 1} more problems")
    return ConfigError("\n".join(texts))


def problem_line(name: str, problem: Problem, lines: Mapping[KeyPath, int]) -> str:
    """`report-config.yml: report.trend_window (line 7): wanted at least 2; found 1`."""
    text = name
    if problem.path:
        text += f": {dotted(problem.path)}"
        line = _line(problem.path, lines) if problem.is_line_known else None
        if line is not None:
            text += f" (line {line})"
    return _one_line(f"{text}: {problem.text}")


def _line(path: KeyPath, lines: Mapping[KeyPath, int]) -> int | None:
    """The value's line, else that of the list's item that it stands for."""
    is_of_item = len(path) > 1 and isinstance(path[-2], int)
    return lines.get(path, lines.get(path[:-1]) if is_of_item else None)


def dotted(path: KeyPath) -> str:
    """`report.trend_window`, `project.data_paths[0]`; a key that is not a plain word stands in quotes."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
            continue
        key = part if _PLAIN_KEY.fullmatch(part) and not looks_like_credential(part) else shown(part)
        text += f".{key}" if text else key
    return text


def shown(value: object) -> str:
    """What was found, short enough for a line; never what looks like a credential."""
    if isinstance(value, str):
        if looks_like_credential(value):
            return "a text that looks like a credential and is not shown"
        text = repr(value)
    elif isinstance(value, list | tuple):
        text = "a list" if value else "an empty list"
    elif isinstance(value, dict):
        text = "a mapping" if value else "an empty mapping"
    elif isinstance(value, bool):
        text = str(value).lower()
    else:
        text = "nothing" if value is None else repr(value)
    return text if len(text) <= MAX_VALUE_LENGTH else f"{text[: MAX_VALUE_LENGTH - 1]}…"


def looks_like_credential(text: str) -> bool:
    """True for what had better not be printed: a token, a password, a URL with one."""
    return any(pattern.search(text) for pattern in _CREDENTIALS)


def has_url_credential(text: str) -> bool:
    """True for a URL with a user name or a password in it."""
    return bool(_URL_CREDENTIAL.search(text))


def without_url_credential(text: str) -> str:
    """The same URL without the user name and the password."""
    return _URL_CREDENTIAL.sub("//", text)


def _one_line(text: str) -> str:
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


_WANTED_TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping (`key: value` lines)",
    "model_type": "a mapping (`key: value` lines)",
}
_WANTED_BOUNDS = {
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "a number below {lt:g}",
    "less_than_equal": "at most {le:g}",
    "string_too_long": "at most {max_length} characters",
    "too_long": "at most {max_length} of them",
    "literal_error": "{expected}",
}
_WANTED_PATTERNS: dict[str | int, str] = {
    "alias": "letters, digits, - and _ only",
    "commit": "a commit's hash, its first 7 characters at least (0 to 9, a to f)",
}
_NO_KEYS = ("[key]", "[name]", "[named]")
"""What pydantic and our unions put into the path of an error."""
_MISSING: dict[KeyPath, str] = {
    ("report", "highlight_metric"): "the name of the metric that the report is about, such as val_accuracy",
    ("storage", "gist_url"): "the address of the gist that keeps the history",
    ("registry", "model_name"): "the name of the registered model",
}
_FIRST_KEYS: dict[KeyPath, KeyPath] = {
    ("report",): ("report", "highlight_metric"),
    ("storage",): ("storage", "gist_url"),
}
"""The key that a missing section is missed for."""


def validation_problems(
    error: ValidationError, model: type[BaseModel], other: type[BaseModel]
) -> list[Problem]:
    """One problem for each of pydantic's errors, in its order; `other` is the model of the other version."""
    return [
        _problem(details, model, other)
        for details in error.errors(include_url=False, include_input=True, include_context=True)
    ]


def unknown_key(path: KeyPath, model: type[BaseModel], other: type[BaseModel]) -> Problem:
    """A key that the model does not have, with the one that was probably meant, or its own version."""
    known = sorted(_fields_at(model, path[:-1]))
    close = get_close_matches(str(path[-1]), known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    if path[-1] in _fields_at(other, path[:-1]):
        hint = f"; it belongs to version {other.model_fields['version'].default}"
    return Problem(path, f"unknown key{hint} (known: {', '.join(known)})")


def unknown_keys(
    values: Mapping[str, object], model: type[BaseModel], path: KeyPath = ()
) -> Iterator[KeyPath]:
    """Paths of the keys that neither the model nor the models of its sections have."""
    fields = _fields_at(model, path)
    for key, value in values.items():
        if key not in fields:
            yield (*path, key)
        elif isinstance(value, dict) and _fields_at(model, (*path, key)):
            yield from unknown_keys(value, model, (*path, key))


def _problem(details: ErrorDetails, model: type[BaseModel], other: type[BaseModel]) -> Problem:
    path = tuple(part for part in details["loc"] if part not in _NO_KEYS)
    kind, found, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "extra_forbidden":
        return unknown_key(path, model, other)
    if kind == "missing":
        path = _FIRST_KEYS.get(path, path)
        wanted = _MISSING.get(path, f"a value for {dotted(path)}")
        return Problem(path, f"missing; wanted {wanted}", is_line_known=False)
    if kind in _WANTED_TYPES:
        hint = _quotes_hint(kind, found)
        return Problem(path, f"wanted {_WANTED_TYPES[kind]}; found {shown(found)}{hint}")
    if kind in _WANTED_BOUNDS:
        wanted = _WANTED_BOUNDS[kind].format(**context)
        if kind == "literal_error":
            wanted = wanted.replace("True", "true").replace("False", "false")
        return Problem(path, f"wanted {wanted}; found {shown(found)}")
    if kind == "string_too_short":
        return Problem(path, f"empty; wanted {_MISSING.get(path, 'text')}")
    if kind == "string_pattern_mismatch":
        wanted = _WANTED_PATTERNS.get(path[-1], "text without control characters")
        return Problem(path, f"wanted {wanted}; found {shown(found)}")
    found_text = f"; found {shown(found)}" if not isinstance(found, dict | BaseModel) else ""
    return Problem(path, f"{details['msg']}{found_text}")


def _quotes_hint(kind: str, found: object) -> str:
    if kind in ("int_type", "float_type") and isinstance(found, str):
        return " (a number stands without quotes)" if found.strip().replace(".", "", 1).isdigit() else ""
    is_scalar = isinstance(found, bool | int | float)
    return " (put it in quotes)" if kind == "string_type" and is_scalar else ""


def _fields_at(model: type[BaseModel], path: KeyPath) -> set[str]:
    """The keys that may stand under a path; empty where any key may, or none."""
    annotation: Any = model
    for part in path:
        inner = _unwrapped(annotation)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            field = inner.model_fields.get(str(part))
            annotation = field.annotation if field else None
        elif get_origin(inner) is dict:
            annotation = get_args(inner)[1]
        elif get_origin(inner) is tuple:
            annotation = get_args(inner)[0]
        else:
            return set()
    inner = _unwrapped(annotation)
    return set(inner.model_fields) if isinstance(inner, type) and issubclass(inner, BaseModel) else set()


def _unwrapped(annotation: Any) -> Any:
    """The section or the mapping in `Annotated[…]` and `… | None`."""
    if get_origin(annotation) is Annotated:
        return _unwrapped(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        candidates = [_unwrapped(argument) for argument in get_args(annotation)]
        sections = [item for item in candidates if isinstance(item, type) and issubclass(item, BaseModel)]
        return next(iter(sections + [item for item in candidates if item is not type(None)]), None)
    return annotation
