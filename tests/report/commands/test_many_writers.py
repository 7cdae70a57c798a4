"""Many runs at once against one gist: no row is lost, none is doubled, every run ends well."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from checkouts import Checkout
from gist_runs import old_commits, run_ids_in, run_on
from servers.git_server import GitServer

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
