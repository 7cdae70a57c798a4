"""Many histories read at once, and what the overview asks of them together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from ...history import History, HistoryError, Settings
from ...history.combining import combined, rows_in_todays_layout
from ...history.late_dataclass import dataclass
from ...history.stores import Location
from ..errors import ReportError, shortened
from ..verdicts.answers import ask_question
from .fleet import Entry, Fleet

_AT_ONCE = 8
"""Histories that are fetched side by side: most of it is waiting for hosts."""
MEMORY = "600MB"
"""For the tables of all of them; beyond it the database goes to the disk."""


@dataclass(frozen=True)
class Overview:
    """What there is to tell of a fleet."""

    repositories: Sequence[dict[str, Any]]
    """Rows of the question `fleet_repositories`: what needs a person first."""
    unread: Sequence[tuple[str, str]]
    """Histories that could not be read, by how a person knows them, and why; each costs itself alone."""
    count_rows: int
    made_at: datetime
    fleet: Fleet

    @property
    def new_regressions(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Repository and regression of those that began lately."""
        return [(row, each) for row in self.repositories for each in row["regressions"] if each["is_new"]]


@dataclass(frozen=True)
class _Read:
    entry: Entry
    rows: bytes = b""
    problem: str = ""


def read_overview(
    fleet: Fleet, locate: Callable[[str], Location], now: datetime, step: Callable[[], None]
) -> Overview:
    """Read every history and ask them together. `now` is aware; `step` is called after each of them."""

    def read(entry: Entry) -> _Read:
        try:
            location = locate(entry.source)
            with location.load(Settings()) as history:
                if location.is_new:
                    return _Read(entry, problem="there is no history")
                return _Read(entry, rows_in_todays_layout(history, entry.name))
        except (HistoryError, ReportError) as error:
            return _Read(entry, problem=str(error))
        except Exception as error:  # noqa: BLE001 - whatever one of them holds, the others are told of
            return _Read(entry, problem=f"unexpected {type(error).__name__}: {shortened(error)}")
        finally:
            step()

    with ThreadPoolExecutor(_AT_ONCE) as readers:
        found = list(readers.map(read, fleet.entries))
    with combined((each.rows for each in found), Settings(default_branch=fleet.default_branch)) as history:
        history.limit(None, MEMORY)
        return Overview(
            repositories=_repositories(history, fleet, now),
            unread=[(each.entry.source, each.problem) for each in found if each.problem],
            count_rows=history.count_rows,
            made_at=now,
            fleet=fleet,
        )


def _repositories(history: History, fleet: Fleet, now: datetime) -> list[dict[str, Any]]:
    newest = ask_question(history, "fleet_newest")
    # There is no checkout: the rows tell what came before the newest commit of each default branch.
    history.set_recorded_ancestry({row["repository"]: row["commit_sha"] for row in newest})
    # Nothing is asked about what was before the newest commit of each: the views are spared it.
    history.answer_for(row["commit_sha"] for row in newest)
    return ask_question(
        history,
        "fleet_repositories",
        repositories=[row["repository"] for row in newest],
        branches=[row["branch"] for row in newest],
        now=now.replace(tzinfo=None),
        days=fleet.days,
        stale_days=fleet.stale_days,
        new_hours=fleet.new_hours,
    )
