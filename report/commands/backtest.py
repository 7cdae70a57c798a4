"""`devops-mlops-report backtest`: what other rules would have flagged."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args

import click

from ...history.settings import Baseline
from ..delivery.printing import give, show_parts
from ..delivery.progress import progress
from ..errors import UsageError
from ..rendering.answer_tables import json_text
from ..rendering.backtest import backtest_parts, backtest_values
from ..verdicts.backtesting import Candidate, Outcome, usual_candidates
from ..verdicts.backtesting import backtest as replay
from .places import Place, on_a_history

_NUMBER = click.FLOAT
_BASELINES = [name for name in get_args(Baseline) if name != "commit"]
"""A commit would need its hash beside it."""
_RULES = (
    click.option("--min-effect", type=_NUMBER, multiple=True, help="Try this smallest effect. Repeatable."),
    click.option(
        "--min-effect-percent", type=_NUMBER, multiple=True, help="The same in percent of the level."
    ),
    click.option("--max-drop", type=_NUMBER, multiple=True, help="Try this bound on a drop. Repeatable."),
    click.option("--target", type=_NUMBER, multiple=True, help="Try this target. Repeatable."),
    click.option(
        "--baseline",
        type=click.Choice(_BASELINES),
        multiple=True,
        help="Try this baseline. Repeatable.",
    ),
)


def _rules(command: Any) -> Any:
    for option in reversed(_RULES):
        command = option(command)
    return command


@click.command()
@click.option("--metric", metavar="NAME", help="The metric. Default: the highlight metric.")
@click.option("--branch", metavar="NAME", help="Commits of this branch alone. Default: of all.")
@_rules
@click.option("--show", type=int, default=1, metavar="NUMBER", help="List what this rule of the table flags.")
@click.option("--format", "style", type=click.Choice(("text", "json")), default="text", show_default=True)
@on_a_history
def backtest(
    place: Place, metric: str | None, branch: str | None, show: int, style: str, **tried: tuple[Any, ...]
) -> None:
    """Replay the history and list what each rule for a metric would have flagged, as the commits arrived.

    Without a rule to try: as configured, smallest effects of 0, 1, 2 and 5 percent, and bounds that the history's own
    drops suggest. Nothing is changed; the rule that suits goes into `metrics` of the config.

    \b
    Examples:
      devops-mlops-report backtest
      devops-mlops-report backtest --metric val_loss --min-effect 0.01 --min-effect 0.02 --show 2
    """
    name = metric or place.config.report.highlight_metric
    if name is None:
        raise UsageError("no metric to replay: give --metric, or set report.highlight_metric in the config")
    candidates = [
        Candidate(((key, value),)) for key, values in tried.items() for value in _checked(key, values)
    ]
    history = place.open()
    tried_rules = [Candidate(), *(candidates or usual_candidates(history, name, branch))]
    with progress("replaying", len(tried_rules)) as step:
        outcomes = replay(history, name, _counted(tried_rules, step), branch)
    _check(outcomes, name, branch, show)
    if style == "json":
        give(json_text(backtest_values(name, outcomes)))
    else:
        show_parts(backtest_parts(name, outcomes, show, place.config.timezone))


def _counted(candidates: Iterable[Candidate], step: Callable[[], None]) -> Iterator[Candidate]:
    for candidate in candidates:
        yield candidate
        step()


def _checked(key: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    for value in values:
        if isinstance(value, float) and (not math.isfinite(value) or (value < 0 and key != "target")):
            wanted = "a finite number" if key == "target" else "a finite number, at least 0"
            raise UsageError(f"--{key.replace('_', '-')}: wanted {wanted}; found {value}")
    return values


def _check(outcomes: list[Outcome], metric: str, branch: str | None, show: int) -> None:
    if not outcomes[0].count_commits:
        where = f" on branch {branch!r}" if branch is not None else ""
        raise UsageError(f"metric {metric!r} has no value in the history{where}: there is nothing to replay")
    if not 1 <= show <= len(outcomes):
        raise UsageError(f"--show: wanted a number of the table, 1 to {len(outcomes)}; found {show}")
