"""What takes too long is ended, as by a signal, and the history can be asked again."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest
from csv_samples import ROW, csv_bytes
from devops_mlops_report.history import History, QueryError, open_history

ENDLESS = "select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = 3"
IN_ALL = r"^what was asked of the history took longer than 0\.2 s in all$"


@pytest.fixture
def history() -> History:
    return open_history(csv_bytes([ROW]))


def test_a_question_that_takes_too_long_is_ended(history: History) -> None:
    history.limit(0.2)
    with pytest.raises(QueryError, match=IN_ALL):
        history.rows(ENDLESS)
    history.limit(None)
    assert history.rows("select count(*) as n from commits") == [{"n": 1}]


def test_the_time_is_that_of_all_questions_together(history: History) -> None:
    history.limit(0.2)
    for _ in range(2):
        with pytest.raises(QueryError, match=IN_ALL):
            history.fetch(history.sql(ENDLESS))


def test_what_is_added_and_written_is_not_bounded_by_it(history: History) -> None:
    history.limit(0.2)
    with pytest.raises(QueryError, match=IN_ALL):
        history.rows(ENDLESS)
    history.append({"commit_sha": "b" * 40, "workflow_run_id": "72"})
    assert open_history(history.to_csv()).count_rows == 2


def test_a_view_that_takes_too_long_is_ended_too(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "refresh_views", lambda query: history.connection.execute(ENDLESS))
    history.limit(0.2)
    with pytest.raises(QueryError, match=IN_ALL):
        history.sql("select * from deltas")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt, as in a command: a test runner's process may have it otherwise."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_signal_ends_what_is_asked(history: History) -> None:
    history.limit(60)
    threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt):
        history.rows(ENDLESS)
    assert history.rows("select count(*) as n from commits") == [{"n": 1}]


def test_a_signal_while_the_asking_begins_leaves_nothing_behind(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        start(thread)
        raise KeyboardInterrupt

    history.limit(600)
    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        history.rows(ENDLESS)
    monkeypatch.setattr(threading.Thread, "start", start)
    assert history.rows("select count(*) as n from commits") == [{"n": 1}]


def test_within_the_limit_answers_and_errors_are_as_ever(history: History) -> None:
    history.limit(600)
    assert history.fetch(history.sql("select 1 as x")) == (["x"], [(1,)])
    assert history.sql("select count(*) from commits").fetchall() == [(1,)]
    with pytest.raises(QueryError, match="nonsense"):
        history.rows("select nonsense")
