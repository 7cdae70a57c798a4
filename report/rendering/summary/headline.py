"""The first lines: the verdict, and which commit this is."""

from __future__ import annotations

from typing import Any

from ..content import Content
from ..markdown import code, link, prose
from ..quantities import how_far_back, local_time, number, short_hash, signed

VERDICT_SIGNS = {
    "regressed": "🔴",
    "improved": "🟢",
    "recovered": "🟢",
    "steady": "⚪",
    "suspected": "🟡",
    "too_few": "🔵",
}
VERDICT_WORDS = {
    "regressed": "regressed",
    "improved": "improved",
    "recovered": "recovered",
    "steady": "steady",
    "suspected": "suspected change, not confirmed",
    "too_few": "too few points for a verdict",
}
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
    row, highlight = content.row, content.answers.highlight
    status = row.get("workflow_status")
    broken = f"{_CI[status][1]} · " if status in ("failure", "cancelled") else ""
    if row.get("training") == "failed":
        return f"❌ {broken}{content.training_headline or 'The training failed'}"
    if not content.is_history_known:
        return f"{'❌' if broken else '⚠️'} {broken}The history could not be read{_unjudged(content)}"
    if highlight is not None:
        sign = "❌" if status == "failure" else VERDICT_SIGNS[highlight["verdict"]]
        name = code(highlight["metric"], 80)
        words = VERDICT_WORDS[highlight["verdict"]] + _standing(highlight)
        return f"{sign} {broken}{name} {number(highlight['value'])}{_change(content, highlight)}: {words}"
    if row.get("training") == "trained" and content.highlight_metric:
        name = code(content.highlight_metric, 80)
        return f"⚠️ {broken}A model was trained, but {name} is not among its metrics"
    sign, words = _CI.get(str(status), ("▫️", "Commit reported"))
    if row.get("training") == "skipped" and row.get("cause"):
        return f"{sign} {words}, what the model depends on changed, but it was not trained"
    known = _TRAINING.get(str(row.get("training")), _TRAINING["none"])
    return f"{sign} {words}, {content.training_headline or known}"


def _unjudged(content: Content) -> str:
    """The highlight metric's value, which there is nothing to judge by."""
    highlight = content.answers.highlight
    if highlight is None:
        return ""
    return f": {code(highlight['metric'], 80)} {number(highlight['value'])} is compared with nothing"


def _change(content: Content, row: dict[str, Any]) -> str:
    """From which level a confirmed change came; else the change against the baseline."""
    if row["is_confirmation"]:
        return f", from {number(row['level_mean'])}"
    against = compared_with(content)
    if against:
        return f" ({signed(row['baseline_delta'])} against {against})"
    return " (no baseline)" if row["previous_commit_sha"] else " (the first value)"


def _standing(row: dict[str, Any]) -> str:
    """What became of a suspicion, and since when a confirmed change is there."""
    if row["is_confirmation"]:
        return f" since {code(short_hash(row['since_commit_sha']))}, confirmed"
    if row["withdrawn_commit_sha"]:
        return f", the suspicion on {code(short_hash(row['withdrawn_commit_sha']))} is withdrawn"
    return ""


def _commit(content: Content) -> str:
    row = content.row
    sha = link(code(short_hash(row["commit_sha"])), content.trace.commit_url)
    place = f" on {code(row['branch'], 100)}" if row.get("branch") else ""
    request = f", pull request {code(row['pull_request'])}" if row.get("pull_request") else ""
    into = f" into {code(row['base_branch'], 100)}" if row.get("base_branch") else ""
    author = f" by {code(row['author'], 60)}" if row.get("author") else ""
    when = local_time(row.get("committed_at"), content.timezone)
    return f"{sha} {code(row.get('commit_message') or '', 120)}{author}{place}{request}{into} · {when}"
