"""The model of this commit, else the newest one; and what a failed training printed last."""

from __future__ import annotations

from ..content import Content
from ..markdown import code, details, fenced, link, printed_line, prose
from ..quantities import ABSENT, duration, local_time, number, plural, short_hash


def model_section(content: Content) -> str:
    """A sentence on this commit's model where it has one, else on the newest; the end of a failed training's output."""
    facts = _facts(content) if content.answers.highlight or content.row.get("training") == "trained" else ""
    parts = [facts or _newest_model(content), prose(content.promotion), _output(content)]
    return "\n\n".join(part for part in parts if part)


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
    told = ", ".join(facts)
    return f"{told[:1].upper()}{told[1:]}." if told else ""


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
    commit = link(code(short_hash(model["commit_sha"])), content.trace.url_of(model["commit_sha"]))
    return f"The newest model is of {commit}{branch}{value}{version}{f' ({when})' if when != ABSENT else ''}."


def _output(content: Content) -> str:
    """The end of what a failed training printed, as a block in which nothing is live."""
    if not content.output_tail:
        return ""
    lines = [printed_line(line) for line in content.output_tail]
    block = fenced("\n".join(lines), "text")
    return details(f"The last {plural(len(lines), 'line')} of the training's output", block)
