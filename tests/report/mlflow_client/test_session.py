"""The process that asks MLflow: it ends in time, takes nothing with it, and is told no more than it has to know."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from devops_mlops_report.report.mlflow_client.errors import (
    TrackingDeniedError,
    TrackingDownError,
    TrackingError,
    TrackingMissingError,
)
from devops_mlops_report.report.mlflow_client.registry import Registry
from devops_mlops_report.report.mlflow_client.tracking import Tracking
from fake_mlflow import fake_mlflow
from servers.mlflow_api import MlflowApi
from servers.odd_server import (
    Answer,
    Told,
    answering,
    answering_as_told,
    dripping,
    refusing,
    relaying,
    silent,
)
from tracking_here import asking

HEADERS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"
TOKEN = "dontprintthis123"
BASIC = f"Basic {base64.b64encode(f'ada:{TOKEN}'.encode()).decode()}"


@pytest.mark.parametrize(
    ("server", "total", "words"),
    [
        (silent, 60, "did not answer in time"),
        (refusing, 60, "can't be reached"),
        (lambda: dripping(), 3, "took all the time that there is for it"),
        (lambda: dripping(HEADERS), 3, "took all the time that there is for it"),
    ],
    ids=["silent", "refusing", "dripping headers", "dripping body"],
)
def test_a_server_that_gives_no_answer_is_given_up_and_not_asked_again(
    tmp_path: Path, server: Callable[[], AbstractContextManager[str]], total: int, words: str
) -> None:
    limits = f"timeout_seconds: 1, total_seconds: {total}"
    with server() as url, asking(url, tmp_path, limits=limits) as tracking:
        with pytest.raises(TrackingDownError, match=words):
            tracking.run("abc")
        left = tracking.session.seconds_left
        with pytest.raises(TrackingDownError, match=words):
            tracking.run("abc")
        assert tracking.session.seconds_left == left


def test_all_questions_together_have_a_limit(tmp_path: Path) -> None:
    body = json.dumps({"run": {"info": {"run_id": "abc", "lifecycle_stage": "active"}}}).encode()
    limits = "timeout_seconds: 5, total_seconds: 2"
    with answering(200, body, pause=0.4) as (url, seen), asking(url, tmp_path, limits=limits) as tracking:
        with pytest.raises(TrackingDownError, match=r"all the time that there is for it \(2 s"):
            deque((tracking.run("abc") for _ in range(100)), maxlen=0)
        assert 1 <= len(seen) <= 5


@dataclass
class Odd:
    """A server that answers as told, asked by one process for all tests of this module."""

    told: Told
    tracking: Tracking


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Odd]:
    told = Told(200, b"{}")
    variables = {"MLFLOW_TRACKING_PASSWORD": TOKEN, "MLFLOW_TRACKING_USERNAME": "ada"}
    folder = tmp_path_factory.mktemp("odd")
    limits = "total_seconds: 600"
    with (
        answering_as_told(told) as url,
        asking(url, folder, limits=limits, environment=variables) as tracking,
    ):
        yield Odd(told, tracking)


@pytest.fixture
def odd(shared: Odd) -> Odd:
    shared.told.seen.clear()
    return shared


def test_what_makes_something_is_not_sent_twice_where_it_may_have_arrived(odd: Odd, tmp_path: Path) -> None:
    odd.told.status, odd.told.body = 500, b"{}"
    with pytest.raises(TrackingError, match="answered 500"):
        odd.tracking.create("0", "x", 1, {})
    assert len(odd.told.seen) == 1
    with pytest.raises(TrackingError, match="answered 500"):
        odd.tracking.run("abc")
    assert len(odd.told.seen) == 1 + 3
    with (
        answering(200, b"{}", pause=30) as (url, seen),
        asking(url, tmp_path, limits="timeout_seconds: 1") as tracking,
        pytest.raises(TrackingDownError, match="did not answer in time"),
    ):
        tracking.create("0", "x", 1, {})
    assert len(seen) == 1


def test_what_the_server_did_not_take_is_sent_once_more(tmp_path: Path, api: MlflowApi) -> None:
    refusals = [503]

    def change(answer: Answer) -> Answer:
        if answer.path.endswith("experiments/create") and refusals:
            return replace(answer, status=refusals.pop(), body=b"busy")
        return answer

    with relaying(api.url, change) as url, asking(url, tmp_path) as tracking:
        # The relay passes the first on all the same: what is told then is that it is there.
        assert tracking.experiment_id(f"busy {os.urandom(8).hex()}")


def test_an_endpoint_that_fails_costs_what_it_was_asked_for_alone(tmp_path: Path, api: MlflowApi) -> None:
    def change(answer: Answer) -> Answer:
        return replace(answer, status=500, body=b"oh no") if "registered-models" in answer.path else answer

    run_id = api.create_run()
    with relaying(api.url, change) as url, asking(url, tmp_path) as tracking:
        with pytest.raises(TrackingError, match="answered 500 to registered-models/get"):
            Registry(tracking.session, url).aliases("churn")
        assert tracking.run(run_id).run_id == run_id


@pytest.mark.parametrize(
    ("status", "body", "kind", "text"),
    [
        (401, b"", TrackingDeniedError, "answered 401 to runs/get: check DAGSHUB_TOKEN"),
        (403, b"{}", TrackingDeniedError, "answered 403"),
        (404, b"<html>", TrackingMissingError, "does not know the endpoint runs/get"),
        (
            404,
            b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "No Run"}',
            TrackingMissingError,
            "No Run",
        ),
        (
            400,
            b'{"error_code": "X", "message": "a\\nb"}',
            TrackingError,
            r"answered 400 to runs/get \(X: a b\)",
        ),
        (200, b"<html>", TrackingError, "not in a valid JSON format"),
        (200, b"[]", TrackingError, "not in a valid JSON format"),
    ],
)
def test_an_error_says_what_was_answered(
    odd: Odd, status: int, body: bytes, kind: type[Exception], text: str
) -> None:
    odd.told.status, odd.told.body = status, body
    with pytest.raises(kind, match=text) as caught:
        odd.tracking.run("abc")
    assert TOKEN not in str(caught.value)
    assert [header for _, header in odd.told.seen] == [BASIC]


@pytest.mark.parametrize("header", [BASIC, f"Bearer {TOKEN}"])
def test_an_error_that_echoes_the_authorization_is_told_without_it(odd: Odd, header: str) -> None:
    said = json.dumps({"error_code": "X", "message": f"refused: Authorization: {header} and more"})
    odd.told.status, odd.told.body = 400, said.encode()
    with pytest.raises(TrackingError, match=r"refused: Authorization: .*\(hidden\)") as caught:
        odd.tracking.run("abc")
    assert header.split()[1] not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "was ended by signal 11"),
        ("sys.stderr.write('Illegal thing\\n'); os._exit(3)", "ended with exit code 3: Illegal thing"),
        ("raise SystemExit('bye')", "ended with exit code 1: bye"),
    ],
)
def test_a_crash_costs_the_question_and_the_next_one_has_a_process_of_its_own(
    tmp_path: Path, body: str, words: str
) -> None:
    fake = fake_mlflow(tmp_path / "fake", f"if run_id == 'bad':\n    {body}\nreturn run_of(pid=os.getpid())")
    with asking("http://127.0.0.1:9", tmp_path, python=fake.python) as tracking:
        first = tracking.run("good").params["pid"]
        with pytest.raises(TrackingError, match=f"MLflow's process {words}"):
            tracking.run("bad")
        assert tracking.run("good").params["pid"] != first
        for _ in range(2):
            with pytest.raises(TrackingError):
                tracking.run("bad")
        with pytest.raises(TrackingDownError, match="died 3 times"):
            tracking.run("good")


def test_what_mlflow_or_a_plugin_prints_is_no_answer(tmp_path: Path) -> None:
    body = 'print(\'{"error": "failed"}\' * 10000, flush=True)\nos.write(1, b"{}\\n")\n'
    body += "sys.stdin.read()\nreturn run_of()"
    fake = fake_mlflow(tmp_path / "fake", body, at_import="print('{\"ready\": false}')")
    with asking("http://127.0.0.1:9", tmp_path, python=fake.python) as tracking:
        assert tracking.run("abc").run_id == "r1"


def test_what_hangs_is_killed_with_everything_that_it_started(tmp_path: Path) -> None:
    body = (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open(os.path.join(os.environ['HOME'], 'pids'), 'w').write(f'{os.getpid()} {child.pid}')\n"
        "time.sleep(600)"
    )
    fake = fake_mlflow(tmp_path / "fake", body)
    limits = "total_seconds: 3"
    with asking("http://127.0.0.1:9", tmp_path, python=fake.python, limits=limits) as tracking:
        with pytest.raises(TrackingDownError, match="took all the time"):
            tracking.run("abc")
        for pid in (tmp_path / "pids").read_text().split():
            wait_for_the_end(int(pid))


def wait_for_the_end(pid: int) -> None:
    """Returns when there is no such process, or one that waits for its parent alone."""
    while True:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.05)


def test_it_ends_with_a_report_that_is_killed(tmp_path: Path) -> None:
    fake = fake_mlflow(tmp_path / "fake", "return run_of(pid=os.getpid())")
    code = (
        "import sys, time; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from tracking_here import asking\n"
        "with asking('http://127.0.0.1:9', Path(sys.argv[2]), python=sys.argv[3]) as tracking:\n"
        "    print(tracking.run('abc').params['pid'], flush=True)\n"
        "    time.sleep(600)\n"
    )
    tests = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", code, tests, str(tmp_path), fake.python]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    wait_for_the_end(pid)


def test_it_is_told_by_its_environment_alone_and_no_more_than_it_has_to_know(tmp_path: Path) -> None:
    fake = fake_mlflow(
        tmp_path / "fake",
        "import json\nreturn run_of(arguments=json.dumps(sys.orig_argv), environment=json.dumps(dict(os.environ)))",
    )
    variables = {
        "GIST_TOKEN": "gist-secret",
        "GITHUB_TOKEN": "hub-secret",
        "DAGSHUB_TOKEN": TOKEN,
        "NEEDS_JSON": "{}",
        "AWS_ACCESS_KEY_ID": "for-artifacts",
        "MLFLOW_RUN_ID": "of-another",
        "MLFLOW_TRACKING_URI": "http://elsewhere.example.com",
    }
    options = {"python": fake.python, "environment": variables}
    with asking("http://127.0.0.1:9", tmp_path, **options) as tracking:  # type: ignore[arg-type]
        told = tracking.run("abc").params
    found = json.loads(told["environment"])
    assert TOKEN not in told["arguments"]
    assert not found.keys() & {"GIST_TOKEN", "GITHUB_TOKEN", "DAGSHUB_TOKEN", "NEEDS_JSON", "MLFLOW_RUN_ID"}
    assert (found["MLFLOW_TRACKING_USERNAME"], found["MLFLOW_TRACKING_PASSWORD"]) == (TOKEN, TOKEN)
    assert found["AWS_ACCESS_KEY_ID"] == "for-artifacts"
    assert found["MLFLOW_TRACKING_URI"] == "http://127.0.0.1:9"


def test_of_a_fork_s_commit_our_own_interpreter_asks_without_any_credentials(tmp_path: Path) -> None:
    fake = fake_mlflow(tmp_path / "fake", "open(os.environ['HOME'] + '/started', 'w')\nreturn run_of()")
    variables = {"MLFLOW_TRACKING_TOKEN": TOKEN, "DAGSHUB_TOKEN": TOKEN, "AWS_SECRET_ACCESS_KEY": TOKEN}
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login ada password {TOKEN}\n")
    with (
        answering(404, b"") as (url, seen),
        asking(url, tmp_path, python=fake.python, is_trusted=False, environment=variables) as tracking,
        pytest.raises(TrackingMissingError),
    ):
        tracking.run("abc")
    assert [header for _, header in seen] == [None]
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"version": "1.30.0"}, "is of version 1.30.0, older than 2"),
        ({"at_import": "import no_such_module"}, "can't be used: ModuleNotFoundError: No module named"),
        ({"at_import": "import os; os.abort()"}, "can't be used: its process was ended by signal 6"),
    ],
)
def test_an_mlflow_that_can_t_be_used_is_named_and_ours_is_used(
    tmp_path: Path, api: MlflowApi, options: dict[str, str], words: str
) -> None:
    fake = fake_mlflow(tmp_path / "fake", **options)
    run_id = api.create_run()
    with asking(api.url, tmp_path, python=fake.python) as tracking:
        assert tracking.run(run_id).run_id == run_id
        [notice] = tracking.session.notices
    assert notice.startswith(f"The MLflow of `{fake.python}` {words}")


def test_an_interpreter_without_mlflow_is_nothing_to_tell(tmp_path: Path, api: MlflowApi) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -I "$@"\n')
    bare.chmod(0o755)
    run_id = api.create_run()
    with asking(api.url, tmp_path, python=str(bare)) as tracking:
        assert tracking.run(run_id).run_id == run_id
        assert tracking.session.notices == []


def test_modules_of_the_checkout_stand_in_for_none_of_python_s_or_mlflow_s(
    tmp_path: Path, api: MlflowApi
) -> None:
    for name in ("tempfile.py", "json.py", "mlflow.py", "requests.py", "runs.py"):
        (tmp_path / name).write_text("raise SystemExit('shadowed')\n")
    wrapper = tmp_path / "wrapped" / "python"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    wrapper.chmod(0o755)
    run_id = api.create_run()
    variables = {"PYTHONPATH": f".:{tmp_path}"}
    with asking(api.url, tmp_path, python=str(wrapper), environment=variables) as tracking:
        assert tracking.run(run_id).run_id == run_id
        assert tracking.session.notices == []


def test_what_is_not_asked_starts_no_process(tmp_path: Path) -> None:
    with asking("http://127.0.0.1:9", tmp_path) as tracking:
        assert tracking.of_commits([]) == []
        assert not tracking.session.was_asked
