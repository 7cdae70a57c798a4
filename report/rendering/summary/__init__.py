"""The summary of one commit: verdict first, then model, changes, trend, what ran, the trace, the notices."""

from __future__ import annotations

from collections.abc import Iterable

from ..content import Content
from ..markdown import details, fenced, prose
from .first_screen import first_screen, is_worth_saying, title
from .model import changes_section, model_section
from .pipeline import pipeline_section, trace_section
from .verdict import trend_section

LARGEST_SUMMARY = 1_000_000
"""Bytes. GitHub drops a step's summary as a whole above 1 MiB."""

__all__ = [
    "LARGEST_SUMMARY",
    "first_screen",
    "is_worth_saying",
    "render_afterwards",
    "render_problem",
    "render_summary",
    "title",
]


def render_summary(content: Content) -> str:
    """GitHub-flavoured Markdown, ending in a line break. Pure: the same content gives the same text."""
    parts = [
        first_screen(content),
        model_section(content),
        changes_section(content),
        trend_section(content),
        pipeline_section(content),
        trace_section(content),
        _notices(content),
        _unrecorded(content),
    ]
    shown = [part for part in parts if part]
    # What is long is folded and last of its part; rather a shorter report than none.
    while len("\n\n".join(shown).encode()) > LARGEST_SUMMARY and len(shown) > 1:
        shown.remove(max(shown[1:], key=len))
    return "\n\n".join(shown) + "\n"


def render_problem(title: str, problem: str) -> str:
    """The summary of a run that could not report on a commit: never empty, and says why."""
    lines = "\n".join(f"- {prose(line)}" for line in problem.splitlines() if line.strip())
    return f"## ❌ {title}\n\n{lines}\n"


def render_afterwards(notices: Iterable[str]) -> str:
    """What was done after the summary was published, to stand below it."""
    return "\n" + "\n".join(f"- {prose(notice)}" for notice in notices) + "\n"


def _unrecorded(content: Content) -> str:
    """The row itself, to be saved to a file by hand: it is nowhere else."""
    if not content.unrecorded:
        return ""
    return f"The row, for `devops-mlops-report merge FILE`:\n\n{fenced(content.unrecorded)}"


def _notices(content: Content) -> str:
    lines = "\n".join(f"- {prose(notice)}" for notice in dict.fromkeys(content.notices))
    if not lines:
        return ""
    return details(f"What is not here, and why ({len(dict.fromkeys(content.notices))})", lines)
