"""A checkout whose commits are reported one after the other, each in its own workflow run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from checkouts import Checkout
from devops_mlops_report.history.stores import FileLocation
from devops_mlops_report.report.config import parse_config
from devops_mlops_report.report.facts.collecting import Inputs
from devops_mlops_report.report.run import Report, make_report

CONFIG = """
version: 3
timezone: Europe/Vienna
report: {highlight_metric: val_accuracy}
metrics:
  val_accuracy: {on_regression: fail}
  loss: {on_regression: warn}
"""
ACTIONS = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_REPOSITORY": "acme/wine",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_REF_NAME": "main",
    "GITHUB_REF_TYPE": "branch",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_WORKFLOW": "ci",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_STEP_SUMMARY": "summary",
    "NEEDS_JSON": json.dumps({"build": {"result": "success"}, "test": {"result": "success"}}),
}


class Scenario:
    """A checkout whose commits are reported one after the other, each in its own workflow run."""

    def __init__(self, root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kept = kept
        monkeypatch.chdir(root)
        self.checkout = Checkout.create(root / "wine")
        self.config = parse_config(CONFIG)
        self.history = Path("commitHistory.csv")
        self.runs = 0

    def report(
        self,
        message: str,
        metrics: Mapping[str, float] | None = None,
        params: Mapping[str, object] | None = None,
        environment: Mapping[str, str] | None = None,
        status: str | None = None,
        changed: Mapping[str, str] | None = None,
        is_docs: bool = False,
        is_again: bool = False,
        **inputs_besides: Any,
    ) -> Report:
        """Commit, and report on it; `is_again`: on the last commit, by one more run."""
        code = {} if is_docs else {"src/train.py": f"# {message}\n"}
        if is_again:
            sha = self.checkout.git("rev-parse", "HEAD")
        else:
            sha = self.checkout.commit(message, {**code, **(changed or {})})
        self.runs += 1
        files = {}
        for name, content in (("metrics", metrics), ("params", params)):
            if content is not None:
                files[name] = Path(f"{name}.json")
                files[name].write_text(json.dumps(content), encoding="utf-8")
        variables = (
            ACTIONS | {"GITHUB_SHA": sha, "GITHUB_RUN_ID": str(9000 + self.runs)} | (environment or {})
        )
        inputs = Inputs(
            self.checkout.root,
            variables,
            files.get("metrics"),
            files.get("params"),
            status=status,
            **inputs_besides,
        )
        now = self.checkout.moment - timedelta(minutes=50)
        return make_report(self.config, FileLocation(self.history), inputs, now)

    def ordinary_history(self) -> None:
        """Seven commits alike."""
        self.remember("ordinary", self._make_ordinary_history)

    def remember(self, name: str, make: Callable[[], None]) -> None:
        """What `make` leaves in a new checkout: made once, and copied from then on."""
        root, kept = Path.cwd(), self.kept / name
        if kept.exists():
            shutil.copytree(kept, root, dirs_exist_ok=True)
            self.runs = self.checkout.count = int((root / "wine/.git/count").read_text())
            return
        make()
        (root / "wine/.git/count").write_text(str(self.runs))
        shutil.copytree(root, kept)

    def _make_ordinary_history(self) -> None:
        for number, accuracy in enumerate((0.90, 0.905, 0.903, 0.91, 0.908, 0.907, 0.911)):
            self.report(
                f"Try number {number}",
                {"val_accuracy": accuracy, "loss": 0.30 - number / 1000},
                {"layers": "64;32", "learning_rate": 0.1},
            )
