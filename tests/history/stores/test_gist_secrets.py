"""The token goes to the gist's host and nowhere else."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from devops_mlops_report.history import LocationError, Settings
from devops_mlops_report.history.stores import GistLocation
from devops_mlops_report.history.stores.git_failures import redacted
from servers.git_server import Fault, GitServer
from servers.writers import csv_of, row

NAME = "commitHistory.csv"
Locate = Callable[..., GistLocation]


def spellings(token: str) -> tuple[bytes, ...]:
    return (
        token.encode(),
        base64.b64encode(f"x-access-token:{token}".encode()),
        base64.b64encode(token.encode()),
    )


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `git` on PATH that notes its arguments and those of what it starts, and then is git."""
    folder, notes = tmp_path / "bin", tmp_path / "arguments"
    folder.mkdir()
    real = shutil.which("git")
    program = folder / "git"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$0" "$@" >> {notes}\nexec {real} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return notes


def test_the_token_is_in_no_argument_no_file_and_no_commit(
    host: GitServer, locate: Locate, recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    token = host.token or ""
    monkeypatch.setenv("GIST_TOKEN", token)
    location = locate(host.create_gist("history", {NAME: csv_of([1])}))
    history = location.load(Settings())
    history.append(row(2))
    host.commit("history", {NAME: csv_of([1, 3])})
    location.save(history, {"badge.svg": b"x"})

    arguments = recorded.read_bytes()
    assert arguments.count(b"\npush\n") >= 2
    assert b"\nfetch\n" in arguments
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"[remote" in written
    pushed = host.git("cat-file", "--batch-all-objects", "--batch", gist_id="history")
    assert pushed.count(b"devops-mlops-report") >= 2
    for spelling in spellings(token):
        assert spelling not in arguments
        assert spelling not in written
        assert spelling not in pushed
    assert any(request.authorization for request in host.requests)


def test_the_token_is_in_no_message(
    host: GitServer, locate: Locate, capfd: pytest.CaptureFixture[str]
) -> None:
    url = host.create_gist("history", {NAME: csv_of([1])})
    said = ""
    for step in ("fetch-info", "fetch", "push-info", "push"):
        for fault in (Fault(step, status=401), Fault(step, status=403), Fault(step, "drop-before", times=9)):
            location = locate(url)
            host.inject(fault)
            with pytest.raises(LocationError) as raised:
                location.save(location.load(Settings()), {"badge.svg": b"x"})
            error: BaseException | None = raised.value
            while error is not None:
                said += f"{error} {error!r} {error.args}\n"
                error = error.__cause__ or error.__context__
            while host.take_fault(step):
                pass
    said += repr(locate(url)) + "".join(capfd.readouterr())
    for spelling in spellings(host.token or ""):
        assert spelling.decode() not in said


def test_a_token_that_git_repeats_is_blotted_out(host: GitServer, locate: Locate) -> None:
    token = host.token or ""
    location = locate(host.create_gist("history", {NAME: csv_of([1])}))
    hook = host.folder("history") / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    credential = spellings(token)[1].decode()
    hook.write_text(f"#!/bin/sh\necho 'no: {token} {credential} https://me:pass@x.org/' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(LocationError, match=r"no: \*\*\* \*\*\* https://\*\*\*@x.org/") as raised:
        location.save(location.load(Settings()), {"badge.svg": b"x"})
    for spelling in spellings(token):
        assert spelling.decode() not in str(raised.value)


def test_what_git_said_is_one_short_line() -> None:
    said = redacted("fatal: \x1b[31mred\n::error::x\n" + "y" * 5000, [])
    assert len(said) <= 301
    assert said.isprintable()


def test_a_caller_that_traces_git_sees_no_headers(
    host: GitServer,
    locate: Locate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")
    monkeypatch.setenv("GIT_CURL_VERBOSE", "1")
    for name in ("GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE2_EVENT", "GIT_TRACE_PACKET"):
        monkeypatch.setenv(name, str(trace))
    location = locate(host.create_gist("history", {NAME: csv_of([1])}))
    trace.unlink(missing_ok=True)
    location.load(Settings())
    assert not trace.exists()
    assert "".join(capfd.readouterr()) == ""


def test_nothing_of_the_users_git_configuration_is_used(
    host: GitServer, locate: Locate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = tmp_path / "user"
    hooks = user / "hooks"
    hooks.mkdir(parents=True)
    for name in ("pre-push", "pre-commit", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {user}/hook-ran\nexit 1\n")
        (hooks / name).chmod(0o755)
    (user / ".gitconfig").write_text(
        f"[core]\nhooksPath = {hooks}\nautocrlf = true\n[commit]\ngpgSign = true\n"
        f'[credential]\nhelper = "!touch {user}/helper-ran"\n'
    )
    (user / ".netrc").write_text("machine 127.0.0.1 login me password wrong\n")
    url = host.create_gist("history", {NAME: csv_of([1])})
    monkeypatch.setenv("HOME", str(user))
    monkeypatch.setenv("GIT_DIR", str(user))
    monkeypatch.setenv("GIT_ASKPASS", f"{user}/askpass")
    location = locate(url)
    location.save(location.load(Settings()), {"badge.svg": b"x"})
    assert locate(url, None).load(Settings()).count_rows == 1
    with pytest.raises(LocationError):
        locate(url, "wrong").load(Settings())
    assert sorted(path.name for path in user.iterdir()) == [".gitconfig", ".netrc", "hooks"]
