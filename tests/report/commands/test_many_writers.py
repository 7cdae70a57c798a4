"""Many runs at once against one gist or branch: no row is lost, none is doubled, every run ends well."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from checkouts import Checkout
from devops_mlops_report.history import Settings
from devops_mlops_report.history.stores import BranchAddress, BranchLocation
from gist_runs import TOKEN, old_commits, run_ids_in, run_on
from servers.git_server import GitServer
from servers.writers import numbers_in, row

ON_A_BRANCH = 50
WRITERS = int(os.environ.get("GIST_WRITERS", "20"))
ROUNDS = int(os.environ.get("GIST_ROUNDS", "1"))
"""How many times the crowd comes; `GIST_WRITERS=50 GIST_ROUNDS=10` for the figures in the documentation."""


def test_of_many_writers_at_once_none_loses_its_row(
    server: GitServer, checkout: Checkout, record_property: Callable[[str, object], None]
) -> None:
    for number in range(ROUNDS):
        run_ids = [str(1000 * number + writer) for writer in range(WRITERS)]
        begun = time.monotonic()
        with ThreadPoolExecutor(WRITERS) as crowd:
            answers = list(crowd.map(lambda run_id: run_on(server, checkout, run_id), run_ids))
        recorded = [run_id for run_id in run_ids_in(server) if run_id in run_ids]
        record_property(
            "figure",
            f"round {number + 1} of {ROUNDS}: {len(set(recorded))} of {WRITERS} rows, "
            f"{len(recorded) - len(set(recorded))} doubled, exit codes {sorted({a.code for a in answers})}, "
            f"{time.monotonic() - begun:.0f} s",
        )
        assert [answer.stderr for answer in answers if answer.code] == []
        assert sorted(recorded) == sorted(run_ids)
        assert len(old_commits(server)) == 8


def test_of_fifty_writers_on_a_branch_none_loses_its_row_though_old_revisions_are_squashed(
    server: GitServer, record_property: Callable[[str, object], None]
) -> None:
    """More pushes than a branch keeps revisions: the one that replaces the branch meets those that add to it."""
    url = server.create_gist("wine", {"train.py": b"print()\n"})

    def push(number: int) -> int:
        location = BranchLocation(BranchAddress.parse(url), TOKEN)
        history = location.load(Settings())
        history.append(row(number))
        location.save(history, {"badge.svg": b"<svg>%d</svg>" % number})
        history.close()
        location.close()
        return location.attempts

    push(0)
    begun = time.monotonic()
    with ThreadPoolExecutor(ON_A_BRANCH) as crowd:
        attempts = list(crowd.map(push, range(1, ON_A_BRANCH + 1)))
    content = server.git("show", "commit-history:commitHistory.csv", gist_id="wine")
    assert numbers_in(content) == list(range(ON_A_BRANCH + 1))
    revisions = int(server.git("rev-list", "--count", "commit-history", gist_id="wine"))
    assert revisions <= 50
    record_property(
        "figure",
        f"{ON_A_BRANCH} of {ON_A_BRANCH} rows, {max(attempts)} attempts at most, {revisions} revisions, "
        f"{time.monotonic() - begun:.0f} s",
    )
