"""The model of this commit, and what a training changed: params, data, inputs."""

from __future__ import annotations

from typing import Any

from ..content import Content
from ..markdown import code, details, fenced, link, printed_line, prose, table
from ..quantities import ABSENT, duration, local_time, number, percent_change, plural, short_hash, signed
from ..states import shown_verdict

SHOWN_AT_ONCE = 8
"""Metrics in the open table; the others are folded away."""
MOST_METRICS = 100


def model_section(content: Content) -> str:
    """The model's metrics when this commit has any, else what the newest model was."""
    metrics = [row for row in content.answers.metrics if row["kind"] == "ml"]
    if not metrics:
        return _newest_model(content)
    parts = [
        "### Model",
        _facts(content),
        prose(content.promotion),
        _table(metrics[:SHOWN_AT_ONCE]),
    ]
    if len(metrics) > SHOWN_AT_ONCE:
        rest = metrics[SHOWN_AT_ONCE:MOST_METRICS]
        left_out = len(metrics) - SHOWN_AT_ONCE - len(rest)
        note = f"\n\n{left_out} more are in the history." if left_out else ""
        parts.append(details(f"{len(metrics) - SHOWN_AT_ONCE} more metrics", _table(rest) + note))
    return "\n\n".join(part for part in parts if part)


def _table(metrics: list[dict[str, Any]]) -> str:
    header = ["Metric", "Value", "Before", "Change", "%", "Best", "Verdict"]
    return table(header, [_row(row) for row in metrics], numeric=range(1, 6))


def _row(row: dict[str, Any]) -> list[str]:
    name, shown = code(row["metric"], 80), shown_verdict(row)
    arrow = {"maximize": " ↑", "minimize": " ↓"}.get(row["goal"], "")
    sharp = ", sharp" if row["is_sharp"] else ""
    best = (
        "★ this one" if row["is_best"] and row["goal"] else number(row["best_value"] if row["goal"] else None)
    )
    return [
        (f"**{name}**" if row["is_highlight"] else name) + arrow,
        number(row["value"]),
        number(row["previous_value"]),
        signed(row["delta"]),
        percent_change(row["delta_percent"]),
        best,
        f"{shown.sign} {shown.words}{sharp}",
    ]


def _facts(content: Content) -> str:
    row = content.row
    facts = []
    if row.get("model_name"):
        version = f" version {code(row['model_version'])}" if row.get("model_version") else ""
        facts.append(f"model {link(code(row['model_name']) + version, content.trace.model_version_url)}")
    if row.get("repeats"):
        most = max(len(values) for values in row["repeats"].values())
        facts.append(f"measured {most} times, the medians count")
    if row.get("training_seconds") is not None:
        facts.append(f"trained in {duration(row['training_seconds'])}")
    return f"{', '.join(facts).capitalize()}." if facts else ""


def _newest_model(content: Content) -> str:
    model = content.answers.newest_model
    if model is None:
        return ""
    value = ""
    if model["metric"]:
        value = f" with {code(model['metric'], 80)} {number(model['value'])}"
    version = (
        f", {code(model['model_name'])} version {code(model['model_version'])}"
        if model["model_version"]
        else ""
    )
    when = local_time(model["recorded_at"], content.timezone)
    branch = f" on {code(model['branch'], 100)}" if model["branch"] else ""
    return (
        f"### Model\n\nNo new model. The newest is of {code(short_hash(model['commit_sha']))}{branch}"
        f"{value}{version}{f' ({when})' if when != ABSENT else ''}."
    )


MOST_INPUTS = 50
MOST_PARAMS = 50

_CAUSES = {
    "Data": "the data changed",
    "Script": "the code changed",
    "Both": "both the data and the code changed",
}


def changes_section(content: Content) -> str:
    """Why there was a training, and what differs from the one before; empty when there is nothing to tell."""
    parts = [_cause(content), _output(content), _params(content)]
    shown = [part for part in parts if part]
    return "\n\n".join(["### What changed", *shown]) if shown else ""


def _cause(content: Content) -> str:
    cause = content.row.get("cause")
    if not cause:
        return ""
    inputs = list(content.row.get("changed_inputs") or [])
    words = f"**{_CAUSES.get(cause, code(cause))}**"
    if not inputs:
        return f"Since the last training, {words}."
    listed = ", ".join(code(path) for path in inputs[:5])
    if len(inputs) <= 5:
        return f"Since the last training, {words}: {listed}."
    more = "\n".join(f"- {code(path)}" for path in inputs[5:MOST_INPUTS])
    unseen = f"\n- and {len(inputs) - MOST_INPUTS} more" if len(inputs) > MOST_INPUTS else ""
    folded = details(f"{len(inputs) - 5} more inputs", more + unseen)
    return f"Since the last training, {words}: {listed}, …\n\n{folded}"


def _output(content: Content) -> str:
    """The end of what a failed training printed, as a block in which nothing is live."""
    if not content.output_tail:
        return ""
    lines = [printed_line(line) for line in content.output_tail]
    block = fenced("\n".join(lines), "text")
    return details(f"The last {plural(len(lines), 'line')} of the training's output", block)


def _params(content: Content) -> str:
    changes = content.answers.changed_params
    if not changes:
        return ""
    before = code(short_hash(changes[0]["previous_commit_sha"]))
    rows = [
        [
            code(row["param"], 80),
            code(row["old_value"] or "") or ABSENT,
            code(row["new_value"] or "") or ABSENT,
        ]
        for row in changes[:MOST_PARAMS]
    ]
    more = f"\n\nand {len(changes) - MOST_PARAMS} more." if len(changes) > MOST_PARAMS else ""
    title = f"{plural(len(changes), 'param')} changed since {before}:"
    return f"{title}\n\n{table(['Param', 'Before', 'Now'], rows)}{more}"
