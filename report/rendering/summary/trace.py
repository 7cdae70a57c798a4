"""The trace: commit → workflow run → MLflow run → model version → revision of the history."""

from __future__ import annotations

from ..content import Content
from ..markdown import code, link
from ..quantities import plural, short_hash


def trace_section(content: Content) -> str:
    """One line, each step a link where it has a place to look at."""
    row, trace = content.row, content.trace
    steps = [f"commit {link(code(short_hash(row['commit_sha'])), trace.commit_url)}"]
    if row.get("workflow_run_id"):
        run = code(row["workflow_run_id"])
        steps.append(f"workflow run {link(run, trace.run_url)}")
    if row.get("mlflow_run_id"):
        on_dagshub = f" ({link('on DagsHub', trace.dagshub_run_url)})" if trace.dagshub_run_url else ""
        steps.append(
            f"MLflow run {link(code(str(row['mlflow_run_id'])[:8]), trace.mlflow_run_url)}{on_dagshub}"
        )
    if row.get("model_version"):
        steps.append(f"model version {link(code(row['model_version']), trace.model_version_url)}")
    if trace.history:
        archived = f", {trace.count_archived} in the archive" if trace.count_archived else ""
        rows = f" ({plural(trace.count_rows, 'row')}{archived})" if trace.count_rows is not None else ""
        revision = f" at {code(trace.history_revision[:7])}" if trace.history_revision else ""
        steps.append(f"history {link(code(trace.history), trace.history_url)}{revision}{rows}")
    else:
        steps.append("not recorded")
    return "### Trace\n\n" + " → ".join(steps)
