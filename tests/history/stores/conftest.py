"""A git host on loopback, and locations that lose patience fast: gists, and branches where a test asks for both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from devops_mlops_report.history.stores import (
    BranchAddress,
    BranchLocation,
    GistLocation,
    GistUrl,
    Patience,
)
from devops_mlops_report.history.stores.branch import MARK
from servers.git_server import GitServer, git_server

TOKEN = "ghp_0123456789abcdefTOKEN"
HASTE = Patience(
    failures=3, seconds=60, first_pause=0.01, longest_pause=0.05, rate_limit_pause=0.01, step_seconds=60
)

Store = Literal["gist", "branch"]


@pytest.fixture(autouse=True)
def _no_proxy_between(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def store() -> Store:
    """What a location is; `pytest.mark.parametrize("store", ["gist", "branch"])` asks for both."""
    return "gist"


@pytest.fixture
def host(tmp_path: Path, store: Store) -> Iterator[GitServer]:
    """A host whose repositories anybody reads and the token's owner writes."""
    with git_server(tmp_path / "gists", TOKEN) as server:
        if store == "branch":
            server.marks = {MARK: b"ours\n"}
        yield server


@pytest.fixture
def locate(store: Store) -> Iterator[Callable[..., GistLocation | BranchLocation]]:
    """Make a location of a repository's URL, with the token and little patience unless told otherwise."""
    made: list[GistLocation | BranchLocation] = []

    def make(url: str, token: str | None = TOKEN, **options: Any) -> GistLocation | BranchLocation:
        given = {"patience": HASTE, **options}
        if store == "gist":
            made.append(GistLocation(GistUrl.parse(url), token, **given))
        else:
            made.append(BranchLocation(BranchAddress.parse(url, "main"), token, **given))
        return made[-1]

    yield make
    for location in made:
        location.close()
