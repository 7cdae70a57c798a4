"""Many histories at one glance: each as it is alone, what needs a person first, what is new told once."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from browser import chromium
from commands import run_here
from devops_mlops_report.history import Settings, open_history
from devops_mlops_report.history.combining import combined, rows_in_todays_layout
from devops_mlops_report.history.stores import FileLocation
from devops_mlops_report.report.overview.fleet import Fleet, named_histories
from devops_mlops_report.report.overview.reading import read_overview
from hostile import HOSTILE, page_of

NOW = datetime.now(UTC).replace(microsecond=0)
GOOD = (0.90, 0.905, 0.902, 0.907, 0.903, 0.906, 0.904, 0.905)
WORSE = (*GOOD, 0.82, 0.821, 0.823)
RECOVERED = (*WORSE, 0.904, 0.906, 0.903)


def _write(
    path: Path,
    repository: str,
    values: Sequence[float | None],
    *,
    newest: datetime = NOW,
    branch: str = "main",
    status: str = "success",
    author: str = "Ada",
    failed_tests: Sequence[str] = (),
) -> Path:
    """A history with a commit every hour up to `newest`, each a value of `val_accuracy`, or none."""
    location = FileLocation(path)
    with location.load(Settings()) as history:
        for number, value in enumerate(values):
            when = newest - timedelta(hours=len(values) - 1 - number)
            is_last = number == len(values) - 1
            for attempt in (1, 2) if is_last and failed_tests else (1,):
                history.append(
                    {
                        "repository": repository,
                        "commit_sha": f"{number:x}" * 40,
                        "parent_sha": f"{number - 1:x}" * 40 if number else "",
                        "branch": branch,
                        "author": author,
                        "commit_message": f"Change {number}",
                        "committed_at": when,
                        "recorded_at": when + timedelta(seconds=attempt),
                        "workflow": "CI",
                        "workflow_run_id": str(number),
                        "run_attempt": attempt,
                        "workflow_status": status if is_last else "success",
                        "jobs": [{"name": "train", "conclusion": "success", "duration_seconds": 120}],
                        "training": "none" if value is None else "trained",
                        "metrics": {} if value is None else {"val_accuracy": value},
                        "failed_tests": list(failed_tests) if attempt == 1 else [],
                        "ci_metrics": {"tests_total": 3},
                    }
                )
        location.save(history, {})
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tmp_path = tmp_path_factory.mktemp("fleet")
    _write(tmp_path / "fine.csv", "acme/fine", GOOD)
    _write(tmp_path / "worse.csv", "acme/worse", WORSE)
    _write(tmp_path / "old.csv", "acme/old", WORSE, newest=NOW - timedelta(days=40))
    _write(tmp_path / "mended.csv", "acme/mended", RECOVERED)
    _write(tmp_path / "red.csv", "acme/red", (None,) * 4, branch="trunk", status="failure")
    _write(tmp_path / "flaky.csv", "acme/flaky", GOOD, failed_tests=["tests::now_and_then"])
    _write(tmp_path / "nameless.csv", "", GOOD)
    return tmp_path


@pytest.fixture
def fleet(made: Path, tmp_path: Path) -> Path:
    """A copy that the test may change."""
    return shutil.copytree(made, tmp_path / "fleet")


def _overview(*sources: Path | str) -> Any:
    return read_overview(
        Fleet(named_histories(map(str, sources))),
        lambda source: FileLocation(Path(source)),
        NOW,
        lambda: None,
    )


def test_each_repository_is_judged_as_it_is_alone(fleet: Path) -> None:
    paths = sorted(fleet.glob("*.csv"))
    parts, alone = [], []
    for path in paths:
        with open_history(path) as history:
            parts.append(rows_in_todays_layout(history, path.stem))
            rows = history.rows("select * exclude (recorded_order, line_id) from regressions order by all")
            alone += [row | {"repository": row["repository"] or path.stem} for row in rows]
    with combined(parts, Settings()) as together:
        found = together.rows("select * exclude (recorded_order, line_id) from regressions order by all")
    order = lambda row: (row["repository"], row["commit_sha"], row["kind"], row["metric"])  # noqa: E731
    assert sorted(found, key=order) == sorted(alone, key=order)
    assert len(found) > 60


def test_what_needs_a_person_comes_first_and_each_is_told_as_it_is(fleet: Path) -> None:
    overview = _overview(fleet / "*.csv")
    rows = {row["repository"]: row for row in overview.repositories}
    assert [row["repository"] for row in overview.repositories][:3] == ["acme/worse", "acme/old", "acme/red"]
    assert set(rows) == {f"acme/{name}" for name in ("worse", "old", "red", "fine", "mended", "flaky")} | {
        "nameless"
    }
    worse = rows["acme/worse"]
    assert (worse["count_worse"], worse["count_new"], worse["is_stale"]) == (1, 1, False)
    assert worse["regressions"][0]["since"] == "8" * 40
    assert worse["regressions"][0]["author"] == "Ada"
    assert (rows["acme/old"]["count_new"], rows["acme/old"]["is_stale"]) == (0, True)
    assert rows["acme/mended"]["count_worse"] == 0
    assert rows["acme/red"]["failing_workflows"] == ["CI"]
    assert rows["acme/red"]["branch"] == "trunk"
    assert rows["acme/red"]["never_trained"]
    assert not rows["acme/fine"]["never_trained"]
    assert rows["acme/fine"]["minutes"] == 2 * len(GOOD)
    assert rows["acme/flaky"]["flaky_tests"] == ["tests::now_and_then"]


def test_what_can_not_be_read_is_named_and_costs_itself_alone(fleet: Path) -> None:
    (fleet / "broken.csv").write_bytes(b"\x00\x01 no history")
    (fleet / "folder.csv").mkdir()
    answer = run_here("overview", str(fleet / "*.csv"), str(fleet / "absent.csv"), cwd=fleet)
    assert answer.code == 0, answer.stderr
    assert "3 histories could not be read" in answer.stdout
    for name in ("broken.csv", "folder.csv", "absent.csv"):
        assert name in answer.stdout
    assert "acme/worse" in answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr


def test_a_repository_that_two_histories_hold_is_told_once(fleet: Path) -> None:
    (fleet / "again.csv").write_bytes((fleet / "worse.csv").read_bytes())
    overview = _overview(fleet / "worse.csv", fleet / "again.csv")
    assert [row["repository"] for row in overview.repositories] == ["acme/worse"]
    assert overview.repositories[0]["count_runs"] == len(WORSE)


def test_a_file_names_the_fleet_and_what_is_wrong_in_it_is_said_in_one_line(fleet: Path) -> None:
    config = fleet / "fleet.yml"
    config.write_text("histories: [worse.csv, {source: nameless.csv, name: acme/named}]\nstale_days: 3\n")
    answer = run_here("overview", "--config", "fleet.yml", cwd=fleet)
    assert answer.code == 0, answer.stderr
    assert "acme/named" in answer.stdout
    assert (fleet / "overview/index.html").exists()
    for text, wanted in {
        "histories: worse.csv": "a list of addresses",
        "histories: [1]": "wanted an address",
        "histories: [worse.csv]\nstale: 3": "unknown key 'stale'",
        "histories: [worse.csv]\ndays: none": "whole number",
        "histories: [worse.csv\n": "no YAML",
        "histories: ['no*.csv']": "no file is there",
        "histories: []": "no history is named",
    }.items():
        config.write_text(text)
        answer = run_here("overview", "--config", "fleet.yml", cwd=fleet)
        assert answer.code == 2
        assert answer.is_one_line()
        assert wanted in answer.stderr


@contextmanager
def _webhook(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Its address, and what it was told."""
    told: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hooks/T0000-secret-part", told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_new_regressions_are_told_to_the_webhook_and_old_ones_are_not(fleet: Path) -> None:
    with _webhook() as (url, told):
        for sources in (("fine.csv", "old.csv", "mended.csv"), ("worse.csv", "old.csv")):
            answer = run_here("overview", *sources, cwd=fleet, environment={"OVERVIEW_WEBHOOK": url})
            assert answer.code == 0, answer.stderr
            assert "secret-part" not in answer.stdout + answer.stderr
    assert len(told) == 1
    assert told[0]["text"].startswith("1 new regression:\n• acme/worse: val_accuracy −9.")
    assert "acme/old" not in told[0]["text"]


def test_a_webhook_that_refuses_or_is_away_costs_nothing_but_itself(fleet: Path) -> None:
    with _webhook(500) as (url, _):
        answer = run_here("overview", "worse.csv", cwd=fleet, environment={"OVERVIEW_WEBHOOK": url})
    assert answer.code == 0
    assert "OVERVIEW_WEBHOOK: the server answered 500" in answer.stderr
    away = run_here("overview", "worse.csv", cwd=fleet, environment={"OVERVIEW_WEBHOOK": url})
    assert away.code == 0
    for text in (answer.stderr, away.stderr):
        assert "secret-part" not in text
    plain = run_here(
        "overview", "worse.csv", cwd=fleet, environment={"OVERVIEW_WEBHOOK": "http://example.org/x"}
    )
    assert "wanted an https address, nothing was sent" in plain.stderr


def test_texts_of_histories_act_neither_in_the_summary_nor_on_the_page(tmp_path: Path) -> None:
    texts = [text.replace("\0", "").strip() or "x" for text in HOSTILE[::75]]
    for number, text in enumerate(texts):
        _write(tmp_path / f"{number}.csv", f"acme/{text}", WORSE, author=text, failed_tests=[text])
    answer = run_here("overview", "*.csv", "no\nsuch|<b>file</b>.csv", cwd=tmp_path)
    assert answer.code == 0, answer.stderr
    page = page_of((tmp_path / "overview/overview.md").read_text())
    assert page.links == []
    assert page.live == []
    html = (tmp_path / "overview/index.html").read_text()
    assert html.count("<script>") == 1
    for start in ("<img", "<a href=https", "<h1>gone", "<details open"):
        assert start not in html


def test_the_page_is_sorted_and_searched_in_a_browser_and_loads_nothing(fleet: Path) -> None:
    assert run_here("overview", str(fleet / "*.csv"), cwd=fleet).code == 0
    with chromium() as browser:
        page = browser.new_context(viewport={"width": 400, "height": 800}, offline=True).new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.goto((fleet / "overview/index.html").as_uri())
        assert page.locator("tbody tr").first.inner_text().startswith("acme/worse")
        assert page.evaluate("() => document.scrollingElement.scrollWidth") <= 400
        page.locator("th button", has_text="Repository").click()
        assert page.locator("tbody tr").first.inner_text().startswith("acme/fine")
        page.locator("input").fill("val_accuracy old")
        assert page.locator("tbody tr:visible").count() == 1
        assert page.locator("[role=status]").inner_text() == "1 of 7"
        assert faults == []


def test_what_came_in_by_a_merge_is_no_part_of_the_default_branch_s_line(tmp_path: Path) -> None:
    """Its commits were reported on the default branch too, by a workflow that runs on every push."""
    path = tmp_path / "merged.csv"
    location = FileLocation(path)
    with location.load(Settings()) as history:
        steps = [("a", number, 0.90 + number % 3 / 1000) for number in range(8)]
        steps += [("b", number, 0.97 + number % 3 / 1000) for number in range(8)]
        steps += [("a", number, 0.90 + number % 3 / 1000) for number in range(8, 16)]
        for at, (line, number, value) in enumerate(steps):
            when = NOW - timedelta(hours=len(steps) - at)
            parent = f"{line}{number - 1:x}" * 20 if number else "a7" * 20 if line == "b" else ""
            history.append(
                {
                    "repository": "acme/merged",
                    "commit_sha": f"{line}{number:x}" * 20,
                    "parent_sha": parent,
                    "branch": "main",
                    "recorded_at": when,
                    "workflow_run_id": str(at),
                    "workflow_status": "success",
                    "training": "trained",
                    "metrics": {"val_accuracy": value},
                }
            )
        location.save(history, {})
    [found] = _overview(path).repositories
    assert (found["commit_sha"], found["count_worse"]) == ("af" * 20, 0)
