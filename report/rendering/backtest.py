"""A backtest as text for a terminal and as values for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..verdicts.answers import CHANGED, Row
from ..verdicts.backtesting import Outcome
from .answer_tables import Grid, Part, Title, plain
from .quantities import local_time, number, plural, short_hash, signed
from .states import shown_verdict

MOST_COMMITS = 60
_HEADER = ("#", "rule", *CHANGED, "withdrawn", "worse")
_RIGHT = set(range(len(_HEADER))) - {1}


def backtest_parts(metric: str, outcomes: Sequence[Outcome], shown: int, timezone: str) -> list[Part]:
    """The table of rules, and the commits that the rule number `shown` (from 1) flags."""
    first = outcomes[0]
    judged = f"{first.count_judged} of {plural(first.count_commits, 'measured commit')} could be judged"
    return [
        Title(f"{plain(metric, 80)}: {judged}"),
        "",
        Grid([_HEADER, *_rows(outcomes)], right=_RIGHT, has_header=True),
        "",
        "`on_regression: fail` would have failed the runs that left it worse (the last column), from each regression "
        "until it was over; `on_suspected: fail` also those that are suspected for the worse.",
        "",
        *_flagged(outcomes[shown - 1], shown, timezone),
    ]


def backtest_values(metric: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The same for machines, with the flagged commits of every rule."""
    kept = (
        "commit_sha",
        "recorded_at",
        "value",
        "verdict",
        "standing",
        "reason",
        "since_commit_sha",
        "withdrawn_commit_sha",
    )
    return {
        "metric": metric,
        "rules": [
            {
                "name": outcome.candidate.name,
                "changes": dict(outcome.candidate.changes),
                "count_commits": outcome.count_commits,
                "count_judged": outcome.count_judged,
                **{name: outcome.count(name) for name in CHANGED},
                "withdrawn": outcome.count_withdrawn,
                "suspected_worse": outcome.count_suspected_worse,
                "worse": outcome.count_worse,
                "flagged": [{name: row[name] for name in kept} for row in outcome.flagged],
            }
            for outcome in outcomes
        ],
    }


def _rows(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, ...]]:
    for at, outcome in enumerate(outcomes, start=1):
        *counts, suspected = (str(outcome.count(verdict)) for verdict in CHANGED)
        suspected += f" ({outcome.count_suspected_worse} worse)" if outcome.count_suspected_worse else ""
        counts += [suspected, str(outcome.count_withdrawn), str(outcome.count_worse)]
        yield str(at), outcome.candidate.name, *counts


def _flagged(outcome: Outcome, number_of: int, timezone: str) -> Iterator[Part]:
    yield Title(f"Flagged by rule {number_of}, {outcome.candidate.name}:")
    if not outcome.flagged:
        yield "  none"
        return
    left_out = len(outcome.flagged) - MOST_COMMITS
    if left_out > 0:
        yield f"  {left_out} earlier ones are left out; --format json has all"
    yield Grid([_commit(row, timezone) for row in outcome.flagged[-MOST_COMMITS:]], right={2, 3})


def _commit(row: Row, timezone: str) -> tuple[str, ...]:
    withdrawn = row["withdrawn_commit_sha"]
    words = f"withdraws {short_hash(withdrawn)}" if withdrawn else shown_verdict(row).words
    return (
        short_hash(row["commit_sha"]),
        local_time(row["recorded_at"], timezone),
        number(row["value"]),
        signed(row["delta"]),
        words,
        plain(row["reason"], 160),
    )
