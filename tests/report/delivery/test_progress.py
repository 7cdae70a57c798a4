"""What takes long says how far it is, where a person looks."""

from __future__ import annotations

import os
import pty
import select
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

import pytest
from devops_mlops_report.report.delivery import progress as module
from devops_mlops_report.report.delivery.printing import OF_CIS
from devops_mlops_report.report.delivery.progress import StatusLine, progress


@dataclass
class Terminal:
    """A terminal, and what stands in it so far."""

    stream: TextIO
    reading: int
    shown: str = ""

    def until(self, text: str) -> str:
        """Wait for a text; returns all that was written."""
        while text not in self.shown:
            assert select.select([self.reading], [], [], 60)[0], f"never came: {text!r} after {self.shown!r}"
            self.shown += os.read(self.reading, 65_536).decode()
        return self.shown


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    for name in OF_CIS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.01)
    ours, theirs = pty.openpty()
    stream = os.fdopen(theirs, "w", encoding="utf-8")
    try:
        yield Terminal(stream, ours)
    finally:
        stream.close()
        os.close(ours)


def test_a_bar_says_what_is_done_and_how_much_of_it(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", terminal.stream)
    with progress("merging", 3) as step:
        terminal.until("─ 0 of 3 (")
        step()
        terminal.until("━─")
        terminal.until("─ 1 of 3 (")
    assert "merging" in terminal.shown


def test_what_has_no_steps_says_how_long_it_goes_on(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", terminal.stream)
    with progress("writing 'a.csv'"):
        terminal.until("writing 'a.csv' … (")
    with StatusLine(terminal.stream, "downloading version 3") as line:
        terminal.until("version 3 … (")
        line.tell("120 MB so far")
        terminal.until("version 3 … 120 MB so far (")


def test_what_is_done_at_once_shows_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 3600)
    monkeypatch.setattr("sys.stderr", terminal.stream)
    with progress("merging", 3) as step:
        step()
    terminal.stream.write("end\n")
    terminal.stream.flush()
    assert terminal.until("end") == "end\r\n"


@pytest.mark.parametrize("name", OF_CIS)
def test_in_a_ci_and_in_a_file_nothing_is_drawn(
    terminal: Terminal, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "true")
    monkeypatch.setattr("sys.stderr", terminal.stream)
    with progress("merging", 3) as step, StatusLine(terminal.stream, "training") as line:
        step()
        line.write(b"end\n")
        line.flush()
    assert terminal.until("end") == "end\r\n"


def test_a_silent_training_says_how_long_it_goes_on_and_makes_room_for_what_it_prints(
    terminal: Terminal,
) -> None:
    with StatusLine(terminal.stream, "training") as line:
        terminal.until("training … (")
        line.write(b"epoch 1\n")
        line.flush()
        assert "\r\x1b[2Kepoch 1" in terminal.until("epoch 1")
        terminal.shown = terminal.shown.partition("epoch 1")[2]
        assert terminal.until("training …").startswith("\r\n")
    terminal.stream.write("end")
    terminal.stream.flush()
    assert terminal.until("end").endswith("\r\x1b[2Kend")


def test_a_bar_of_the_training_s_own_is_left_alone(terminal: Terminal) -> None:
    with StatusLine(terminal.stream, "training") as line:
        terminal.until("training …")
        line.write(b"  10%")
        line.flush()
    assert terminal.until("10%").endswith("  10%")
