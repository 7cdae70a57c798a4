"""What a reader sees first, wherever the report is shown: on the job's page, in the pull request, at its check."""

from __future__ import annotations

from ..content import Content
from ..markdown import plain, prose
from .headline import headline
from .verdict import verdict_section

_QUIET = ("as usual", "accepted", "not measured", "first", "new level", "perhaps changed", "already worse")
"""States of a metric that nobody has to hear of: as it was, too early to tell, or as it was before the pull request."""


def first_screen(content: Content) -> str:
    """The state of the commit, what failed, the verdict and what else changed: Markdown, a few lines."""
    return "\n\n".join(
        part for part in (headline(content), problems(content), verdict_section(content)) if part
    )


def title(content: Content) -> str:
    """The heading of the first screen as one line of plain text."""
    return plain(headline(content).partition("\n")[0].lstrip("# "))


def problems(content: Content) -> str:
    """What failed in this run, as a quote."""
    return "\n".join(f"> ⚠️ {prose(problem)}\n>" for problem in content.problems).removesuffix("\n>")


def is_worth_saying(content: Content) -> bool:
    """Whether there is more to tell than that all is as usual: something failed, or a metric is not where it was."""
    row = content.row
    has_failed = row.get("workflow_status") in ("failure", "cancelled") or row.get("training") == "failed"
    has_moved = any(standing["state"] not in _QUIET for standing in content.answers.standings)
    return bool(has_failed or has_moved or content.problems or content.failed_rules)
