"""The report in a terminal: its first screen, the trend drawn, what is absent; and tables of answers.

Coloured for people, plain where a file or a program reads it, never Markdown. Whatever is shown is cleaned once more as
it leaves: only this module's own sequences act in a terminal.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from ..harmless import UNSEEN, harmless
from .answer_tables import Grid, Part, Title
from .content import Content
from .markdown import one_line, prose
from .quantities import number, plural
from .states import shown_point
from .summary.first_screen import first_screen

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

TREND_LINES = 5
_BLOCKS = " ▁▂▃▄▅▆▇█"
_STYLES = {"🔴": "red", "🟠": "dark_orange", "🟡": "yellow", "🟢": "green"}
_USUAL = "cyan"
_LABEL_CELLS = 9
_LONG_CELL = 20


class Screen(NamedTuple):
    """What there is to write on."""

    width: int
    """In cells of a character."""
    colours: str | None
    """As rich calls what a terminal can; None for plain text."""


def render_report(
    content: Content, paths: Mapping[str, str], hide: Callable[[str], str], screen: Screen
) -> str:
    """The report's first part for a person at a terminal. `paths`: what was written where; `hide` takes secrets out."""
    from rich.console import Group

    notices = "\n".join(f"- {prose(notice)}" for notice in dict.fromkeys(content.notices))
    parts: list[RenderableType] = [_markdown(hide(first_screen(content)))]
    if trend := _trend(content, screen.width):
        parts += ["", *trend]
    if notices:
        parts += ["", _markdown(hide(notices))]
    if paths:
        parts += ["", *(f"{what}: {where}" for what, where in paths.items())]
    text = _written(Group(*parts), screen)
    # The row itself, to be saved to a file by hand: as it is, whatever the width.
    rest = (
        f"\nThe row, for `devops-mlops-report merge FILE`:\n\n{content.unrecorded}"
        if content.unrecorded
        else ""
    )
    return text + harmless(hide(rest))


def render_table(names: Sequence[str], rows: Sequence[Sequence[str]], right: set[int], screen: Screen) -> str:
    """An answer's cells as a table that fits the terminal: long ones are wrapped, and nothing is left out."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for at, name in enumerate(names):
        table.add_column(Text(name), justify="right" if at in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    count = f"({plural(len(rows), 'row')})"
    return _written(table, screen) + f"{count}\n"


def render_parts(parts: Sequence[Part], hide: Callable[[str], str], screen: Screen) -> str:
    """A text with its rows as tables that fit the terminal; `hide` takes secrets out."""
    from rich.console import Group

    return _written(Group(*(_part(part, hide) for part in parts)), screen)


def _part(part: Part, hide: Callable[[str], str]) -> RenderableType:
    """One part; later lines of an indented one stand below its first word."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    if isinstance(part, Grid):
        return Padding(_grid(part, hide), (0, 0, 0, 2))
    words = part.lstrip(" ")
    indent = len(part) - len(words)
    style = "bold" if isinstance(part, Title) else ""
    item = words.removeprefix("- ")
    if item == words:
        return Padding(Text(hide(words), style=style, overflow="fold"), (0, 0, 0, indent))
    listed = Table.grid(padding=(0, 1, 0, 0))
    listed.add_row("-", Text(hide(item), overflow="fold"))
    return Padding(listed, (0, 0, 0, indent))


def _grid(grid: Grid, hide: Callable[[str], str]) -> Table:
    from rich.table import Table
    from rich.text import Text

    # Many columns stand closer, and what is short, as a hash or a time, stays on its line.
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1 if grid.has_header else 2, 0, 0))
    for at, cells in enumerate(zip(*grid.rows, strict=True)):
        is_short = max(map(len, cells)) < (_LONG_CELL if grid.has_header else _LONG_CELL + 2)
        justify: Literal["left", "right"] = "right" if at in grid.right else "left"
        table.add_column(justify=justify, overflow="fold", no_wrap=is_short)
    for place, row in enumerate(grid.rows):
        style = "bold" if grid.has_header and place == 0 else None
        table.add_row(*(Text(hide(cell)) for cell in row), style=style)
    return table


def _markdown(text: str) -> RenderableType:
    """What the summary shows too, as a terminal can: headings to the left, code without a ground."""
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.markdown import Heading, Markdown
    from rich.text import Text

    class LeftHeading(Heading):
        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            heading: Text = self.text
            heading.justify = "left"
            heading.stylize("bold")
            yield heading

    class Plain(Markdown):
        elements: ClassVar = {**Markdown.elements, "heading_open": LeftHeading}

    return Plain(text, hyperlinks=True)


def _written(renderable: RenderableType, screen: Screen) -> str:
    """The text with the sequences of its styles alone, no line with blanks at its end."""
    from rich.color import ColorSystem
    from rich.console import Console
    from rich.theme import Theme

    console = Console(
        file=io.StringIO(),
        width=screen.width,
        force_terminal=screen.colours is not None,
        color_system="truecolor" if screen.colours else None,
        theme=Theme({f"markdown.{name}": "bold" for name in ("h1", "h2", "h3", "code")}),
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    system = (
        ColorSystem[(screen.colours or "standard").upper().replace("256", "EIGHT_BIT")]
        if screen.colours
        else None
    )
    lines = []
    for line in console.render_lines(renderable, pad=False):
        pieces = [(_cleaned(segment.text), segment.style) for segment in line if not segment.control]
        while pieces and not pieces[-1][0].strip():
            pieces.pop()
        pieces[-1:] = [(text.rstrip(), style) for text, style in pieces[-1:]]
        lines.append(
            "".join(
                style.render(text, color_system=system) if style and system else text
                for text, style in pieces
            ).rstrip()
        )
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip("\n")) + "\n"


def _cleaned(text: str) -> str:
    """The text without what acts in a terminal, and without the spaces of no width that part names on a page."""
    return UNSEEN.sub(" ", text.replace("\u200b", ""))


def _trend(content: Content, width: int) -> list[Any]:
    """The charted points as columns, the newest to the right, coloured as the tables mark them."""
    from rich.text import Text

    room = max(10, min(width, 100) - _LABEL_CELLS)
    points = content.answers.highlight_points[-room:]
    values = [float(point["value"]) if point["value"] is not None else math.nan for point in points]
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) < 2:
        return []
    low, high = min(finite), max(finite)
    cells = 2 if 2 * len(points) <= room else 1
    styles = [_STYLES.get(shown_point(point).sign, _USUAL) for point in points]
    heights = [_height(value, low, high) for value in values]
    drawn = []
    for line in range(TREND_LINES - 1, -1, -1):
        label = number(high) if line == TREND_LINES - 1 else number(low) if line == 0 else ""
        text = Text(no_wrap=True).append(f"{label:>{_LABEL_CELLS - 1}} ", style="dim")
        for height, style in zip(heights, styles, strict=True):
            text.append(_BLOCKS[max(0, min(8, height - 8 * line))] * cells, style=style)
        drawn.append(text)
    goal = {"maximize": ", higher is better", "minimize": ", lower is better"}.get(
        points[-1]["goal"] or "", ""
    )
    title = f"{one_line(content.highlight_metric or '', 60)}{goal}: the last {plural(len(points), 'trained commit')}"
    return [Text(title, style="bold"), *drawn]


def _height(value: float, low: float, high: float) -> int:
    """Eighths of a line: the lowest value has some, so that it is seen; what is no number has none."""
    if not math.isfinite(value):
        return 0
    # Halved, as the distance of two numbers may be larger than the largest number.
    span = high / 2 - low / 2
    share = (value / 2 - low / 2) / span if span > 0 else 0.5
    return 2 + round(share * (8 * TREND_LINES - 2))
