"""What the repository asks besides: each panel as a chart or a table, and the rows that a check found."""

from __future__ import annotations

import html

from ...verdicts.panels import Panel
from ..answer_tables import format_answer
from ..chart import mermaid_panel
from ..content import Content
from ..markdown import details, escaped, one_line, prose
from ..quantities import plural

SHOWN_AT_ONCE = 20
MOST_ROWS = 200


def panels_section(content: Content) -> str:
    """Panels in the order of the config, then what checks found; empty where nothing is asked."""
    panels = [_panel(panel) for panel in content.panels]
    found = [
        details(f"What the check {html.escape(one_line(each.title))} found", _table(each.panel, MOST_ROWS))
        for each in content.checks
        if each.panel.rows
    ]
    passed = [each for each in content.checks if not each.sentence]
    told = f"{plural(len(passed), 'check')} of {len(content.checks)} found nothing." if content.checks else ""
    return "\n\n".join(part for part in [*panels, told, *found] if part)


def _panel(panel: Panel) -> str:
    heading = f"### {escaped(panel.title)}"
    if panel.problem:
        return f"{heading}\n\n{prose(f'There is no answer: {panel.problem}')}"
    if not panel.rows:
        return f"{heading}\n\nNo rows."
    chart = None if panel.kind == "table" else mermaid_panel(panel.title, panel.names, panel.rows, panel.kind)
    if chart is None:
        return f"{heading}\n\n{_table(panel, SHOWN_AT_ONCE)}"
    return f"{heading}\n\n{chart}\n{details('As a table', _table(panel, MOST_ROWS))}"


def _table(panel: Panel, at_most: int) -> str:
    shown = format_answer(panel.names, panel.rows[:at_most], "markdown").rstrip()
    left = len(panel.rows) - at_most
    more = f"more than {plural(left, 'row')}" if panel.has_more else plural(left, "more row")
    return f"{shown}\n\nand {more}" if left > 0 or panel.has_more else shown
