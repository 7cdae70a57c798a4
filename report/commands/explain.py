"""`devops-mlops-report explain`: how a verdict came about."""

from __future__ import annotations

import click

from ..delivery.printing import give, show_parts
from ..delivery.progress import progress
from ..rendering.answer_tables import json_text
from ..rendering.explanation import explanation_parts, explanation_values
from ..verdicts.explaining import explain as explain_commit
from ..verdicts.explaining import find_commit
from .places import Place, on_a_history


@click.command()
@click.argument("commit", required=False)
@click.option("--metric", metavar="NAME", help="Explain this metric alone.")
@click.option("--format", "style", type=click.Choice(("text", "json")), default="text", show_default=True)
@on_a_history
def explain(place: Place, commit: str | None, metric: str | None, style: str) -> None:
    """Explain how the verdict on COMMIT came about: what was compared, by which rule, what else changed there.

    COMMIT is a hash, or what git calls a commit; without it HEAD, else the newest of the history. Without --metric:
    the highlight metric and those that are not steady.

    \b
    Examples:
      devops-mlops-report explain
      devops-mlops-report explain 4f2a91c --metric val_accuracy
    """
    history = place.open()
    with progress("asking the history"):
        commit_sha = find_commit(history, place.root, commit)
        explanation = explain_commit(history, place.config, place.root, commit_sha, metric)
    if style == "json":
        give(json_text(explanation_values(explanation)))
    else:
        show_parts(explanation_parts(explanation, place.config.timezone))
