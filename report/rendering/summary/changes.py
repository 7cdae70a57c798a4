"""What changed: the cause of a training, its inputs, its params."""

from __future__ import annotations

from ..content import Content
from ..markdown import code, details, fenced, printed_line, table
from ..quantities import ABSENT, plural, short_hash

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
        return f"Cause: {words}."
    listed = ", ".join(code(path) for path in inputs[:5])
    if len(inputs) <= 5:
        return f"Cause: {words}: {listed}."
    more = "\n".join(f"- {code(path)}" for path in inputs[5:MOST_INPUTS])
    unseen = f"\n- and {len(inputs) - MOST_INPUTS} more" if len(inputs) > MOST_INPUTS else ""
    return f"Cause: {words}: {listed}, …\n\n{details(f'{len(inputs) - 5} more inputs', more + unseen)}"


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
