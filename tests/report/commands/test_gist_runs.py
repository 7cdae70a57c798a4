"""`run` with the history in a gist: a real git host on loopback, faults at every step."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import run_command
from gist_runs import TOKEN, environment_of_ci, old_commits, run_ids_in, run_on
from servers.git_server import Fault, GitServer, Step


def test_a_run_adds_its_row_and_badge_in_one_commit(server: GitServer, checkout: Checkout) -> None:
    before = server.count_revisions()
    answer = run_on(server, checkout, "1")
    assert (answer.code, answer.stderr) == (0, "")
    assert run_ids_in(server) == ["1"]
    assert len(old_commits(server)) == 8
    assert b'"schemaVersion"' in server.read("badge.json")
    assert server.count_revisions() == before + 1
    page = (checkout.root.parent / "page-1.md").read_text()
    assert (server.tip() or "")[:7] in page


def test_the_token_is_in_no_place_that_lasts(server: GitServer, checkout: Checkout, tmp_path: Path) -> None:
    answers = [run_on(server, checkout, "1")]
    server.inject(Fault("push-info", status=403))
    answers.append(run_on(server, checkout, "2"))
    encoded = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for secret in (TOKEN, encoded, encoded.rstrip("=")[:-2]):
        assert all(secret not in answer.stdout + answer.stderr for answer in answers)
        assert not any(secret.encode() in content for content in written)


def test_without_a_token_the_report_appears_and_says_why_nothing_was_recorded(
    server: GitServer, checkout: Checkout
) -> None:
    answer = run_on(server, checkout, "1", GIST_TOKEN="")
    assert answer.code == 0
    assert "GIST_TOKEN" in (checkout.root.parent / "page-1.md").read_text()
    assert run_ids_in(server) == []
    assert not (checkout.root.parent / "out-1/pending").exists()


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_gist_that_cannot_be_read_is_no_empty_history(
    server: GitServer, checkout: Checkout, status: int
) -> None:
    server.inject(Fault("fetch-info", status=status, times=99))
    tip = server.tip()
    answer = run_on(server, checkout, "1")
    assert answer.code == 1
    assert answer.is_one_line() or answer.stderr.count("\n") == 2, answer.stderr
    assert server.tip() == tip
    assert "## " in (checkout.root.parent / "page-1.md").read_text()
    assert len(list((checkout.root.parent / "out-1/pending").iterdir())) == 1


FAULTS = [
    *(
        Fault(step, status=status)
        for step in ("fetch-info", "fetch", "push-info", "push")
        for status in (500, 502)
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
    answer = run_on(server, checkout, "1")
    assert "Traceback" not in answer.stderr
    assert len(old_commits(server)) == 8
    pending = list((checkout.root.parent / "out-1").glob("pending/*.csv"))
    refused = 1 if fault.status in (401, 403, 404) else 0  # a host in trouble is not the commit's fault
    assert (run_ids_in(server) == ["1"]) or (answer.code == refused and len(pending) == 1)
    assert run_ids_in(server) in ([], ["1"])
    assert (checkout.root.parent / "page-1.md").read_text().startswith("## ")


@pytest.mark.parametrize("times", [1, 99])
@pytest.mark.parametrize("step", ["fetch-info", "fetch", "push-info", "push"])
def test_a_host_that_asks_for_a_pause_is_waited_for_as_long_as_the_config_says(
    server: GitServer, checkout: Checkout, step: Step, times: int
) -> None:
    (checkout.root / "report-config.yml").write_text(
        "version: 3\nreport: {highlight_metric: acc}\nstorage: {retry_seconds: 1}\n"
    )
    server.inject(Fault(step, status=429, headers={"Retry-After": "1"}, times=times))
    answer = run_on(server, checkout, "1")
    pending = list((checkout.root.parent / "out-1").glob("pending/*.csv"))
    if times == 1:
        assert (answer.code, run_ids_in(server), pending) == (0, ["1"], [])
    else:
        assert (answer.code, run_ids_in(server), len(pending)) == (0, [], 1)
        assert "gave up after" in answer.stderr
    assert len(old_commits(server)) == 8
    assert (checkout.root.parent / "page-1.md").read_text().startswith("## ")


@pytest.mark.parametrize(("chosen", "code"), [("report", 0), ("fail", 1)])
def test_a_host_that_is_down_is_in_the_headline_and_counts_as_the_config_says(
    checkout: Checkout, chosen: str, code: int
) -> None:
    (checkout.root / "report-config.yml").write_text(
        "version: 3\nreport: {highlight_metric: acc}\n"
        "storage: {gist_url: 'http://127.0.0.1:9/0123456789abcdef0123', retry_seconds: 1, "
        f"on_unreachable: {chosen}}}\n"
    )
    (checkout.root / "m.json").write_text('{"acc": 0.9}')
    answer = run_command("run", "--metrics", "m.json", cwd=checkout.root, environment={"GIST_TOKEN": TOKEN})
    assert answer.code == code
    assert answer.stdout.splitlines()[0] == (
        "⚠️ The history could not be read: acc 0.9 is compared with nothing"
    )
    assert "can't be reached" in answer.stderr
    [pending] = (checkout.root / ".devops-mlops-report/pending").iterdir()
    taken = run_command("merge", pending, "--history", "later.csv", cwd=checkout.root)
    assert "1 row is new" in taken.stderr


def test_a_pending_row_is_taken_in_exactly_once(server: GitServer, checkout: Checkout) -> None:
    server.inject(Fault("push", status=403, times=99))
    assert run_on(server, checkout, "1").code == 1
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
            environment=environment_of_ci(),
        )
        assert answer.code == 0, answer.stderr
        assert run_ids_in(server) == ["1"]
