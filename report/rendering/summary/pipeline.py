"""What ran: the workflow, its jobs and tests, and how long it took; and the trace from commit to history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..content import Content, KeptFile, Ran, RanJob
from ..markdown import code, details, link, table
from ..quantities import ABSENT, duration, local_time, number, plural, short_hash, signed, size

SHOWN_AT_ONCE = 10
MOST_JOBS = 200
MOST_WORKFLOWS = 5
MOST_FIXED = 3

_SIGNS = {
    "success": "✅",
    "failure": "❌",
    "timed_out": "❌",
    "cancelled": "⏹️",
    "skipped": "⏭️",
    "neutral": "▫️",
}


def ci_line(content: Content) -> str:
    """``CI ✅ 1 min 36 s, as usual · 214 tests · coverage 83.3 % · page of the history``; empty outside of a CI run.

    Where other workflows reported on the commit, each is named: ``nightly ❌ 12 min · ci ✅``. Last is the link to the
    page of the history, where one is published.
    """
    row, others = content.row, content.answers.other_workflows
    status = str(row.get("workflow_status") or "unknown")
    facts = [_tests(content)]
    if status != "unknown" or row.get("workflow_run_id"):
        name = code(row["workflow"], 60) if others else "CI"
        sign = _SIGNS.get(status, "▫️")
        facts.insert(0, f"{link(name, content.trace.run_url)} {sign} {_duration(content)}".strip())
    facts += [_other(workflow) for workflow in others[:MOST_WORKFLOWS]]
    more = len(others) - MOST_WORKFLOWS
    facts += [plural(more, "more workflow")] if more > 0 else []
    facts += [link("page of the history", content.trace.page_url)] if content.trace.page_url else []
    return " · ".join(fact for fact in facts if fact)


def _other(workflow: Mapping[str, Any]) -> str:
    return f"{code(workflow['workflow'], 60)} {_SIGNS.get(str(workflow['workflow_status']), '▫️')}"


def _duration(content: Content) -> str:
    """How long this run took, and how that is to the usual time: no other one's duration stands for it."""
    seconds = (content.row.get("ci_metrics") or {}).get("duration_seconds")
    if seconds is None:
        return ""
    judged = [row["verdict"] for row in content.answers.metrics if row["metric"] == "duration_seconds"]
    usual = duration((content.answers.pipeline or {}).get("median_duration_seconds"))
    words = {
        "regressed": f", slower than the usual {usual}",
        "improved": f", faster than the usual {usual}",
        "steady": ", as usual",
    }
    return f"{duration(seconds)}{words.get(judged[0], '') if judged else ''}"


def pipeline_section(content: Content) -> str:
    """The CI run of this commit, folded where nothing failed."""
    ran = content.ran
    has_failed = content.row.get("workflow_status") == "failure"
    parts = [
        _run(content),
        _failed_jobs(ran.jobs),
        failing_tests(content, SHOWN_AT_ONCE),
        _jobs(content.row.get("jobs") or [], ran.jobs),
        _slowest(ran.slowest_tests),
        _artifacts(ran.artifacts),
    ]
    shown = "\n\n".join(part for part in parts if part)
    return f"### What ran\n\n{shown}" if has_failed else details("What ran", shown)


def _run(content: Content) -> str:
    row = content.row
    status = str(row.get("workflow_status") or "unknown")
    if status == "unknown" and not row.get("workflow_run_id"):
        return "Reported from a checkout, outside of a CI run."
    name = code(row["workflow"], 80) if row.get("workflow") else "The run"
    attempt = f" (attempt {row['run_attempt']})" if (row.get("run_attempt") or 1) > 1 else ""
    event = f" on {code(row['event'])}" if row.get("event") else ""
    ended = "ended unknown to this report" if status == "unknown" else f"ended in {status}"
    sentence = f"{_SIGNS.get(status, '▫️')} {link(name, content.trace.run_url)}{event}{attempt} {ended}."
    return " ".join(part for part in (sentence, _first_failure(content.ran), _health(content)) if part)


def _first_failure(ran: Ran) -> str:
    before = ran.successes_before
    return f"First failure after {plural(before, 'success', 'successes')}." if before and before > 1 else ""


def _failed_jobs(jobs: Sequence[RanJob]) -> str:
    """Those that failed, with the steps that did, each with a link to its log."""
    failed = [job for job in jobs if job.has_failed]
    lines = [
        f"- ❌ {link(code(job.name, 100), job.log_url)}{_steps(job)}"
        for job in failed[:SHOWN_AT_ONCE]
        if job.log_url
    ]
    unseen = (
        f"\n- and {plural(len(failed) - SHOWN_AT_ONCE, 'more job')}" if len(failed) > SHOWN_AT_ONCE else ""
    )
    return "\n".join(lines) + unseen if lines else ""


def _steps(job: RanJob) -> str:
    steps = ", ".join(link(code(name, 100), url) for name, url in job.failed_steps)
    return f" at {steps}" if steps else ""


_TEST_STATES = {"new": "🆕 new", "failing": "❌", "flaky": "🎲 flaky", "known": "❌ as before"}
"""State of the question `changed_tests` → what a table says, in the order in which a reader wants them."""


def failing_tests(content: Content, at_once: int) -> str:
    """The tests that failed, by name, new ones first, with what they say first and where; the first ones open."""
    ran = content.ran
    if not ran.failing_tests:
        return ""
    states = {row["name"]: row["state"] for row in content.answers.tests}
    order = list(_TEST_STATES)
    ordered = sorted(ran.failing_tests, key=lambda test: order.index(_state(states, test.name)))
    rows = [
        [
            code(test.name, 150),
            _TEST_STATES[_state(states, test.name)],
            code(test.message, 160) or ABSENT,
            link(code(test.place, 100), test.url) if test.place else ABSENT,
        ]
        for test in ordered
    ]
    header = ["Failing test", "", "Says", "Where"]
    shown = table(header, rows[:at_once])
    more = max(ran.count_failing, len(rows)) - at_once
    if more <= 0:
        return shown
    if at_once < SHOWN_AT_ONCE:
        return f"{shown}\n\nand {more} more, below."
    unseen = f"\n\nand {ran.count_failing - len(rows)} more" if ran.count_failing > len(rows) else ""
    rest = table(header, rows[at_once:]) if rows[at_once:] else ""
    return f"{shown}\n\n{details(plural(more, 'more failing test'), rest + unseen)}"


def _state(states: Mapping[str, str], name: str) -> str:
    return states.get(name, "failing") if states.get(name) in _TEST_STATES else "failing"


def fixed_tests(content: Content) -> str:
    """The tests that failed at the commit compared with, and do no more."""
    names = [code(row["name"], 100) for row in content.answers.tests if row["state"] == "fixed"]
    more = f" and {len(names) - MOST_FIXED} more" if len(names) > MOST_FIXED else ""
    return f"**Fixed here**: {', '.join(names[:MOST_FIXED])}{more}" if names else ""


def _slowest(tests: Sequence[tuple[str, float]]) -> str:
    """What takes long enough to be looked at: a second and more."""
    slow = [f"{code(name, 100)} {duration(seconds)}" for name, seconds in tests if seconds >= 1]
    return f"Slowest tests: {', '.join(slow)}." if slow else ""


def _artifacts(files: Sequence[KeptFile]) -> str:
    shown = [
        f"{link(code(file.name, 100), file.url)} {size(file.size_bytes)}" for file in files[:SHOWN_AT_ONCE]
    ]
    more = [f"{len(files) - SHOWN_AT_ONCE} more"] if len(files) > SHOWN_AT_ONCE else []
    return f"Artifacts: {', '.join([*shown, *more])}." if files else ""


def _health(content: Content) -> str:
    health = content.answers.pipeline
    if health is None or health["success_rate"] is None or health["count_runs"] < 2:
        return ""
    streak = health["current_streak"]
    kind = "success" if streak > 0 else "failure"
    row = f", {abs(streak)} {kind}{'es' if kind == 'success' else 's'} in a row" if abs(streak) > 1 else ""
    if abs(streak) > 1 and kind == "failure":
        row = f", {abs(streak)} failures in a row"
    return (
        f"{round(100 * health['success_rate'])} % of {plural(health['count_runs'], 'run')} on this branch "
        f"succeeded{row}."
    )


def _tests(content: Content) -> str:
    metrics = content.row.get("ci_metrics") or {}
    changes = {row["metric"]: row["delta"] for row in content.answers.metrics if row["kind"] == "ci"}
    facts = []
    if "tests_total" in metrics:
        bad = [f"{number(metrics[name])} {word}" for name, word in _TEST_OUTCOMES if metrics.get(name)]
        sign = "❌" if metrics.get("tests_failed") or metrics.get("tests_errored") else "✅"
        more = _change(changes.get("tests_total"))
        outcomes = f": {', '.join(bad)}" if bad else ""
        flaky = f", {plural(len(content.ran.flaky_tests), 'flaky one')}" if content.ran.flaky_tests else ""
        facts.append(f"{sign} {number(metrics['tests_total'])} tests{more}{outcomes}{flaky}")
    if "coverage_percent" in metrics:
        facts.append(
            f"coverage {metrics['coverage_percent']:.1f} %{_change(changes.get('coverage_percent'))}"
        )
    others = sorted(set(metrics) - _KNOWN)
    facts += [f"{code(name, 80)} {number(metrics[name])}{_change(changes.get(name))}" for name in others[:20]]
    return " · ".join(facts)


_TEST_OUTCOMES = (("tests_failed", "failed"), ("tests_errored", "broken"), ("tests_skipped", "skipped"))
_KNOWN = {
    "tests_total",
    "tests_seconds",
    "coverage_percent",
    "duration_seconds",
    *(name for name, _ in _TEST_OUTCOMES),
}


def _change(delta: float | None) -> str:
    return f" ({signed(round(delta, 4))})" if delta else ""


def _jobs(jobs: list[dict[str, Any]], ran: Sequence[RanJob]) -> str:
    if not jobs:
        return ""
    logs = {job.name: job.log_url for job in ran}
    # What failed is what is looked for.
    ordered = sorted(jobs, key=lambda job: job.get("conclusion") in ("success", "skipped", "neutral"))
    rows = [
        [
            f"{_SIGNS.get(str(job.get('conclusion')), '▫️')} "
            f"{link(code(job.get('name') or '', 100), logs.get(str(job.get('name'))))}",
            code(str(job.get("conclusion") or "")) or ABSENT,
            duration(job.get("duration_seconds")),
        ]
        for job in ordered
    ]
    header = ["Job", "Conclusion", "Duration"]
    shown = table(header, rows[:SHOWN_AT_ONCE], numeric=(2,))
    if len(rows) <= SHOWN_AT_ONCE:
        return shown
    rest = table(header, rows[SHOWN_AT_ONCE:MOST_JOBS], numeric=(2,))
    unseen = f"\n\nand {len(rows) - MOST_JOBS} more" if len(rows) > MOST_JOBS else ""
    return f"{shown}\n\n{details(plural(len(rows) - SHOWN_AT_ONCE, 'more job'), rest + unseen)}"


def trace_section(content: Content) -> str:
    """One line, each step a link where it has a place to look at."""
    row, trace = content.row, content.trace
    steps = [f"commit {link(code(short_hash(row['commit_sha'])), trace.url_of(row['commit_sha']))}"]
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
    when = local_time(row.get("committed_at"), content.timezone)
    return f"{' → '.join(steps)}{f' · committed {when}' if when != ABSENT else ''}"
