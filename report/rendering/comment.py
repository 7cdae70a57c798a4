"""The pull request's comment, and the text of its check: the first screen, with a link to the whole report."""

from __future__ import annotations

from .content import Content
from .markdown import link
from .summary.first_screen import first_screen

LARGEST_COMMENT = 65_535 - 1_000
"""Bytes. GitHub takes 65,536 characters in a comment, 65,535 bytes in a check; what delivery adds has room beside."""
_CUT = "\n\n… the rest is in the whole report."


def render_comment(content: Content) -> str:
    """Markdown of `LARGEST_COMMENT` bytes at most, the last parts left out first. Pure."""
    whole = link("The whole report", content.trace.run_url)
    foot = f"\n\n{whole}" if content.trace.run_url else ""
    return shortened(first_screen(content), LARGEST_COMMENT - _size(foot)) + foot + "\n"


def shortened(text: str, longest: int) -> str:
    """The blocks that fit into so many bytes, never a part of one: no table, quote or fold is cut in the middle."""
    if _size(text) <= longest:
        return text
    blocks = text.split("\n\n")
    while len(blocks) > 1 and (
        _size("\n\n".join(blocks)) > longest - _size(_CUT) or _is_open(blocks, "<details>", "</details>")
    ):
        blocks.pop()
    kept = "\n\n".join(blocks)
    return (kept if _size(kept) <= longest - _size(_CUT) else "") + _CUT


def _size(text: str) -> int:
    return len(text.encode())


def _is_open(blocks: list[str], begin: str, end: str) -> bool:
    return sum(block.count(begin) - block.count(end) for block in blocks) > 0
