"""A pulled model's card, as the Hugging Face Hub reads it: its `model-index`, and where the model comes from.

Source: https://huggingface.co/docs/hub/model-cards#evaluation-results. A result needs a task and a data set, each
with a type; what was not recorded is said to be unknown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

CARD = "README.md"
CARD_BESIDE = "model-card.md"
"""Where the model's own files have a README.md already."""

_ORIGINS = ("commit_sha", "branch", "workflow_run_id", "mlflow_run_id", "digest")
_WIDE = 1_000_000


def model_card(provenance: Mapping[str, Any]) -> str:
    """The card of what `provenance.json` holds. Texts from outside stand in YAML or in JSON, where they are texts."""
    name, version = _line(provenance["model_name"]), _line(provenance["model_version"])
    index = {"name": name, "results": _results(provenance)}
    head = {
        "tags": ["mlflow", "devops-mlops-report"],
        "library_name": "mlflow",
        **({"model-index": [index]} if index["results"] else {}),
    }
    origins = {key: provenance[key] for key in _ORIGINS if provenance.get(key)}
    told = {**origins, "params": provenance["params"], "datasets": provenance["datasets"]}
    return (
        f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=_WIDE)}---\n\n"
        f"# {_plain(name)}, version {_plain(version)}\n\n"
        "Where it comes from; `provenance.json` has all of it, with the digest of each file.\n\n"
        f"```json\n{json.dumps(told, indent=2, ensure_ascii=False)}\n```\n"
    )


def _results(provenance: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One for each data set that the run logged; every metric with each, as a run does not tell which is of which."""
    metrics = [
        {"type": _line(name), "name": _line(name), "value": value}
        for name, value in provenance["metrics"].items()
        if isinstance(value, int | float)
    ]
    if not metrics:
        return []
    return [
        {"task": {"type": "other"}, "dataset": dataset, "metrics": metrics}
        for dataset in [_dataset(each) for each in provenance["datasets"]]
        or [{"type": "unknown", "name": "unknown"}]
    ]


def _dataset(told: Mapping[str, Any]) -> dict[str, Any]:
    name = _line(told.get("name") or "unknown")
    found: dict[str, Any] = {"type": name, "name": name}
    if told.get("context"):
        found["split"] = _line(told["context"])
    if told.get("digest"):
        found["args"] = {"digest": _line(told["digest"])}
    return found


def _line(text: object) -> str:
    return " ".join(str(text).split())


def _plain(text: str) -> str:
    """A name in a heading: what Markdown or HTML would take for more than text goes."""
    return "".join(each for each in text if each.isalnum() or each in " ._-")
