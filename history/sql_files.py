"""The SQL files that the package ships: where they are, what their opening comments say, in which order they load."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from .errors import HistoryError
from .late_dataclass import dataclass

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

_BETWEEN_WORDS = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}
_LONGEST_NAME = 64
_LIMIT = re.compile(r"^create or replace macro (\w+)\(\) as ([0-9.e-]+);\n", re.M)

_PACKAGE = __package__.rsplit(".", 1)[0]


@dataclass(frozen=True)
class View:
    """One file of `views/`, or of a folder in it."""

    name: str
    folder: str
    """Of the steps: what they are about. Empty for the public views, which are part of the SQL contract."""
    purpose: str
    grain: str
    units: str
    why_table: str
    """Why it is computed once and kept; empty for one that is computed wherever it is read."""
    select: str
    words: frozenset[str]
    """Every word of its select, names of tables among them."""
    reads: frozenset[str] = frozenset()
    """Names of the other views in its select."""

    @property
    def is_public(self) -> bool:
        """Part of the SQL contract; the others are steps on the way."""
        return not self.folder

    @property
    def is_materialized(self) -> bool:
        """Computed once and kept."""
        return bool(self.why_table)


def folder(name: str) -> Traversable:
    """The folder `name` of the installed package."""
    return files(_PACKAGE).joinpath(name)


def read_sql(folder_name: str, file_name: str) -> str:
    """The text of one shipped SQL file."""
    return folder(folder_name).joinpath(file_name).read_text(encoding="utf-8")


@cache
def macros() -> str:
    """What several views share, to be loaded before them; the limits not, whose numbers stand where they are used."""
    text = read_sql("views", MACROS)
    return _with_limits(_LIMIT.sub("", text))


@cache
def _limits() -> dict[str, str]:
    """The limits of the verdicts' method, by name: macros that stand for a number."""
    return dict(_LIMIT.findall(read_sql("views", MACROS)))


def _with_limits(sql: str) -> str:
    """The SQL with the numbers in place of the limits' names, each of which the database would look up and expand."""
    *called, rest = sql.split("()")
    return "".join(map(_with_limit_at_end, called)) + rest


def _with_limit_at_end(before_call: str) -> str:
    name = re.search(r"\w*\Z", before_call[-_LONGEST_NAME:]).group()  # type: ignore[union-attr]
    number = _limits().get(name)
    return f"{before_call}()" if number is None else before_call.removesuffix(name) + number


@cache
def views() -> tuple[View, ...]:
    """Every view, each after those that it reads."""
    root = folder("views")
    subjects = {item.name: item for item in root.iterdir() if item.is_dir() and item.name != "__pycache__"}
    found = {}
    for subject, place in {"": root, **subjects}.items():
        for file in place.iterdir():
            if file.name.endswith(".sql") and file.name != MACROS:
                view = _parse_view(file.name.removesuffix(".sql"), subject, file.read_text(encoding="utf-8"))
                found[view.name] = view
    return tuple(_in_order_of_use(found))


@cache
def views_that_read(table: str) -> frozenset[str]:
    """Names of the views whose answer depends on a table: those that name it, and those that read them."""
    reading: set[str] = set()
    for view in views():
        if table in view.words or view.reads & reading:
            reading.add(view.name)
    return frozenset(reading)


def views_behind(names: Iterable[str]) -> tuple[View, ...]:
    """The views of these names and those that they read, each after those that it reads; other names stand for none."""
    by_name = _by_name()
    waiting = set(names) & set(by_name)
    wanted: set[str] = set()
    while waiting:
        name = waiting.pop()
        wanted.add(name)
        waiting |= by_name[name].reads - wanted
    return tuple(view for view in views() if view.name in wanted)


@cache
def _by_name() -> dict[str, View]:
    return {view.name: view for view in views()}


@dataclass(frozen=True)
class Plan:
    """A query, as it is given to the database."""

    text: str
    """With the steps that it reads and that are no tables as its own first steps: like this the database has one
    statement to plan, not one more for each step, and none twice."""
    tables: tuple[View, ...]
    """The views that are to be there before, each after those that it reads."""


@cache
def plan_of(query: str) -> Plan:
    """How one of our own queries is asked: of a view, or of a question of the report."""
    named = _words(query)
    steps = _steps_among(view for view in views() if view.name in named)
    return Plan(
        _with_limits(_with_steps(query, [view for view in views() if view.name in steps])),
        tuple(view for view in views_behind(named) if view.is_materialized),
    )


def _steps_among(read: Iterable[View]) -> set[str]:
    """Names of the views that are no tables, among these and those that they read in turn."""
    waiting = list(read)
    steps: set[str] = set()
    while waiting:
        view = waiting.pop()
        if not view.is_materialized and view.name not in steps:
            steps.add(view.name)
            waiting += [_by_name()[name] for name in view.reads]
    return steps


def _with_steps(query: str, steps: Sequence[View]) -> str:
    if not steps:
        return query
    named = ",\n\n".join(f"{step.name} as (\n\n{step.select}\n\n)" for step in steps)
    notes, begins, rest = re.split(
        r"^(with(?: recursive)?\b|(?=(?:select|from)\b))", query, maxsplit=1, flags=re.M
    )
    return f"{notes}{begins or 'with'}\n\n{named}{',' if begins else ''}\n\n{rest}"


def _parse_view(name: str, subject: str, text: str) -> View:
    opening = re.match(r"(?:--.*\n)*", text)
    notes = {"purpose": ""}
    note = "purpose"
    for line in opening.group().splitlines() if opening else []:
        said = line.removeprefix("--").strip()
        if named := re.match(r"(grain|units|table): *", said):
            note, said = named.group(1), said[named.end() :]
        notes[note] = f"{notes.get(note, '')} {said}".strip()
    if not all(notes.get(wanted) for wanted in ("purpose", "grain", "units")):
        raise HistoryError(f"views/{name}.sql: wanted opening comments: purpose, grain: ..., units: ...")
    select = text.strip().rstrip(";")
    return View(
        name=name,
        folder=subject,
        purpose=notes["purpose"],
        grain=notes["grain"],
        units=notes["units"],
        why_table=notes.get("table", ""),
        select=select,
        words=frozenset(_words(select)),
    )


def _in_order_of_use(found: dict[str, View]) -> list[View]:
    reading = {
        name: replace(view, reads=frozenset(view.words & set(found) - {name})) for name, view in found.items()
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
    return set(re.sub(r"--.*|'[^']*'", "", sql).translate(_BETWEEN_WORDS).split())
