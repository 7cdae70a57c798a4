"""Runs in a pull request on GitHub, whose API is on loopback."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path

from checkouts import Checkout
from commands import Answer, run_here
from servers.github_api import GitHubApi

TOKEN = "ghs_s3cret0123456789"


@dataclass
class PullRequest:
    """The pull request #5 of `acme/wine`; each report is a run of its own."""

    root: Path
    api: GitHubApi
    checkout: Checkout = field(init=False)
    run_id: int = 76
    head_repository: str = "acme/wine"
    page: Path = field(init=False)
    """The job's page of the last run."""

    def __post_init__(self) -> None:
        self.checkout = Checkout.create(self.root / "wine")
        self.page = self.root / "page.md"
        self.configure("")

    def configure(self, report: str) -> None:
        """The keys of `report` in the config, beside the metric."""
        path = self.checkout.root / "report-config.yml"
        path.write_text(f"version: 3\nreport: {{highlight_metric: score{report and ', '}{report}}}\n")

    def report(
        self, *options: str, status: str = "success", score: float | None = None, **changes: str
    ) -> Answer:
        """Commit and report."""
        environment = self.prepare(score=score) | changes
        return run_here(
            *("run", "--metrics", str(self.root / "m.json"), "--status", status, *options),
            cwd=self.checkout.root,
            environment=environment,
        )

    def prepare(self, *, score: float | None = None) -> dict[str, str]:
        """Commit; returns the variables of the run that is to report on it."""
        self.run_id += 1
        self.checkout.commit(f"Commit {self.run_id}")
        head = {"sha": self.checkout.git("rev-parse", "HEAD"), "ref": "feature"}
        payload = {
            "pull_request": {
                "number": 5,
                "head": {**head, "repo": {"full_name": self.head_repository}},
                "base": {"ref": "main", "repo": {"full_name": "acme/wine"}},
            },
            "repository": {"full_name": "acme/wine"},
        }
        event, metrics = self.root / "event.json", self.root / "m.json"
        event.write_text(json.dumps(payload))
        metrics.write_text(json.dumps({} if score is None else {"score": score}))
        self.page.write_text("")
        self.api.asked.clear()
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "acme/wine",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_HEAD_REF": "feature",
            "GITHUB_BASE_REF": "main",
            "GITHUB_RUN_ID": str(self.run_id),
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_WORKFLOW": "ci",
            "GITHUB_API_URL": self.api.url,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_STEP_SUMMARY": str(self.page),
            "NO_PROXY": "127.0.0.1",
        }

    @property
    def rows(self) -> list[dict[str, str]]:
        """The history's."""
        path = self.checkout.root / ".devops-mlops-report/commitHistory.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
