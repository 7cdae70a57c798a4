"""One problem a line: where it is in the config, what was found, what is wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
