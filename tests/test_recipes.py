"""The recipes of the documentation, each asked of one history whose answers are known."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from checkouts import Checkout
from commands import run_here
from devops_mlops_report.history import Settings
from devops_mlops_report.history.stores import FileLocation

ROOT = Path(__file__).resolve().parent.parent
ANSWERS = Path(__file__).with_name("recipes.json")
RECIPES = re.findall(
    r"^## (.+?)\n.*?```sql\n(.+?)```", (ROOT / "docs/recipes.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)

STORY: tuple[tuple[str, float | None, dict[str, Any]], ...] = (
    ("Train a first model", 0.80, {"params": {"lr": "0.1", "depth": "4"}, "cause": "Both"}),
    ("Shuffle", 0.801, {}),
    ("Seed the sampler", 0.799, {"tag": "v1.0"}),
    ("Write the README", None, {}),
    ("Weigh rare classes", 0.802, {"status": "failure", "failed": ["test_loads", "test_sums"]}),
    ("Retry", 0.80, {"status": "failure", "failed": ["test_sums"]}),
    ("Mend the sum", 0.801, {}),
    ("Deepen the trees", 0.85, {"params": {"lr": "0.1", "depth": "8"}, "version": "1"}),
    ("Cache", 0.851, {"python": "3.13"}),
    ("Log more", 0.849, {"tag": "v1.1"}),
    ("Clean up", 0.85, {}),
    ("Train on three more months", 0.852, {"cause": "Data", "version": "2"}),
    ("Lower the rate", 0.85, {"params": {"lr": "0.05", "depth": "8"}}),
    ("Switch the tokenizer", 0.81, {"author": "Grace Hopper", "version": "3"}),
    ("Document it", 0.811, {"author": "Grace Hopper"}),
    ("Tune", 0.809, {"tag": "v1.2"}),
    ("Tune again", 0.81, {}),
    ("Tune less", 0.811, {}),
)


def row(
    checkout: Checkout, at: int, message: str, value: float | None, told: dict[str, Any]
) -> dict[str, Any]:
    sha = checkout.commit(message)
    params = told.get("params", {"lr": "0.1", "depth": "4"} if at < 7 else {"lr": "0.1", "depth": "8"})
    if at > 12:
        params = {"lr": "0.05", "depth": "8"}
    status = told.get("status", "success")
    trained: dict[str, Any] = {"training": "skipped"}
    if value is not None:
        trained = {"training": "trained", "cause": told.get("cause", "Script"), "training_seconds": 600.0}
        loss = 0.9 if at in (8, 9) else 0.7
        metrics = {"val_accuracy": value, "loss": round(loss + at % 3 / 500, 4)}
        trained |= {"params": params, "metrics": metrics}
    jobs = [
        {"name": "test", "conclusion": status, "duration_seconds": 120},
        {"name": "train", "conclusion": "success", "duration_seconds": 600 if value is not None else 6},
    ]
    return {
        **{"repository": "acme/wine", "commit_sha": sha, "parent_sha": parent(checkout), "branch": "main"},
        **{"author": told.get("author", "Ada Lovelace"), "commit_message": message},
        **{"committed_at": START + timedelta(hours=12 * at), "recorded_at": START + timedelta(hours=12 * at)},
        **{"workflow": "ci", "workflow_run_id": str(100 + at), "run_attempt": 1, "workflow_status": status},
        **{"jobs": jobs, "failed_tests": told.get("failed"), "ci_metrics": {"tests_total": 40}},
        **{"environment": {"os": "Linux", "python": "3.13" if at >= 8 else "3.12"}},
        **{"model_version": told.get("version"), "model_name": "wine" if "version" in told else None},
        **trained,
    }


def parent(checkout: Checkout) -> str | None:
    hashes = checkout.git("log", "-2", "--format=%H").split()
    return hashes[1] if len(hashes) > 1 else None


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A repository with 18 commits, three releases and a side branch, and its history."""
    checkout = Checkout.create(tmp_path_factory.mktemp("recipes") / "wine")
    rows = []
    for at, (message, value, told) in enumerate(STORY):
        rows.append(row(checkout, at, message, value, told))
        if "tag" in told:
            checkout.git("tag", told["tag"])
    # The second attempt at the commit of a failed run passed the test that loads.
    again = {**rows[4], "run_attempt": 2, "failed_tests": ["test_sums"]}
    again |= {"recorded_at": START + timedelta(hours=49)}
    checkout.git("checkout", "--quiet", "-b", "side", "HEAD~10")
    side = row(checkout, 18, "Try it aside", 0.83, {}) | {"branch": "side"}
    checkout.git("checkout", "--quiet", "main")
    text = "version: 3\nreport: {highlight_metric: val_accuracy}\nstorage: {path: h.csv}\n"
    (checkout.root / "report-config.yml").write_text(text)
    location = FileLocation(checkout.root / "h.csv")
    with location.load(Settings()) as history:
        for each in (*rows[:5], again, *rows[5:], side):
            history.append(each)
        location.save(history, {})
    return checkout


def test_there_are_twenty() -> None:
    assert len(RECIPES) == 20


@pytest.mark.parametrize(("question", "query"), RECIPES, ids=[question for question, _ in RECIPES])
def test_a_recipe_s_answer_is_the_one_that_the_story_has(wine: Checkout, question: str, query: str) -> None:
    answer = run_here("sql", query, "--format", "json", cwd=wine.root)
    assert answer.code == 0, answer.stderr
    assert json.loads(answer.stdout) == json.loads(ANSWERS.read_text("utf-8"))[question]
