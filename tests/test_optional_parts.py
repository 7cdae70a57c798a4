"""A part that is absent is told: as a skip on a fresh machine, as a failure where every part is said to be there."""

from __future__ import annotations

from pathlib import Path

import pytest
from optional_parts import EVERY_PART, NODE_MODULES, node_package, program


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(EVERY_PART, raising=False)
    monkeypatch.setenv(NODE_MODULES, str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))


def test_an_absent_part_skips_its_test_and_says_how_to_have_it() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"no-such is not installed \(apt-get install no-such\)"):
        program("no-such", "apt-get install no-such")
    with pytest.raises(pytest.skip.Exception, match="npm install no-such"):
        node_package("no-such")


def test_an_absent_part_fails_where_all_are_said_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EVERY_PART, "1")
    with pytest.raises(pytest.fail.Exception, match="is not installed"):
        program("no-such", "apt-get install no-such")


def test_a_part_that_is_there_is_named_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    assert node_package("here") == tmp_path / "here"
