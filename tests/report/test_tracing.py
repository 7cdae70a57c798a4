"""The trace's links: to the page of the history, where one is published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import run_here
from devops_mlops_report.report.tracing import find_page

CONFIG = "version: 3\nreport: {highlight_metric: acc, page_url: %s}\n"
PAGE = "https://acme.example.org/wine/"


@pytest.fixture
def wine(tmp_path: Path) -> Checkout:
    checkout = Checkout.create(tmp_path / "wine")
    checkout.commit("Begin", {"report-config.yml": CONFIG % PAGE})
    return checkout


def summary(wine: Checkout, **environment: str) -> str:
    answer = run_here("run", cwd=wine.root, environment=environment)
    assert answer.code == 0, answer.stderr
    return (wine.root / ".devops-mlops-report/summary.md").read_text()


def test_the_summary_links_to_the_commit_on_the_page_that_the_config_else_the_workflow_names(
    wine: Checkout,
) -> None:
    sha = wine.git("rev-parse", "HEAD")
    told = summary(wine, PAGE_URL="https://other.example.org/")
    assert f"[page of the history]({PAGE}#/commit/{sha})" in told
    wine.commit("No page", {"report-config.yml": CONFIG % "null"})
    told = summary(wine, PAGE_URL="https://x.example.org/runs/7#artifacts")
    assert "[page of the history](https://x.example.org/runs/7#artifacts)" in told


@pytest.mark.parametrize(
    "odd", ["http://x.example.org/", "javascript:alert(1)", "https://u:p@x.example.org/", "https://x/)[y"]
)
def test_what_is_no_https_address_is_linked_to_by_nobody_and_said_to_be(odd: str) -> None:
    notices = list[str]()
    assert find_page(None, {"PAGE_URL": odd}, notices) is None
    assert notices == ["PAGE_URL is no https address, so the report links to no page of the history."]
    assert find_page(None, {}, []) is None


def test_a_config_links_to_https_alone_and_a_stranger_s_to_nothing(wine: Checkout, tmp_path: Path) -> None:
    event = {"pull_request": {"number": 5, "head": {"repo": {"full_name": "mallory/wine"}}}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    told = summary(
        wine,
        GITHUB_ACTIONS="true",
        GITHUB_EVENT_NAME="pull_request",
        GITHUB_EVENT_PATH=str(tmp_path / "event.json"),
        GITHUB_REPOSITORY="acme/wine",
        GITHUB_SERVER_URL="https://github.com",
        GITHUB_API_URL="http://127.0.0.1:9",
        NO_PROXY="127.0.0.1",
    )
    assert "page of the history" not in told
    for odd in ("http://acme.example.org/", "https://token@acme.example.org/", "page.html"):
        wine.commit("Odd", {"report-config.yml": CONFIG % odd})
        answer = run_here("run", cwd=wine.root)
        assert (answer.code, answer.is_one_line()) == (2, True), answer.stderr
        assert "wanted an https:// address without credentials" in answer.stderr
