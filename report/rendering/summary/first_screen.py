"""What a reader sees in ten seconds: state, number against usual, what changed, where to look next.

It is the top of the summary, and the whole of a pull request's comment and of a check's text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..content import Content
from ..markdown import code, link, plain, prose
from ..quantities import number, percent_against, plural, rough_percent, short_hash
from ..states import QUIET, STATES, since_sha, state_in_words
from .changed import began_at, changed_here
from .headline import but_worse, heading, is_ci_first
from .metrics_table import metrics_table
from .pipeline import ci_line, failing_tests, fixed_tests

MOST_TESTS = 3
MOST_LOGS = 2


def first_screen(content: Content) -> str:
    """GitHub-flavoured Markdown of at most some twelve lines, without a line break at its end."""
    parts = [
        f"## {heading(content)}",
        "\n".join(f"> ⚠️ {prose(problem)}\n>" for problem in content.problems).removesuffix("\n>"),
        _why_not_trained(content),
        _state(content),
        failing_tests(content, MOST_TESTS),
        _bullets(content),
        metrics_table(content),
        ci_line(content),
    ]
    return "\n\n".join(part for part in parts if part)


def title(content: Content) -> str:
    """The heading as one line of plain text."""
    return plain(heading(content))


def _why_not_trained(content: Content) -> str:
    """Why the training failed or was not started, unless a problem tells it."""
    note = content.training_note
    return "" if any(note in problem for problem in content.problems) else prose(note)


def _state(content: Content) -> str:
    """How the metric stands, where the heading tells of CI or training; how much and how long it is worse."""
    told = content.answers.told
    if told is None or not content.is_history_known:
        return ""
    sentences = []
    is_training_first = content.row.get("training") == "failed" and told["standing"] != "worse"
    if is_ci_first(content) or is_training_first:
        stays = f"{code(told['metric'], 80)} stays {number(told['value'])}"
        words = state_in_words(told, content.answers.base_branch)
        sign = STATES[told["state"]].sign
        sentences.append(
            f"{stays}." if told["state"] == "not measured" else f"{sign} {words}{but_worse(content)}."
        )
    return " ".join([*sentences, *_how_worse(content, told)])


def _how_worse(content: Content, told: Mapping[str, Any]) -> list[str]:
    if told["standing"] != "worse" or told["reference_kind"] == "target":
        return []
    percent = _percent(told)
    worse = f"**{rough_percent(percent)} worse**" if percent else "**Worse**"
    for_long = plural(told["count_commits"], "commit")
    days = f" and {plural(round(told['days']), 'day')}" if told["days"] >= 1 else ""
    sentences = [
        f"{worse} for {for_long}{days}." if told["count_commits"] > 1 else f"{worse} at this commit."
    ]
    if told["is_of_base"]:
        sentences.append("It began before this pull request, which is not failed for it.")
    elif not told["is_measured"]:
        sentences.append(f"This commit did not cause it: it measured no {code(told['metric'], 80)}.")
    return sentences


def _percent(told: Mapping[str, Any]) -> float | None:
    """By how much the value is worse, as the table has it; where that one value is not worse, the level."""
    percent = percent_against(told["value"], told["reference_level"])
    if percent is not None and math.isfinite(percent) and (percent > 0) == (told["goal"] == "minimize"):
        return percent
    return None if told["change_percent"] is None else float(told["change_percent"])


def _bullets(content: Content) -> str:
    facts = [
        began_at(content),
        changed_here(content),
        fixed_tests(content),
        _fails(content),
        _next(content),
    ]
    return "\n".join(f"- {fact}" for fact in facts if fact)


def _fails(content: Content) -> str:
    rules = [prose(rule) for rule in content.failed_rules]
    more = f" and {len(rules) - 3} more" if len(rules) > 3 else ""
    return f"**The run fails**: {', '.join(rules[:3])}{more}" if rules else ""


def _next(content: Content) -> str:
    """What to do or to look at now."""
    told, steps = content.answers.told, []
    failed = [job for job in content.ran.jobs if job.has_failed and job.log_url]
    steps += [link(f"the log of {code(job.name, 60)}", job.log_url) for job in failed[:MOST_LOGS]]
    if content.row.get("training") == "failed" and content.output_tail:
        steps.append("what the training printed last, below")
    if told is not None and content.is_history_known:
        steps += _next_of(told)
    return f"**Next**: {'; '.join(steps)}" if steps else ""


def _next_of(told: Mapping[str, Any]) -> list[str]:
    if told["standing"] == "worse" and not told["is_of_base"]:
        command = code(f"devops-mlops-report accept {short_hash(since_sha(told))}")
        return [f"mend it, or {command} if it is meant"]
    if told["state"] == "no longer measured":
        return [f"measure {code(told['metric'], 80)} again, or take its name out of the config"]
    if told["state"] in (
        "probably worse",
        "probably worse since",
        "getting worse",
        "perhaps changed",
        "changed",
    ):
        return ["`devops-mlops-report explain` shows the level and the band"]
    return []


def is_worth_saying(content: Content) -> bool:
    """Whether there is more to tell than that all is as usual: something failed, or a metric is not where it was."""
    row = content.row
    has_failed = row.get("workflow_status") in ("failure", "cancelled") or row.get("training") == "failed"
    unheard = (*QUIET, "perhaps changed", "already worse")
    has_moved = any(standing["state"] not in unheard for standing in content.answers.standings)
    return bool(has_failed or has_moved or content.problems or content.failed_rules)
