"""The overview as Markdown for a job's page, as HTML, and as a message of what is new."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Any

from ..page.head import page_head, source_of
from ..rendering.markdown import code, details, escaped, link, prose, table
from ..rendering.quantities import ABSENT, duration, number, percent_change, plural, short_hash
from .reading import Overview

MOST_SHOWN = 50
"""Repositories that the summary shows at once; all of them are on the page."""
MOST_LISTED = 10
_HERE = Path(__file__).parent

Row = Mapping[str, Any]


def needs_a_look(row: Row) -> bool:
    """Something fails, or is worse; one that is merely stale may be finished."""
    return bool(row["failing_workflows"] or row["count_worse"])


def render_overview(overview: Overview, urls: Mapping[str, str]) -> str:
    """Markdown, ending in a line break. `urls`: repository → its web page, as far as that is known."""
    rows = overview.repositories
    looked = [row for row in rows if needs_a_look(row)]
    fine = [row for row in rows if not needs_a_look(row)]
    sign = "🔴" if looked else "⚪"
    parts = [
        f"## {sign} {len(looked)} of {plural(len(rows), 'repository', 'repositories')} "
        f"{'needs' if len(looked) == 1 else 'need'} a look",
        " · ".join(_counts(overview)),
        _unread(overview),
        _markdown_table(looked[:MOST_SHOWN], urls),
        f"and {plural(len(looked) - MOST_SHOWN, 'repository', 'repositories')} more, on the page"
        if len(looked) > MOST_SHOWN
        else "",
        details(
            plural(len(fine), "repository", "repositories") + " as usual",
            _markdown_table(fine[:MOST_SHOWN], urls),
        )
        if fine
        else "",
        _top(
            "Flakiest tests", [(row["repository"], name) for row in rows for name in row["flaky_tests"][:3]]
        ),
        _top(
            "Slowest jobs",
            [
                (row["repository"], f"{row['slowest_job']} ({duration(row['slowest_seconds'])})")
                for row in sorted(rows, key=lambda row: -(row["slowest_seconds"] or 0))
                if row["slowest_job"]
            ],
        ),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _counts(overview: Overview) -> list[str]:
    rows, fleet = overview.repositories, overview.fleet
    minutes = sum(row["minutes"] or 0 for row in rows)
    counted = {
        "with a failing workflow": sum(1 for row in rows if row["failing_workflows"]),
        "worse": sum(1 for row in rows if row["count_worse"]),
        f"worse since the last {plural(fleet.new_hours, 'hour')}": sum(1 for row in rows if row["count_new"]),
        f"stale for {plural(fleet.stale_days, 'day')}": sum(1 for row in rows if row["is_stale"]),
        "never trained": sum(1 for row in rows if row["never_trained"]),
    }
    told = [f"{count} {what}" for what, count in counted.items() if count]
    return [*told, f"{minutes:,.0f} CI minutes in {plural(fleet.days, 'day')}"]


def _unread(overview: Overview) -> str:
    lines = [f"- {code(source, 300)}: {prose(problem)}" for source, problem in overview.unread[:MOST_LISTED]]
    if not lines:
        return ""
    more = len(overview.unread) - len(lines)
    told = f"⚠️ {plural(len(overview.unread), 'history', 'histories')} could not be read:"
    return "\n".join([told, "", *lines, *([f"- and {more} more"] if more else [])])


_HEADER = ("Repository", "CI", "Worse", "Reported", "Trained", "CI minutes", "Flaky")


def _markdown_table(rows: Iterable[Row], urls: Mapping[str, str]) -> str:
    shown = [
        [
            link(code(row["repository"], 100), urls.get(row["repository"])),
            f"❌ {escaped(', '.join(row['failing_workflows'][:3]))}" if row["failing_workflows"] else "✅",
            "<br>".join(_worse(each) for each in row["regressions"][:2])
            + (f"<br>and {row['count_worse'] - 2} more" if row["count_worse"] > 2 else ""),
            _day(row["last_reported_at"]) + (" 💤" if row["is_stale"] else ""),
            _day(row["last_trained_at"]),
            f"{row['minutes']:,.0f}" if row["minutes"] else ABSENT,
            str(len(row["flaky_tests"])) if row["flaky_tests"] else "",
        ]
        for row in rows
    ]
    return table(_HEADER, shown, numeric=(5, 6)) if shown else ""


def _worse(each: Row) -> str:
    new = "🆕 " if each["is_new"] else ""
    by = f" by {escaped(each['author'], 60)}" if each["author"] else ""
    change = f"{code(each['metric'], 60)} {percent_change(each['percent'])}"
    return f"{new}{change} since {code(short_hash(each['since']))}{by}"


def _top(title: str, named: Sequence[tuple[str, str]]) -> str:
    if not named:
        return ""
    lines = [f"- {code(repository, 100)}: {code(name, 150)}" for repository, name in named[:MOST_LISTED]]
    return details(title, "\n".join(lines))


def _day(moment: datetime | None) -> str:
    return ABSENT if moment is None else f"{moment:%Y-%m-%d}"


_SCRIPT = (_HERE / "sorting.js").read_text(encoding="utf-8")


def overview_page(overview: Overview, urls: Mapping[str, str]) -> bytes:
    """The same as HTML with every repository, to be sorted and searched; loads nothing, needs no server."""
    count = plural(len(overview.repositories), "repository", "repositories")
    filled = Template((_HERE / "overview.html").read_text(encoding="utf-8")).substitute(
        head=page_head(f"Overview of {count}", [source_of(_SCRIPT)]),
        count=count,
        counts=html.escape(" · ".join(_counts(overview))),
        made=f"{overview.made_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        unread="".join(
            f"<li><code>{html.escape(source)}</code>: {html.escape(problem)}</li>"
            for source, problem in overview.unread
        ),
        rows="\n".join(_page_row(place, row, urls) for place, row in enumerate(overview.repositories)),
        script=_SCRIPT,
    )
    return filled.encode("utf-8", "replace")


def _page_row(place: int, row: Row, urls: Mapping[str, str]) -> str:
    """A row of the page's table; `data-by` is what a column is sorted by."""
    name, url = html.escape(row["repository"]), urls.get(row["repository"])
    failing = ", ".join(row["failing_workflows"])
    cells = [
        (
            f'<a href="{html.escape(url)}" rel="noopener noreferrer">{name}</a>' if url else name,
            row["repository"],
        ),
        (html.escape(row["branch"] or ""), row["branch"]),
        (
            f'<span class="bad">{html.escape(failing)}</span>' if failing else "success",
            -len(row["failing_workflows"]),
        ),
        ("<br>".join(_page_worse(each) for each in row["regressions"][:5]), -row["count_worse"]),
        (
            _day(row["last_reported_at"]) + (" (stale)" if row["is_stale"] else ""),
            _day(row["last_reported_at"]),
        ),
        (_day(row["last_trained_at"]), _day(row["last_trained_at"])),
        (f"{row['minutes']:,.0f}" if row["minutes"] else ABSENT, row["minutes"] or 0),
        (html.escape(", ".join(row["flaky_tests"][:3])), -len(row["flaky_tests"])),
        (
            f"{html.escape(row['slowest_job'])} {duration(row['slowest_seconds'])}"
            if row["slowest_job"]
            else ABSENT,
            row["slowest_seconds"] or 0,
        ),
    ]
    filled = "".join(f'<td data-by="{html.escape(str(by))}">{cell}</td>' for cell, by in cells)
    return f'<tr data-place="{place}">{filled}</tr>'


def _page_worse(each: Row) -> str:
    new = "<mark>new</mark> " if each["is_new"] else ""
    change = f"{each['metric']} {percent_change(each['percent'])}"
    told = f"{change}, {number(each['reference'])} → {number(each['level'])}"
    by = f" by {each['author']}" if each["author"] else ""
    since = f"since {short_hash(each['since'])} {each['message'] or ''}{by}"
    return f'{new}<strong class="bad">{html.escape(told)}</strong> {html.escape(since)}'


def webhook_message(overview: Overview) -> dict[str, str] | None:
    """What is new, as Slack and those that speak as it does take it; None where nothing is.

    Source: Slack, "Sending messages using incoming webhooks", and its escaping of `&`, `<` and `>`.
    """
    found = overview.new_regressions
    if not found:
        return None
    lines = [
        f"• {row['repository']}: {each['metric']} {percent_change(each['percent'])} since {short_hash(each['since'])}"
        + (f" by {each['author']}" if each["author"] else "")
        for row, each in found[:MOST_LISTED]
    ]
    more = len(found) - len(lines)
    text = "\n".join(
        [f"{plural(len(found), 'new regression')}:", *lines, *([f"and {more} more"] if more else [])]
    )
    return {"text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
