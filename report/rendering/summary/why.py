"""How the verdict came about, for whoever asks: below the fold."""

from __future__ import annotations

from typing import Any

from ..content import Content
from ..markdown import code, details, prose
from ..quantities import how_far_back, odds, short_hash, signed

MOST_REASONS = 20


def why_section(content: Content) -> str:
    """The reason of each verdict that is not quiet, folded."""
    rows = [
        row
        for row in content.answers.metrics
        if row["is_highlight"] or row["verdict"] not in ("steady", "too_few")
    ]
    if not rows or not content.is_history_known:
        return ""
    lines = [f"- {_reason(content, row)}" for row in rows[:MOST_REASONS]]
    return details("How the verdict came about", "\n".join(lines))


def _reason(content: Content, row: dict[str, Any]) -> str:
    sentences = [f"{code(row['metric'], 80)}: {prose(row['reason'])}."]
    if row["is_suspicion_confirmed"]:
        sentences.append(f"The suspicion on {code(short_hash(row['since_commit_sha']))} is confirmed.")
    if row["confidence"] is not None:
        sentences.append(f"By chance alone: {odds(row['confidence'])}.")
    against = compared_with(content, row)
    if against and row["baseline_delta"] is not None:
        sentences.append(f"Against {against}: {signed(row['baseline_delta'])}.")
    elif row["previous_commit_sha"] and not against:
        sentences.append(f"There is no baseline ({code(row['baseline_kind'])}).")
    return " ".join(sentences)


def compared_with(content: Content, row: dict[str, Any]) -> str:
    """`a1b2c3d on main, 3 commits back`, for a metric's baseline."""
    sha = row.get("baseline_commit_sha")
    if not sha:
        return ""
    branch = content.answers.branches.get(sha)
    named = code(short_hash(sha)) + (f" ({code(row['baseline_tag'], 60)})" if row["baseline_tag"] else "")
    back = how_far_back(row)
    return f"{named}{f' on {code(branch)}' if branch else ''}{f', {back}' if back else ''}"
