"""A suspicion settled on the spot: a commit whose highlight metric is suspected worse is trained again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from ..history.late_dataclass import dataclass
from .facts.measurement_files import median_of
from .facts.row import TrainingFacts


@dataclass(frozen=True)
class Repeat:
    """One more training of the same commit."""

    seconds: float
    metrics: Mapping[str, float] = field(default_factory=dict)
    problem: str = ""
    """Why it measured nothing."""


def is_in_doubt(highlight: Mapping[str, Any] | None) -> bool:
    """Whether the highlight metric is suspected worse at its commit, by a point that another one can confirm."""
    return (
        highlight is not None
        and highlight["verdict"] == "suspected"
        and highlight["direction"] == "worse"
        and highlight["method"] != "drift"
    )


def with_repeat(training: TrainingFacts, repeat: Repeat) -> TrainingFacts:
    """The facts with the values of one more training, in the order in which they were measured, and the medians."""
    repeats = {
        name: (*training.repeats.get(name, (training.metrics[name],)), value)
        for name, value in repeat.metrics.items()
        if name in training.metrics
    }
    medians = {name: median_of(list(values)) for name, values in repeats.items()}
    return replace(training, metrics={**training.metrics, **medians}, repeats={**training.repeats, **repeats})


def told_of_repeats(metric: str, repeats: list[Repeat], highlight: Mapping[str, Any] | None) -> str:
    """What came of it, in a sentence, with the time that it took."""
    seconds = sum(repeat.seconds for repeat in repeats)
    times = "once" if len(repeats) == 1 else f"{len(repeats)} times"
    if problem := repeats[-1].problem:
        outcome = f"without an answer, as {problem}"
    elif is_in_doubt(highlight):
        outcome = "and that is neither confirmed nor withdrawn yet"
    elif highlight is not None and highlight["standing"] == "worse":
        outcome = "and that is confirmed"
    else:
        outcome = "and the suspicion is withdrawn"
    return f"`{metric}` was suspected to be worse, so it was trained again, {times} in {seconds:.0f} s, {outcome}."
