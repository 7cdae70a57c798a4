"""The summary of one commit: the first screen, then the trend, and folded what few readers open."""

from __future__ import annotations

from collections.abc import Iterable

from ..content import Content
from ..fitting import fitted
from ..markdown import details, fenced, prose
from .changed import changes_section
from .first_screen import first_screen, is_worth_saying, title
from .metrics_table import more_metrics
from .model import model_section
from .panels import panels_section
from .pipeline import pipeline_section, trace_section
from .trend import trend_section
from .why import why_section

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
    unrecorded = _unrecorded(content)
    parts = [
        first_screen(content),
        model_section(content),
        trend_section(content),
        more_metrics(content),
        panels_section(content),
        why_section(content),
        changes_section(content),
        pipeline_section(content),
        _notices(content),
        unrecorded,
        trace_section(content),
    ]
    # Rather a shorter report than none; the row that is nowhere else is the last that goes.
    return fitted([part for part in parts if part], LARGEST_SUMMARY, last=[unrecorded]) + "\n"


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
    mended = "\n".join(f"- {prose(text)}: {prose(remedy)}." for text, remedy in content.remedies)
    if mended:
        lines += f"\n\nWhat `devops-mlops-report check` finds in the workflow:\n\n{mended}"
    return details(f"What is not here, and why ({len(dict.fromkeys(content.notices))})", lines)
