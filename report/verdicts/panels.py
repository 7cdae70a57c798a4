"""What a repository asks of its history besides: panels, each a query's answer, and checks that must find no row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from ...history import History, HistoryError, QueryError
from ...history.errors import UnusableFileError
from ...history.late_dataclass import dataclass
from ...history.regular_files import read_regular
from ..config import CheckSection, PanelSection
from ..errors import ReportError

SECONDS = 60
"""For all of a report's own queries together."""
MEMORY = "2GB"
MOST_ROWS = 1000
"""Of a panel: more are counted and not shown. Whoever draws one needs no more."""
_MOST_FOUND = 20
"""Rows that a failed check shows."""
_LARGEST_QUERY = 100_000

Kind = Literal["table", "line", "bar"]


@dataclass(frozen=True)
class Panel:
    """The answer to one query."""

    title: str
    kind: Kind
    names: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    has_more: bool = False
    """It has more rows than these."""
    problem: str = ""
    """Why there is no answer: a sentence that may quote."""


@dataclass(frozen=True)
class Found:
    """What one check found: nothing, rows that must not be there, or that it can't be asked."""

    title: str
    fails: bool
    """Whether what it found fails the run."""
    panel: Panel

    @property
    def sentence(self) -> str:
        """What is wrong; empty where all is well."""
        if self.panel.problem:
            return f"The check `{self.title}` could not be made: {self.panel.problem}"
        count = len(self.panel.rows)
        if not count:
            return ""
        rows = "1 row" if count == 1 else f"{'more than ' if self.panel.has_more else ''}{count} rows"
        first = ", ".join(
            f"{name} {'NULL' if value is None else value}"
            for name, value in zip(self.panel.names, self.panel.rows[0], strict=True)
        )
        begins = "it is" if count == 1 else "the first is"
        return f"The check `{self.title}` must find nothing, and found {rows}; {begins} `{first[:300]}`"


def begin_own_queries(history: History) -> None:
    """From now on the history answers whatever a repository asks: of all commits, within bounds, and it only reads.

    To be called when it is saved: nothing can be written from then on.
    """
    history.focus_on(())
    history.answer_for(())
    history.limit(SECONDS, MEMORY)
    history.lock_down()


def show_panel(history: History, section: PanelSection, root: Path) -> Panel:
    """The panel's answer, or why there is none: one that fails leaves the others as they are."""
    return _asked(history, section.title, section.query, section.chart, root, MOST_ROWS)


def make_check(history: History, section: CheckSection, root: Path) -> Found:
    """What the check found."""
    title = section.title or Path(section.query).stem
    panel = _asked(history, title, section.query, "table", root, _MOST_FOUND)
    return Found(title, section.on_failure == "fail", panel)


def _asked(history: History, title: str, query: str, kind: Kind, root: Path, at_most: int) -> Panel:
    try:
        relation = history.sql(_read(query, root))
        names, rows = history.fetch(relation.limit(at_most + 1))
    except QueryError as error:
        return Panel(title, kind, problem=f"`{query}`: {error}")
    except (ReportError, HistoryError) as error:
        return Panel(title, kind, problem=str(error))
    return Panel(title, kind, names, rows[:at_most], has_more=len(rows) > at_most)


def _read(query: str, root: Path) -> str:
    """The text of the query's file. Raises `ReportError`, also for one outside of the checkout."""
    path = root / query
    if not path.resolve().is_relative_to(root.resolve()):
        raise ReportError(f"`{query}` is outside of the checkout, wanted a file in it")
    try:
        return read_regular(path, _LARGEST_QUERY).decode()
    except UnusableFileError as error:
        raise ReportError(f"`{query}` {error}") from error
    except UnicodeDecodeError as error:
        raise ReportError(f"`{query}` is no UTF-8, wanted SQL") from error
