"""The heading: is this branch fine? CI red first, else what is open, else the event of this commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..content import Content
from ..markdown import code
from ..quantities import number, plural
from ..states import STATES, state_in_words

MOST_JOBS = 2
_CI = {
    "success": ("✅", "CI succeeded"),
    "failure": ("❌", "CI failed"),
    "cancelled": ("⏹️", "CI was cancelled"),
    "skipped": ("⏭️", "CI was skipped"),
}
_TRAINING = {
    "trained": "a model was trained",
    "failed": "the training failed",
    "skipped": "nothing to train",
    "none": "no model was trained",
}


def is_ci_first(content: Content) -> bool:
    """Whether the heading is about the CI's end, and the metric comes below it."""
    return content.row.get("workflow_status") in ("failure", "cancelled") and (
        content.row.get("training") != "failed"
    )


def heading(content: Content) -> str:
    """Markdown without the `##`; of a repository's several reports it names this one."""
    report = content.row.get("report")
    return f"{_heading(content)}{f' · {code(report, 60)}' if report else ''}"


def _heading(content: Content) -> str:
    row, told = content.row, content.answers.told
    if is_ci_first(content):
        return _ci(content)
    if row.get("training") == "failed":
        failed = f"❌ {content.training_headline or 'The training failed'}"
        return f"{failed} · {_state(content, told)}" if told and told["standing"] == "worse" else failed
    if not content.is_history_known:
        return f"⚠️ The history could not be read{_unjudged(content)}"
    if told is not None and told["state"] != "not measured":
        is_all_fine = row.get("workflow_status") == "success" and told["state"] == "as usual"
        sign = "✅" if is_all_fine and not but_worse(content) else STATES[told["state"]].sign
        return f"{sign} {_state(content, told)}{but_worse(content)}"
    if row.get("training") == "trained" and content.highlight_metric:
        name = code(content.highlight_metric, 80)
        return f"⚠️ A model was trained, but {name} is not among its metrics"
    sign, words = _CI.get(str(row.get("workflow_status")), ("▫️", "Commit reported"))
    if row.get("training") == "skipped" and row.get("cause"):
        return f"{sign} {words}, what the model depends on changed, but it was not trained"
    known = _TRAINING.get(str(row.get("training")), _TRAINING["none"])
    stays = f": {code(told['metric'], 80)} stays {number(told['value'])}" if told is not None else ""
    return f"{sign} {words}, {content.training_headline or known}{stays}"


def but_worse(content: Content) -> str:
    """What else is worse, where the told metric is not: ``, but `loss` is worse``."""
    told = content.answers.told
    if told is None or told["standing"] == "worse":
        return ""
    worse = [row["metric"] for row in content.answers.standings if row["standing"] == "worse"]
    if not worse:
        return ""
    more = f" and {len(worse) - 1} more are" if len(worse) > 1 else " is"
    return f", but {code(worse[0], 60)}{more} worse"


def _ci(content: Content) -> str:
    """``❌ CI failed in `test (3.11)`: 1 test fails``."""
    sign, words = _CI[content.row["workflow_status"]]
    failed = [job.name for job in content.ran.jobs if job.has_failed]
    more = f" and {len(failed) - MOST_JOBS} more" if len(failed) > MOST_JOBS else ""
    jobs = f" in {', '.join(code(name, 60) for name in failed[:MOST_JOBS])}{more}" if failed else ""
    count = content.ran.count_failing
    tests = f": {plural(count, 'test fails', 'tests fail')}{_new(content, count)}" if count else ""
    before = content.ran.successes_before
    first = (
        f", the first failure after {plural(before, 'success', 'successes')}" if before and before > 1 else ""
    )
    return f"{sign} {words}{jobs}{tests}{first}"


def _new(content: Content, count: int) -> str:
    new = sum(row["state"] == "new" for row in content.answers.tests)
    return ", new at this commit" if new == count else f", {new} new" if new else ""


def _state(content: Content, told: Mapping[str, Any]) -> str:
    return state_in_words(told, content.answers.base_branch)


def _unjudged(content: Content) -> str:
    """The highlight metric's value, which there is nothing to judge by."""
    highlight = content.answers.highlight
    if highlight is None:
        return ""
    return f": {code(highlight['metric'], 80)} {number(highlight['value'])} is compared with nothing"
