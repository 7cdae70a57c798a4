"""A gist host on loopback, and locations that lose patience fast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from devops_mlops_report.history.stores import GistLocation, GistUrl, Patience
from servers.git_server import GitServer, git_server

TOKEN = "ghp_0123456789abcdefTOKEN"
HASTE = Patience(
    failures=3, seconds=60, first_pause=0.01, longest_pause=0.05, rate_limit_pause=0.01, step_seconds=60
)


@pytest.fixture(autouse=True)
def _no_proxy_between(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[GitServer]:
    """A host whose gists anybody reads and the token's owner writes."""
    with git_server(tmp_path / "gists", TOKEN) as server:
        yield server


@pytest.fixture
def locate() -> Iterator[Callable[..., GistLocation]]:
    """Make a location of a gist's URL, with the token and little patience unless told otherwise."""
    made: list[GistLocation] = []

    def make(url: str, token: str | None = TOKEN, **options: Any) -> GistLocation:
        made.append(GistLocation(GistUrl.parse(url), token, **{"patience": HASTE, **options}))
        return made[-1]

    yield make
    for location in made:
        location.close()
