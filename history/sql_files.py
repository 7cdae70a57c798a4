"""The SQL files that the package ships: where they are, what their opening comments say, in which order they load."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from .errors import HistoryError

MACROS = "macros.sql"
"""The file of `views/` that is no view: what several of them share, loaded first."""

TABLES = (
    "commits",
    "settings",
    "metric_rules",
    "accepted_changes",
    "ancestry",
    "release_tags",
    "rejected_rows",
)
"""The tables that users ask and export; others serve the views."""

_PACKAGE = __package__.rsplit(".", 1)[0]


@dataclass(frozen=True)
class View:
    """One file of `views/`."""

    name: str
    purpose: str
    grain: str
    units: str
    is_public: bool
    """Part of the SQL contract; the others are steps on the way."""
    is_materialized: bool
    """Computed once and kept: several views read it, or a recursion needs its input at hand."""
    select: str
    reads: frozenset[str] = frozenset()
    """Names of the other views in its select."""


def folder(name: str) -> Traversable:
    """The folder `name` of the installed package."""
    return files(_PACKAGE).joinpath(name)


def read_sql(folder_name: str, file_name: str) -> str:
    """The text of one shipped SQL file."""
    return folder(folder_name).joinpath(file_name).read_text(encoding="utf-8")


@cache
def views() -> tuple[View, ...]:
    """Every view, each after those that it reads."""
    found = {}
    for file in folder("views").iterdir():
        if file.name.endswith(".sql") and file.name != MACROS:
            view = _parse_view(file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
            found[view.name] = view
    return tuple(_in_order_of_use(found))


def views_behind(names: Iterable[str]) -> tuple[View, ...]:
    """The views of these names and those that they read, each after those that it reads; other names stand for none."""
    by_name = {view.name: view for view in views()}
    waiting = set(names) & set(by_name)
    wanted: set[str] = set()
    while waiting:
        name = waiting.pop()
        wanted.add(name)
        waiting |= by_name[name].reads - wanted
    return tuple(view for view in views() if view.name in wanted)


def _parse_view(name: str, text: str) -> View:
    lines = [line.removeprefix("--").strip() for line in text.splitlines() if line.startswith("--")]
    notes = dict(line.split(":", 1) for line in lines[:6] if re.match(r"(grain|units|kind):", line))
    if not lines or "grain" not in notes or "units" not in notes:
        raise HistoryError(f"views/{name}.sql: wanted opening comments: purpose, grain: ..., units: ...")
    kind = notes.get("kind", "")
    return View(
        name=name,
        purpose=lines[0],
        grain=notes["grain"].strip(),
        units=notes["units"].strip(),
        is_public="step" not in kind,
        is_materialized="materialized" in kind,
        select=text.strip().rstrip(";"),
    )


def _in_order_of_use(found: dict[str, View]) -> list[View]:
    reading = {
        name: replace(view, reads=frozenset(_words(view.select) & set(found) - {name}))
        for name, view in found.items()
    }
    ordered: list[View] = []
    waiting = sorted(found)
    while waiting:
        ready = [name for name in waiting if not reading[name].reads & set(waiting)]
        if not ready:
            raise HistoryError(f"views/: {', '.join(waiting)} read each other in a circle")
        ordered += [reading[name] for name in ready]
        waiting = [name for name in waiting if name not in ready]
    return ordered


def _words(sql: str) -> set[str]:
    return set(re.findall(r"\w+", re.sub(r"--.*", "", sql)))
