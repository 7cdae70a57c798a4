"""A model card's head is what the Hub reads: YAML with the metrics; texts from outside stay texts."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml
from devops_mlops_report.report.mlflow_client.model_card import model_card

PROVENANCE: dict[str, Any] = {
    "model_name": "wine",
    "model_version": "7",
    "aliases": ["champion"],
    "commit_sha": "c" * 40,
    "branch": "main",
    "workflow_run_id": "71",
    "mlflow_run_id": "r",
    "metrics": {"r2": 0.5, "odd": "NaN"},
    "params": {"lr": "0.1"},
    "datasets": [{"name": "wine.csv", "context": "train", "digest": "abc"}],
    "digest": "sha256:00",
}


def parts(card: str) -> tuple[Any, str]:
    """The head as the Hub cuts it (huggingface_hub, `REGEX_YAML_BLOCK`), and the rest."""
    found = re.search(r"^(\s*---[\r\n]+)([\S\s]*?)([\r\n]+---(\r\n|\r|\n|$))", card)
    assert found is not None
    return yaml.safe_load(found[2]), card[found.end() :]


def test_the_head_has_the_metrics_of_each_data_set_with_its_digest() -> None:
    head, _ = parts(model_card(PROVENANCE))
    [index] = head["model-index"]
    assert index == {
        "name": "wine",
        "results": [
            {
                "task": {"type": "other"},
                "dataset": {
                    **{"type": "wine.csv", "name": "wine.csv", "split": "train", "args": {"digest": "abc"}},
                },
                "metrics": [{"type": "r2", "name": "r2", "value": 0.5}],
            }
        ],
    }
    assert head["library_name"] == "mlflow"


def test_without_metrics_there_is_no_index_and_without_data_sets_they_are_unknown() -> None:
    assert "model-index" not in parts(model_card({**PROVENANCE, "metrics": {}}))[0]
    head, _ = parts(model_card({**PROVENANCE, "datasets": []}))
    assert head["model-index"][0]["results"][0]["dataset"] == {"type": "unknown", "name": "unknown"}


def test_texts_from_outside_neither_end_the_head_nor_the_block_of_json() -> None:
    evil = "x\n---\n```\n<script>alert(1)</script>\n# [a](javascript:b)"
    hostile = {
        **PROVENANCE,
        "model_name": evil,
        "params": {evil: evil},
        "metrics": {evil: 1.0},
        "branch": evil,
    }
    head, rest = parts(model_card(hostile))
    assert head["model-index"][0]["results"][0]["metrics"][0]["value"] == 1.0
    heading, _, told = rest.partition("```json\n")
    assert "<" not in heading
    assert "[" not in heading
    block, _, after = told.partition("\n```\n")
    assert json.loads(block)["params"] == {evil: evil}
    assert after == ""
