"""Questions come by standard input, answers go to a descriptor, both as one JSON object a line.

MLflow and its plugins may print what they like. The first answer tells whether there is an MLflow. The end of the
questions is the end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

from . import models, registry, runs
from .failures import failure
from .importing import import_mlflow, last_answer
from .stores import client_of

_QUESTIONS: dict[str, Callable[..., dict[str, Any]]] = {
    each.__name__: each
    for each in (
        *(runs.find_runs, runs.get_run, runs.runs_since, runs.finished_runs, runs.tagged_runs),
        *(runs.create_run, runs.log_params, runs.end_run, runs.delete_run),
        *(runs.experiment_id, runs.find_experiment, models.find_models, models.get_models),
        *(
            registry.aliases,
            registry.versions,
            registry.version,
            registry.create_model,
            registry.delete_model,
        ),
        *(registry.create_version, registry.set_tags, registry.set_alias),
        *(registry.aliased_runs, registry.download),
    )
}


def answer_all(questions: Iterable[str], descriptor: int) -> None:
    """Answer every line."""
    os.set_inheritable(descriptor, False)
    with os.fdopen(descriptor, "w", encoding="utf-8") as answers:

        def tell(content: dict[str, Any]) -> None:
            answers.write(json.dumps(content, default=str) + "\n")
            answers.flush()

        started = import_mlflow()
        tell(started)
        if started["ready"]:
            for line in questions:
                tell(answer(json.loads(line)))


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """What a question gives, errors included."""
    last_answer.clear()
    name, uri = question.pop("ask"), question.pop("uri")
    try:
        return _QUESTIONS[name](client_of(uri), uri, **question)
    except Exception as error:  # noqa: BLE001 - MLflow, its stores and their libraries raise what they like
        return failure(error)
