"""`devops-mlops-report accept`: a change that is meant, written into the config."""

from __future__ import annotations

import click

from ...history import History
from ..config import Config
from ..config.editing import CannotEditError, accept_in_file
from ..delivery.printing import note, say
from ..errors import UsageError
from ..verdicts.answers import ask_question
from ..verdicts.explaining import find_commit
from .places import Place, on_a_history


@click.command()
@click.argument("commit")
@click.option("--metric", metavar="NAME", help="The metric whose change is meant. Default: every metric's.")
@click.option("--reason", metavar="TEXT", help="Why, for those who read the config.")
@on_a_history
def accept(place: Place, commit: str, metric: str | None, reason: str | None) -> None:
    """Accept the change at COMMIT: from there on the level begins anew, and nothing before it counts.

    It adds an entry to the list `accept` of the config's file, to be reviewed and committed like any change; comments
    and everything else stay as they are.

    \b
    Examples:
      devops-mlops-report accept 4f2a91c
      devops-mlops-report accept 4f2a91c --metric val_accuracy --reason "a harder test set"
    """
    path = place.config.source
    if path is None:
        raise UsageError(
            "there is no config to write to: make a report-config.yml with `report: {highlight_metric: ...}` first"
        )
    history = place.open()
    sha = find_commit(history, place.root, commit)
    _check_measured(history, sha, metric)
    what = f"{sha[:7]} is accepted for {metric or 'every metric'}"
    if _is_accepted(place.config, sha, metric):
        note(f"{path}: {what} already.")
        return
    entry = {"commit": sha, "metric": metric, "reason": reason}
    try:
        accept_in_file(path, {key: value for key, value in entry.items() if value is not None})
    except CannotEditError as error:
        say(error.lines)
        raise
    note(f"{path}: {what}; commit the file to make it count.")


def _check_measured(history: History, sha: str, metric: str | None) -> None:
    """Refuse what would have no effect: a level begins where there is a number."""
    measured = [row["metric"] for row in ask_question(history, "measured_at_commit", commit_sha=sha)]
    if metric is not None and metric not in measured:
        known = ", ".join(measured[:20]) or "no metric at all"
        raise UsageError(f"metric {metric!r} has no value at {sha[:7]}, which has {known}")
    if not measured:
        raise UsageError(f"commit {sha[:7]} has no metric, so there is no change to accept")


def _is_accepted(config: Config, sha: str, metric: str | None) -> bool:
    return any(sha.startswith(each.commit) and each.metric in (None, metric) for each in config.accept)
