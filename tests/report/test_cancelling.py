"""A signal is never overlooked: not in what takes long, nor between two such parts, nor where signals are held."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest
from devops_mlops_report.report import cancelling
from devops_mlops_report.report.cancelling import Cancellation, watched
from devops_mlops_report.report.parts import Parts


@pytest.fixture
def cancellation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cancellation]:
    """A watch whose patience is short."""
    monkeypatch.setattr(cancelling, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(cancelling, "LEAST_SECONDS", 0.2)
    with watched() as made:
        yield made


def _wait() -> str:
    """What would take for ever: the test ends only as it is cut short."""
    threading.Event().wait()
    return "waited"


def _attempt(parts: Parts) -> str:
    return parts.attempt("waiting", _wait, "cut short", may_take_long=True)


def test_a_signal_that_comes_before_a_long_part_leaves_it_little_time(cancellation: Cancellation) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    parts = Parts(cancellation)
    assert [_attempt(parts), _attempt(parts)] == ["cut short", "cut short"]
    assert parts.problems == ["Waiting was cut short, as the job was cancelled (SIGTERM)."] * 2


def test_a_signal_that_is_held_within_a_long_part_leaves_the_rest_of_it_little_time(
    cancellation: Cancellation,
) -> None:
    def training() -> str:
        with cancellation.held():
            os.kill(os.getpid(), signal.SIGINT)
        return _wait()

    parts = Parts(cancellation)
    assert parts.attempt("training", training, "cut short", may_take_long=True) == "cut short"


def test_what_is_quick_is_done_in_whole_after_a_signal(cancellation: Cancellation) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    parts = Parts(cancellation)
    assert parts.attempt("saving", lambda: "saved", "", may_take_long=True) == "saved"
    time.sleep(0.4)  # longer than the alarm that was set for it: nothing may come of that any more
    assert parts.attempt("writing", lambda: "written", "") == "written"
    assert (parts.problems, cancellation.count) == ([], 1)


def test_without_a_signal_no_alarm_is_set(cancellation: Cancellation) -> None:
    alarm = Parts(cancellation).attempt(
        "asking", lambda: signal.getitimer(signal.ITIMER_REAL), None, may_take_long=True
    )
    assert alarm == (0.0, 0.0)
