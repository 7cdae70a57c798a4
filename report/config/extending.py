"""The config that another one `extends`: one for many repositories, whose keys count where the own file is silent."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ..bounded_http import BoundedHttp, HttpCallError
from ..errors import ConfigError
from .document import MAX_BYTES, Document, parse_document, read_document
from .messages import Problem, config_error
from .model import PLACES

KEY = "extends"
SECONDS = 10.0
"""For a shared config to come from its server, its second try among it."""
ATTEMPTS = 2
_PAUSE_SECONDS = 1.0
_LINE = re.compile(r"\bline (\d+)\b")
_ACTING = ("mlflow", "registry", "project")
"""The sections that make a run do something. Without the shared config nobody knows the bounds that it sets to them."""


class UnreachableError(Exception):
    """The shared config did not come; the text says why, as the end of a sentence."""


def read_shared(target: str, own: Path, root: Path) -> Document:
    """The shared config that `target` names: a URL, or a path as seen from the folder of the file `own`.

    Raises `ConfigError` for a file that is not in the repository, or that can't be used; `UnreachableError` for a URL
    that gives nothing.
    """
    if is_url(target):
        name = shown_url(target)
        text = _downloaded(target).decode("utf-8-sig", errors="replace")
        return parse_document(text, name)
    path = own.parent / target
    if not path.resolve().is_relative_to(root.resolve()):
        text = f"{KEY}: {target} is outside of the repository; wanted a path in it, or a URL"
        raise config_error(own.name, [Problem((), text)], {})
    return read_document(path, target)


def merged(own: Document, shared: Document) -> Document:
    """Both as one: section by section, each key from the own file where that has it, else from the shared one.

    A list is one value. An own place of the history takes the place of a shared one of another kind.
    """
    inherited = dict(shared.values)
    storage, below = own.values.get("storage"), inherited.get("storage")
    if isinstance(storage, dict) and isinstance(below, dict):
        given = {key for key in PLACES if storage.get(key) is not None}
        others = {*PLACES, "git_url"} - given - ({"git_url"} if "branch" in given else set())
        inherited["storage"] = {key: value for key, value in below.items() if not given or key not in others}
    return replace(own, values=_joined(inherited, own.values))


def alone(own: Document) -> Document:
    """The own file without the shared one: it reports, and does nothing else."""
    values = {key: value for key, value in own.values.items() if key not in _ACTING}
    return replace(own, values=values, is_part=True)


def with_any_metric(values: dict[str, object]) -> dict[str, object]:
    """The same, where the one key that every config must have may be left to another file."""
    report = values.get("report")
    if report is not None and not isinstance(report, dict):
        return values
    return {**values, "report": {"highlight_metric": None, **(report or {})}}


def is_url(target: str) -> bool:
    """Whether a shared config is named by a URL, not by a path."""
    return "://" in target


def shown_url(target: str) -> str:
    """A URL as it may be shown: some servers take a token in the query."""
    scheme, host, path, _, _ = urlsplit(target)
    return urlunsplit((scheme, host, path, "", ""))


def unreachable_notice(target: str, why: UnreachableError) -> Problem:
    """What the report says in place of the shared config."""
    return Problem(
        (KEY,),
        f"the shared config {shown_url(target)} {why}; this file's own keys count alone, and nothing is trained, "
        "registered or deleted",
    )


def unusable(target: str, error: ConfigError) -> ConfigError:
    """The error in place of one about what a URL holds: where it is wrong, and none of its text."""
    count = len(str(error).splitlines())
    line = _LINE.search(str(error))
    where = f", the first in line {line[1]}" if line else ""
    problems = "1 problem" if count == 1 else f"{count} problems"
    return ConfigError(
        f"{shown_url(target)}: is no config that can be used ({problems}{where}); "
        "`devops-mlops-report check --config FILE` on a copy of it says what"
    )


def _joined(below: dict[str, object], above: dict[str, object]) -> dict[str, object]:
    both = dict(below)
    for key, value in above.items():
        inherited = both.get(key)
        if isinstance(inherited, dict) and isinstance(value, dict):
            both[key] = _joined(inherited, value)
        elif value is not None or key not in both:
            both[key] = value
    return both


def _downloaded(url: str) -> bytes:
    """What the URL holds. No credential is sent, and another host is not followed to."""
    deadline = time.monotonic() + SECONDS
    why = ""
    with BoundedHttp() as http:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(_PAUSE_SECONDS)
            left = deadline - time.monotonic()
            try:
                answer = http.call("GET", url, seconds=max(left, 0.0), bytes_at_most=MAX_BYTES)
            except HttpCallError as error:
                why = why or str(error)
                continue
            if answer.status == 200:
                return answer.body
            why = f"can't be had: its server answered {answer.status}"
            if answer.status < 500:
                break
    raise UnreachableError(why)
