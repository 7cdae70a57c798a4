"""What the page knows of a history, in columns: commits, series of measurements, what is worse, how pipelines do."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ...history import History
from ...history.charting.data import BEGAN, ChartLabels
from ...history.charting.specification import chart_specification
from ...history.late_dataclass import dataclass
from ..config import PanelSection
from ..redaction import Redaction
from ..rendering.answer_tables import shown_value
from ..rendering.states import shown_verdict
from ..verdicts.answers import ask_question
from ..verdicts.panels import Panel, begin_own_queries, show_panel

Row = Mapping[str, Any]

MOST_PIPELINES = 200
LARGEST_EXACT = 2**53
"""Beyond it a browser's numbers are not those of the history."""
_CODED = (
    *("repository", "report", "branch", "pull_request", "author", "workflow_status", "training", "cause"),
    *("changed_inputs", "params", "environment", "mlflow_run_id", "model_name", "model_version", "runs"),
)
"""Columns of the commits whose texts are often the same: a list of these, and a number for each commit."""
_KINDS = {"🔴": "bad", "🟠": "warn", "🟡": "note", "🟢": "good", "⚪": "quiet", "🔵": "new"}
"""Sign of a verdict → how the page colours it."""


@dataclass(frozen=True)
class About:
    """What the page says of itself and of the places that it links to."""

    title: str
    highlight_metric: str | None
    default_branch: str
    timezone: str
    made_at: datetime
    repository_urls: Mapping[str, str]
    """Repository → the web page that its commits are below."""
    is_gitlab: bool = False
    has_sql: bool = False
    """The page for SQL is beside it."""


def page_data(
    history: History, about: About, panels: Sequence[PanelSection] = (), root: Path = Path()
) -> dict[str, Any]:
    """Everything that the page shows, ready to be JSON: numbers finite, times in seconds since 1970, UTC.

    `panels` are queries of the repository's own, in files of the checkout at `root`; from then on the history only
    answers.

    `commits` is a mapping of columns of one length, `series` a list with a mapping each of repository × report ×
    workflow × kind × metric, whose points name their commits by number. Raises `QueryError`.
    """
    commits = ask_question(history, "page_commits")
    looks: dict[str, int] = {}
    series = [_series(row, looks, about) for row in ask_question(history, "page_points")]
    told = {
        "title": about.title,
        "highlight": about.highlight_metric or "",
        "default_branch": about.default_branch,
        "timezone": about.timezone,
        "made_at": int(about.made_at.timestamp()),
        "repository_urls": dict(about.repository_urls),
        "is_gitlab": about.is_gitlab,
        "has_sql": about.has_sql,
        "commits": _columns(commits),
        "series": series,
        "looks": [_look(key) for key in looks],
        "open": _plain(ask_question(history, "page_open_regressions")),
        "pipelines": _plain(ask_question(history, "page_pipelines", at_most=MOST_PIPELINES)),
        "charts": _summary_charts(history, about, commits),
    }
    if panels:
        begin_own_queries(history)
    return told | {"panels": [_panel(show_panel(history, section, root)) for section in panels]}


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "title": panel.title,
        "kind": panel.kind,
        "names": list(panel.names),
        "rows": [[_cell(value) for value in row] for row in panel.rows],
        "has_more": panel.has_more,
        "problem": panel.problem,
    }


def _cell(value: Any) -> str | float | None:
    """A number that can be drawn, else the text that a table shows."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_EXACT:
        return value
    return None if value is None else shown_value(value)


def _columns(rows: Sequence[Row]) -> dict[str, Any]:
    names = [name for name in rows[0] if name != "commit_number"] if rows else []
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in names}
    numbers = {(row["repository"], row["commit_sha"]): row["commit_number"] for row in rows}
    # A parent that was reported is told by its number: hashes are what can't be packed.
    columns["parent"] = [
        numbers.get((row["repository"], row["parent_sha"]), row["parent_sha"]) for row in rows
    ]
    columns.pop("parent_sha", None)
    columns |= _runs(columns.pop("runs", []))
    for name in _CODED:
        if name in columns:
            columns[name] = _coded(columns[name])
    return columns


def _runs(texts: Iterable[str]) -> dict[str, list[Any]]:
    """The runs of each commit, apart: what is alike in many, their IDs, and the seconds of their jobs."""
    alike, names, seconds = list[str](), list[list[Any]](), list[list[list[float | None]]]()
    for text in texts:
        runs = json.loads(text)
        for run in runs:
            run["jobs"] = _as_value(run.get("jobs"))
        names.append([run.pop("run") for run in runs])
        seconds.append([_seconds_apart(run.get("jobs")) for run in runs])
        alike.append(_compact(runs))
    return {"runs": alike, "run_ids": names, "job_seconds": seconds}


def _as_value(told: Any) -> Any:
    """JSON within JSON, which may be there as a text."""
    if not isinstance(told, str):
        return told
    try:
        return json.loads(told)
    except (ValueError, RecursionError):
        return told


def _seconds_apart(jobs: Any) -> list[float | None]:
    """How long each job took, taken out of it; what is no list of jobs stays as it is."""
    if not isinstance(jobs, list) or not all(isinstance(job, dict) for job in jobs):
        return []
    told = [job.pop("duration_seconds", None) for job in jobs]
    return [_finite(each) if isinstance(each, int | float) else None for each in told]


def _coded(values: Iterable[Any]) -> dict[str, list[Any]]:
    """Few different values, told once each."""
    codes: dict[Any, int] = {}
    numbers = [codes.setdefault(value, len(codes)) for value in values]
    return {"texts": list(codes), "codes": numbers}


def _series(row: Row, looks: dict[str, int], about: About) -> dict[str, Any]:
    named = ("repository", "report", "workflow", "kind", "metric", "goal")
    return {name: row[name] for name in named} | {
        "is_highlight": row["metric"] == about.highlight_metric and row["kind"] == row["highlight_kind"],
        "unit": row["unit"] or "",
        "commits": row["commits"],
        "values": row["values"],
        "lines": _coded(row["lines"])["codes"],
        "looks": [looks.setdefault(look, len(looks)) for look in row["looks"]],
        "levels": row["levels"],
        "thresholds": row["thresholds"],
        "odd_values": {each["at"]: each["text"] for each in row["odd_values"] or ()},
        "reasons": {each["at"]: each["text"] for each in row["reasons"] or ()},
        "worse": {each["at"]: [each["sha"], _finite(each["level"])] for each in row["worse"] or ()},
        "marks": {each["at"]: BEGAN.get(each["text"], "suspected") for each in row["marks"] or ()},
    }


def _look(key: str) -> dict[str, Any]:
    """How a verdict is shown: its sign, its words, its kind; and whether the metric is worse there."""
    verdict, direction, is_worse, is_since_here, is_confirmation = key.split("|")
    shown = shown_verdict(
        {
            "verdict": verdict,
            "direction": direction or None,
            "standing": "worse" if is_worse == "true" else "good",
            "commit_sha": "",
            "worse_since_commit_sha": "" if is_since_here == "true" else None,
            "is_confirmation": is_confirmation == "true",
        }
    )
    return {
        "sign": shown.sign,
        "words": shown.words,
        "kind": _KINDS[shown.sign],
        "is_worse": is_worse == "true",
        "verdict": verdict,
    }


def _summary_charts(history: History, about: About, commits: Sequence[Row]) -> list[dict[str, Any]]:
    """The summary's own chart of the highlight metric: of each repository's and report's default branch."""
    if not about.highlight_metric:
        return []
    charts = []
    for repository in dict.fromkeys(row["repository"] for row in commits):
        points = ask_question(history, "highlight_points", repository=repository)
        for report, workflow in dict.fromkeys((row["report"], row["workflow"]) for row in points):
            drawn = _of_one_branch(
                [row for row in points if (row["report"], row["workflow"]) == (report, workflow)], about
            )
            goal = drawn[-1]["goal"]
            specification = chart_specification(
                drawn, ChartLabels(about.highlight_metric, goal), has_tooltips=True
            )
            if specification is not None:
                charts.append(
                    {"repository": repository, "report": report, "specification": _plain(specification)}
                )
    return charts


def _of_one_branch(points: Sequence[Row], about: About) -> list[Row]:
    """The points of a checkout's line; else of the default branch, else of the branch that was measured last."""
    if len({point["position"] for point in points}) == len(points):
        return list(points)
    branches: dict[str, list[Row]] = {}
    for point in points:
        branches.setdefault(point["branch"], []).append(point)
    newest = max(branches, key=lambda branch: branches[branch][-1]["recorded_at"])
    return branches.get(about.default_branch) or branches[newest]


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _plain(value: Any) -> Any:
    """The value as JSON has it."""
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return int((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp())
    return value.isoformat() if isinstance(value, date) else value


_WITHOUT_TEXTS = ("commit_sha", "parent", "committed_at", "recorded_at", "training_seconds", "job_seconds")
"""Columns of the commits that hold hashes and numbers alone: no secret is looked for in them, as that takes long."""


def data_json(data: Mapping[str, Any], redaction: Redaction) -> bytes:
    """The data as compact JSON, without secrets. Raises `ValueError` for a number that JSON does not know."""
    columns = data["commits"]
    plain = {name: column for name, column in columns.items() if name in _WITHOUT_TEXTS}
    texts = {name: column for name, column in columns.items() if name not in _WITHOUT_TEXTS}
    points = [{name: series[name] for name in _OF_POINTS} for series in data["series"]]
    named = [{name: series[name] for name in series if name not in _OF_POINTS} for series in data["series"]]
    told = redaction.text(_compact({**data, "commits": texts, "series": named}))
    return f'{{"told":{told},"columns":{_compact(plain)},"points":{_compact(points)}}}'.encode(
        "utf-8", "replace"
    )


_OF_POINTS = ("commits", "values", "lines", "looks", "levels", "thresholds", "worse")


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
