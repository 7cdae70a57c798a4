"""Texts within the limits of the place that shows them: what is long shrinks first, and says what it left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

CUT = "\n\n… the rest is in the whole report."
_FEWEST_LINES = 8
"""A table or list of fewer lines is left out as a whole with its part."""
_LINE = re.compile(r"\| (?!---)|- ")
_LEFT_OUT = re.compile(r"… and ([\d,]+) more would not fit\.")


def size(text: str) -> int:
    """Bytes, as the limits count."""
    return len(text.encode())


def shortened(text: str, longest: int) -> str:
    """The blocks that fit into so many bytes, never a part of one: no table, quote or fold is cut in the middle."""
    if size(text) <= longest:
        return text
    blocks = text.split("\n\n")
    while len(blocks) > 1 and (
        size("\n\n".join(blocks)) > longest - size(CUT) or _is_open(blocks, "<details>", "</details>")
    ):
        blocks.pop()
    kept = "\n\n".join(blocks)
    return (kept if size(kept) <= longest - size(CUT) else "") + CUT


def _is_open(blocks: list[str], begin: str, end: str) -> bool:
    return sum(block.count(begin) - block.count(end) for block in blocks) > 0


def fitted(parts: Sequence[str], longest: int, *, last: Sequence[str] = ()) -> str:
    """The parts as one text of so many bytes at most, but for the first, which always stays.

    The longest table or list loses the second half of its lines, and says how many; where there is none, the longest
    part goes, and the end says so. Those of `last` go when nothing else is left.
    """
    shown, left_out = list(parts), 0
    room = longest - size("\n\n99 parts of this report would not fit and are left out.")
    while size("\n\n".join(shown)) > room and len(shown) > 1:
        at = max(range(1, len(shown)), key=lambda at: (shown[at] not in last, size(shown[at])))
        if shorter := _without_half_a_table(shown[at]):
            shown[at] = shorter
        else:
            del shown[at]
            left_out += 1
    if left_out:
        are = "part" if left_out == 1 else "parts"
        shown.append(f"{left_out} {are} of this report would not fit and are left out.")
    return "\n\n".join(shown)


def _without_half_a_table(part: str) -> str | None:
    """The part whose longest table or list has lost the second half of its lines; None without one that is long."""
    lines = part.split("\n")
    begin, end = _longest_run(lines)
    count = end - begin
    if count < _FEWEST_LINES:
        return None
    middle, rest, gone = begin + count // 2, end, count - count // 2
    if (before := _LEFT_OUT.fullmatch("\n".join(lines[end + 1 : end + 2]))) is not None:
        gone, rest = gone + int(before[1].replace(",", "")), end + 2
    return "\n".join([*lines[:middle], "", f"… and {gone:,} more would not fit.", *lines[rest:]])


def _longest_run(lines: Sequence[str]) -> tuple[int, int]:
    """Begin and end of the lines of the table or list that takes most bytes."""
    best, begin = (0, 0, 0), 0
    for at, line in enumerate([*lines, ""]):
        if _LINE.match(line):
            continue
        best = max(best, (sum(map(size, lines[begin:at])), begin, at))
        begin = at + 1
    return best[1], best[2]
