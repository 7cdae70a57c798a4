"""The first lines: the verdict, and which commit this is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..content import Content
from ..markdown import code, link, prose
from ..quantities import how_far_back, local_time, number, short_hash
from ..states import STATES, state_in_words

_CI = {
    "success": ("✅", "CI succeeded"),
    "failure": ("❌", "CI failed"),
    "cancelled": ("⏹️", "CI was cancelled"),
    "skipped": ("⏭️", "CI was skipped"),
}
_TRAINING = {
    "trained": "a model was trained",
    "failed": "the training failed",
    "skipped": "no training: nothing that the model depends on changed",
    "none": "no model was trained",
}


def headline(content: Content) -> str:
    """The verdict as a heading; why the training failed or was not started, unless a problem tells it; the commit."""
    note = content.training_note
    is_told = any(note in problem for problem in content.problems)
    parts = [f"## {_verdict(content)}", "" if is_told else prose(note), _commit(content)]
    return "\n\n".join(part for part in parts if part)


def compared_with(content: Content) -> str:
    """`a1b2c3d on main, 3 commits back`, for the highlight metric's baseline."""
    row = content.answers.highlight or {}
    sha = row.get("baseline_commit_sha")
    if not sha:
        return ""
    branch = content.answers.branches.get(sha)
    named = code(short_hash(sha)) + (f" ({code(row['baseline_tag'], 60)})" if row["baseline_tag"] else "")
    back = how_far_back(row)
    return f"{named}{f' on {code(branch)}' if branch else ''}{f', {back}' if back else ''}"


def _verdict(content: Content) -> str:
    row, told = content.row, content.answers.told
    status = row.get("workflow_status")
    broken = f"{_CI[status][1]} · " if status in ("failure", "cancelled") else ""
    if row.get("training") == "failed":
        failed = f"❌ {broken}{content.training_headline or 'The training failed'}"
        return f"{failed} · {_state(content, told)}" if told and told["standing"] == "worse" else failed
    if not content.is_history_known:
        return f"{'❌' if broken else '⚠️'} {broken}The history could not be read{_unjudged(content)}"
    if told is not None and told["state"] != "not measured":
        sign = "❌" if status == "failure" else STATES[told["state"]].sign
        return f"{sign} {broken}{_state(content, told)}"
    if row.get("training") == "trained" and content.highlight_metric:
        name = code(content.highlight_metric, 80)
        return f"⚠️ {broken}A model was trained, but {name} is not among its metrics"
    sign, words = _CI.get(str(status), ("▫️", "Commit reported"))
    if row.get("training") == "skipped" and row.get("cause"):
        return f"{sign} {words}, what the model depends on changed, but it was not trained"
    known = _TRAINING.get(str(row.get("training")), _TRAINING["none"])
    return f"{sign} {words}, {content.training_headline or known}"


def _state(content: Content, told: Mapping[str, Any]) -> str:
    return state_in_words(told, content.answers.base_branch)


def _unjudged(content: Content) -> str:
    """The highlight metric's value, which there is nothing to judge by."""
    highlight = content.answers.highlight
    if highlight is None:
        return ""
    return f": {code(highlight['metric'], 80)} {number(highlight['value'])} is compared with nothing"


def _commit(content: Content) -> str:
    row = content.row
    sha = link(code(short_hash(row["commit_sha"])), content.trace.commit_url)
    place = f" on {code(row['branch'], 100)}" if row.get("branch") else ""
    request = f", pull request {code(row['pull_request'])}" if row.get("pull_request") else ""
    into = f" into {code(row['base_branch'], 100)}" if row.get("base_branch") else ""
    author = f" by {code(row['author'], 60)}" if row.get("author") else ""
    when = local_time(row.get("committed_at"), content.timezone)
    return f"{sha} {code(row.get('commit_message') or '', 120)}{author}{place}{request}{into} · {when}"
