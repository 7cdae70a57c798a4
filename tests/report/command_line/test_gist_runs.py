"""`run` with the history in a gist: a real git host on loopback, faults at every step, many writers at once."""

from __future__ import annotations

import base64
import csv
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import Answer, run_command
from servers.git_server import Fault, GitServer, git_server

TOKEN = "gho_a1b2c3d4e5f6a7b8c9d0"
WRITERS = 50
ROUNDS = int(os.environ.get("GIST_ROUNDS", "1"))
"""How many times the crowd comes; `GIST_ROUNDS=10` for the figures in the documentation."""

OLD = (
    b"timestamp_local,branch,author,commit_sha,commit_message,workflow_status,mlflow_project_detected,is_trained,"
    b"mlflow_run_id,duration,mlflow_params_kv,mlflow_metrics_kv,cause\n"
    + b"".join(
        b"2024-06-0%d 12:00:00,main,ada,old%d,Day %d,success,Yes,true,,12s,lr=0.1,acc=0.9%d,Script\n"
        % (d, d, d, d)
        for d in range(1, 9)
    )
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with git_server(tmp_path / "gists", TOKEN) as running:
        running.create_gist("history", {"commitHistory.csv": OLD})
        yield running


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout.create(tmp_path / "wine")
    made.commit("Begin")
    return made


def _environment(**more: str) -> dict[str, str]:
    return {"GIST_TOKEN": TOKEN, "GITHUB_ACTIONS": "true", "GITHUB_RUN_ATTEMPT": "1"} | more


def _run(server: GitServer, checkout: Checkout, run_id: str, **more: str) -> Answer:
    page = checkout.root.parent / f"page-{run_id}.md"
    return run_command(
        "run",
        "--history",
        f"{server.url}/history",
        "--output",
        checkout.root.parent / f"out-{run_id}",
        cwd=checkout.root,
        environment=_environment(GITHUB_RUN_ID=run_id, GITHUB_STEP_SUMMARY=str(page)) | more,
    )


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def _run_ids(server: GitServer) -> list[str]:
    return [
        row["workflow_run_id"]
        for row in _rows(server.read("commitHistory.csv"))
        if row.get("workflow_run_id")
    ]


def _old_commits(server: GitServer) -> list[str]:
    return [
        row["commit_sha"]
        for row in _rows(server.read("commitHistory.csv"))
        if row["commit_sha"].startswith("old")
    ]


def test_a_run_adds_its_row_and_badge_in_one_commit(server: GitServer, checkout: Checkout) -> None:
    before = server.count_revisions()
    answer = _run(server, checkout, "1")
    assert (answer.code, answer.stderr) == (0, "")
    assert _run_ids(server) == ["1"]
    assert len(_old_commits(server)) == 8
    assert b'"schemaVersion"' in server.read("badge.json")
    assert server.count_revisions() == before + 1
    page = (checkout.root.parent / "page-1.md").read_text()
    assert (server.tip() or "")[:7] in page


def test_the_token_is_in_no_place_that_lasts(server: GitServer, checkout: Checkout, tmp_path: Path) -> None:
    answers = [_run(server, checkout, "1")]
    server.inject(Fault("push-info", status=403))
    answers.append(_run(server, checkout, "2"))
    encoded = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for secret in (TOKEN, encoded, encoded.rstrip("=")[:-2]):
        assert all(secret not in answer.stdout + answer.stderr for answer in answers)
        assert not any(secret.encode() in content for content in written)


def test_without_a_token_the_report_appears_and_says_why_nothing_was_recorded(
    server: GitServer, checkout: Checkout
) -> None:
    answer = _run(server, checkout, "1", GIST_TOKEN="")
    assert answer.code == 0
    assert "GIST_TOKEN" in (checkout.root.parent / "page-1.md").read_text()
    assert _run_ids(server) == []
    assert not (checkout.root.parent / "out-1/pending").exists()


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_gist_that_cannot_be_read_is_no_empty_history(
    server: GitServer, checkout: Checkout, status: int
) -> None:
    server.inject(Fault("fetch-info", status=status, times=99))
    tip = server.tip()
    answer = _run(server, checkout, "1")
    assert answer.code == 1
    assert answer.is_one_line() or answer.stderr.count("\n") == 2, answer.stderr
    assert server.tip() == tip
    assert "## " in (checkout.root.parent / "page-1.md").read_text()
    assert len(list((checkout.root.parent / "out-1/pending").iterdir())) == 1


FAULTS = [
    *(
        Fault(step, status=status)
        for step in ("fetch-info", "fetch", "push-info", "push")
        for status in (429, 500, 502)
    ),
    *(
        Fault(step, status=status, times=99)
        for step in ("push-info", "push")
        for status in (401, 403, 404, 409)
    ),
    *(Fault(step, kind) for step in ("fetch", "push") for kind in ("drop-before", "drop-after", "cut")),
]


@pytest.mark.parametrize(
    "fault", FAULTS, ids=lambda fault: f"{fault.step}-{fault.kind}-{fault.status}x{fault.times}"
)
def test_whatever_fails_no_row_is_lost_and_the_summary_is_there(
    server: GitServer, checkout: Checkout, fault: Fault
) -> None:
    server.inject(fault)
    answer = _run(server, checkout, "1")
    assert "Traceback" not in answer.stderr
    assert len(_old_commits(server)) == 8
    pending = list((checkout.root.parent / "out-1").glob("pending/*.csv"))
    assert (_run_ids(server) == ["1"]) or (answer.code == 1 and len(pending) == 1)
    assert _run_ids(server) in ([], ["1"])
    assert (checkout.root.parent / "page-1.md").read_text().startswith("## ")


def test_a_pending_row_is_taken_in_exactly_once(server: GitServer, checkout: Checkout) -> None:
    server.inject(Fault("push", status=403, times=99))
    assert _run(server, checkout, "1").code == 1
    server.take_fault("push")
    while server.take_fault("push"):
        pass
    [pending] = (checkout.root.parent / "out-1/pending").iterdir()
    for _ in range(2):
        answer = run_command(
            "merge",
            pending,
            "--history",
            f"{server.url}/history",
            cwd=checkout.root,
            environment=_environment(),
        )
        assert answer.code == 0, answer.stderr
        assert _run_ids(server) == ["1"]


def test_of_many_writers_at_once_none_loses_its_row(
    server: GitServer, checkout: Checkout, record_property: Callable[[str, object], None]
) -> None:
    for number in range(ROUNDS):
        run_ids = [str(1000 * number + writer) for writer in range(WRITERS)]
        begun = time.monotonic()
        with ThreadPoolExecutor(WRITERS) as crowd:
            answers = list(crowd.map(lambda run_id: _run(server, checkout, run_id), run_ids))
        recorded = [run_id for run_id in _run_ids(server) if run_id in run_ids]
        record_property(
            "figure",
            f"round {number + 1} of {ROUNDS}: {len(set(recorded))} of {WRITERS} rows, "
            f"{len(recorded) - len(set(recorded))} doubled, exit codes {sorted({a.code for a in answers})}, "
            f"{time.monotonic() - begun:.0f} s",
        )
        assert [answer.stderr for answer in answers if answer.code] == []
        assert sorted(recorded) == sorted(run_ids)
        assert len(_old_commits(server)) == 8


def test_a_run_that_is_killed_at_any_moment_leaves_a_whole_history(
    checkout: Checkout, tmp_path: Path
) -> None:
    """Fifty kills, spread over the time that a run takes; then one run that ends."""
    history = tmp_path / "history.csv"
    history.write_bytes(OLD)
    run = [sys.executable, "-I", "-m", "devops_mlops_report", "run", "--history", str(history)]
    begun = time.monotonic()
    subprocess.run(run, cwd=checkout.root, check=True, capture_output=True)
    seconds = time.monotonic() - begun
    for kill in range(50):
        process = subprocess.Popen(
            run, cwd=checkout.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(seconds * (0.5 + kill / 80))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        content = history.read_bytes()
        assert content.endswith(b"\n")
        rows = _rows(content)
        assert sum(row["commit_sha"].startswith("old") for row in rows) == 8
        assert all(None not in row and None not in row.values() for row in rows)
    subprocess.run(run, cwd=checkout.root, check=True, capture_output=True)
    leftovers = {path.name for path in tmp_path.iterdir()} - {"wine", "history.csv", ".history.csv.lock"}
    assert all(name.startswith(".history.csv.") for name in leftovers)
