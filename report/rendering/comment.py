"""The pull request's comment, and the text of its check: the first screen, with a link to the whole report."""

from __future__ import annotations

from .content import Content
from .fitting import shortened, size
from .markdown import link
from .summary.first_screen import first_screen

LARGEST_COMMENT = 65_535 - 1_000
"""Bytes. GitHub takes 65,536 characters in a comment, 65,535 bytes in a check; what delivery adds has room beside."""


def render_comment(content: Content) -> str:
    """Markdown of `LARGEST_COMMENT` bytes at most, the last parts left out first. Pure."""
    whole = link("The whole report", content.trace.run_url)
    foot = f"\n\n{whole}" if content.trace.run_url else ""
    return shortened(first_screen(content), LARGEST_COMMENT - size(foot)) + foot + "\n"
