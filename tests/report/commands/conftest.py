"""A gist on loopback with a history of an older layout, and a checkout to report on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from checkouts import Checkout
from gist_runs import OLD, TOKEN
from servers.git_server import GitServer, git_server


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
