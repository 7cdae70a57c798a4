"""Whatever goes wrong on the way to a git host: the rows that are there stay, and a row that isn't is owned up to."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import get_args

import pytest
from devops_mlops_report.history import LocationError, Settings
from devops_mlops_report.history.stores import GistLocation, Patience, git_process
from devops_mlops_report.history.stores.git_failures import (
    AccessError,
    GitUnavailableError,
    PassingError,
    RateLimitError,
    StepTimeoutError,
)
from servers.git_server import Fault, GitServer, Kind, Step, git_server
from servers.writers import csv_of, numbers_in, row

NAME = "commitHistory.csv"
Locate = Callable[..., GistLocation]
of_both_kinds = pytest.mark.parametrize("store", ["gist", "branch"])

STATUSES = (401, 403, 404, 409, 429, 500, 502)
BREAKS: tuple[Kind, ...] = ("drop-before", "drop-after", "cut")
# How many requests of the step to let pass: the second of a fetch brings the pack, and the first push is the one
# that loses the race.
STEPS: tuple[tuple[Step, int], ...] = (
    ("fetch-info", 0),
    ("fetch", 0),
    ("fetch", 1),
    ("push-info", 1),
    ("push", 1),
)


def faults_at(step: Step, after: int) -> list[Fault]:
    return [
        *(Fault(step, status=status, headers={"Retry-After": "1"}, after=after) for status in STATUSES),
        *(Fault(step, kind, after=after) for kind in BREAKS),
    ]


@of_both_kinds
@pytest.mark.parametrize(("step", "after"), STEPS)
def test_no_fault_loses_or_doubles_a_row(host: GitServer, locate: Locate, step: Step, after: int) -> None:
    """Every fault hits a save that has lost the race, so that it looks, merges and pushes again."""
    location = locate(host.create_gist("history", {NAME: csv_of([0])}))
    history = location.load(Settings())
    there = {0}
    for number, fault in enumerate(faults_at(step, after), start=1):
        there.add(100 + number)
        host.commit("history", {NAME: csv_of(sorted(there))})
        history.append(row(200 + number))
        host.inject(fault)

        may_fail = fault.kind == "status" and fault.status in {401, 403, 404}
        with suppress(LocationError) if may_fail else nullcontext():
            location.save(history, {"badge.svg": b"%d" % number})

        found = numbers_in(host.read(NAME))
        assert there <= set(found), fault
        assert len(found) == len(set(found)), fault
        if not may_fail:
            # Those that could not be pushed before are there now as well.
            assert set(range(201, 201 + number)) <= set(found), fault
        there = set(found)
        assert host.take_fault(step) is None, f"{fault} was never met"


@pytest.mark.parametrize("step", get_args(Step)[:4])
@pytest.mark.parametrize("kind", ["status", "drop-before"])
def test_a_fault_that_stays_ends_in_an_error(host: GitServer, locate: Locate, step: Step, kind: Kind) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1])}))
    history = location.load(Settings())
    host.commit("history", {NAME: csv_of([1, 2])})
    history.append(row(3))
    host.inject(Fault(step, kind, status=503, times=1000))

    with pytest.raises(PassingError, match="gave up after 3 failures in a row"):
        location.save(history, {})

    assert numbers_in(host.read(NAME)) == [1, 2]


@of_both_kinds
def test_a_push_whose_answer_was_lost_is_found_and_not_doubled(host: GitServer, locate: Locate) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1])}))
    history = location.load(Settings())
    history.append(row(2))
    host.inject(Fault("push", "drop-after"))

    receipt = location.save(history, {"badge.svg": b"x"})

    assert numbers_in(host.read(NAME)) == [1, 2]
    assert receipt.revision == host.tip()
    assert host.count_revisions() == 2


@of_both_kinds
@pytest.mark.parametrize("fault", [Fault("fetch-info", status=502), Fault("fetch", "cut", after=1)])
def test_a_read_that_failed_is_tried_again(host: GitServer, locate: Locate, fault: Fault) -> None:
    url = host.create_gist("history", {NAME: csv_of([1])})
    host.inject(Fault(**vars(fault)))
    location = locate(url)
    assert location.load(Settings()).count_rows == 1
    assert location.attempts == 2


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (401, AccessError, "GIST_TOKEN is wrong, expired or revoked"),
        (403, AccessError, "must have the `gist` scope and belong to"),
        (404, AccessError, "lacks the `gist` scope"),
        (413, LocationError, "refused with status 413"),
        (429, RateLimitError, "rate limit"),
        (503, PassingError, "answered with status 503"),
    ],
)
def test_a_refusal_says_what_to_do(
    host: GitServer, locate: Locate, status: int, error: type[LocationError], words: str
) -> None:
    url = host.create_gist("history", {NAME: csv_of([1])})
    host.inject(Fault("fetch-info", status=status, times=1000))
    with pytest.raises(error, match=words) as raised:
        locate(url).load(Settings())
    assert "\n" not in str(raised.value)
    assert url in str(raised.value)


def test_a_wrong_token_and_a_missing_gist_are_told_apart(host: GitServer, locate: Locate) -> None:
    url = host.create_gist("history", {NAME: csv_of([1])})
    with pytest.raises(AccessError, match="401"):
        locate(url, "wrong").load(Settings())
    with pytest.raises(AccessError, match="404"):
        locate(f"{host.url}/nothing").load(Settings())
    with pytest.raises(
        AccessError, match=r"not found \(404\): the gist URL is wrong, or the gist was deleted"
    ):
        locate(f"{host.url}/nothing", None).load(Settings())


def test_a_secret_host_asks_for_a_token(tmp_path: Path, locate: Locate) -> None:
    with git_server(tmp_path, "right-token", reads_need_token=True) as host:
        url = host.create_gist("history", {NAME: csv_of([1])})
        with pytest.raises(AccessError, match="set GIST_TOKEN"):
            locate(url, None).load(Settings())
        assert locate(url, "right-token").load(Settings()).count_rows == 1


def test_a_token_with_a_line_break_within_is_never_sent_nor_repeated(host: GitServer, locate: Locate) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1])}), "abc\nX-Evil: yes")
    history = location.load(Settings())
    with pytest.raises(LocationError, match="GIST_TOKEN holds a blank, a line break") as raised:
        location.save(history, {})
    assert "abc" not in str(raised.value)


@pytest.mark.parametrize("step", ["fetch-info", "push"])
def test_a_host_that_hangs_costs_a_bounded_time(host: GitServer, locate: Locate, step: Step) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1])}), patience=Patience(step_seconds=2))
    host.inject(Fault(step, "hang", seconds=60, times=1000))
    begun = time.monotonic()
    with pytest.raises(StepTimeoutError, match="took longer than 2 s"):
        location.save(location.load(Settings()), {"badge.svg": b"x"})
    assert time.monotonic() - begun < 30


@of_both_kinds
def test_a_hang_after_which_the_host_works_again_is_got_over(host: GitServer, locate: Locate) -> None:
    location = locate(
        host.create_gist("history", {NAME: csv_of([1])}), patience=Patience(step_seconds=4, first_pause=0.01)
    )
    history = location.load(Settings())
    history.append(row(2))
    host.inject(Fault("push", "hang", seconds=60))
    location.save(history, {})
    assert numbers_in(host.read(NAME)) == [1, 2]


def test_a_host_that_refuses_what_is_pushed_is_not_asked_again(host: GitServer, locate: Locate) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1])}))
    hook = host.folder("history") / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'File is too large' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(LocationError, match=r"refused the push.*File is too large"):
        location.save(location.load(Settings()), {"badge.svg": b"x"})
    assert host.count_steps()["push"] == 1


@of_both_kinds
def test_other_writers_without_end_are_told_at_the_end(host: GitServer, locate: Locate) -> None:
    url = host.create_gist("history", {NAME: csv_of([1])})
    location = locate(url, patience=Patience(attempts=1))
    history = location.load(Settings())
    history.append(row(2))
    host.commit("history", {NAME: csv_of([1, 3])})
    with pytest.raises(LocationError, match=r"somebody else pushed.*gave up after 1 attempts"):
        location.save(history, {})


def test_a_host_that_cannot_be_reached_or_named(locate: Locate) -> None:
    with pytest.raises(PassingError, match="can't be reached"):
        locate("http://127.0.0.1:1/gist-id").load(Settings())
    with pytest.raises(PassingError, match="can't be resolved"):
        locate("https://gist.github.invalid/0123456789abcdef0123456789abcdef").load(Settings())


def test_a_redirect_to_another_host_does_not_get_the_token(
    host: GitServer, tmp_path: Path, locate: Locate
) -> None:
    with git_server(tmp_path / "elsewhere") as elsewhere:
        elsewhere.create_gist("history", {NAME: csv_of([1])})
        url = host.create_gist("history", {NAME: csv_of([1])})
        host.inject(Fault("fetch-info", "redirect", location=elsewhere.url, times=1000))
        with pytest.raises(LocationError, match="to another address"):
            locate(url).load(Settings())
        assert elsewhere.requests == []


def test_a_private_authority_needs_its_certificate_in_the_environment(
    tmp_path: Path, locate: Locate, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "host.crt", tmp_path / "host.key"
    kind = ["-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        ["openssl", "req", *kind, *subject, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    with git_server(tmp_path / "gists", certificate=(certificate, key)) as host:
        url = host.create_gist("history", {NAME: csv_of([1])})
        with pytest.raises(LocationError, match="GIT_SSL_CAINFO"):
            locate(url, None).load(Settings())
        monkeypatch.setenv("GIT_SSL_CAINFO", str(certificate))
        assert locate(url, None).load(Settings()).count_rows == 1


def test_a_proxy_in_the_environment_is_used(
    host: GitServer, locate: Locate, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.create_gist("history", {NAME: csv_of([1])})
    monkeypatch.setenv("http_proxy", host.url)
    assert locate("http://127.0.0.1:1/history").load(Settings()).count_rows == 1


def test_a_missing_and_an_old_git_are_named(
    tmp_path: Path, locate: Locate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitUnavailableError, match=r"git was not found on PATH: install git 2\.32"):
        locate("http://127.0.0.1:1/gist-id").load(Settings())
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\necho git version 2.25.1\n")
    program.chmod(0o755)
    with pytest.raises(GitUnavailableError, match=r"found 'git version 2.25.1', wanted git 2.32 or newer"):
        locate("http://127.0.0.1:1/gist-id").load(Settings())


def test_a_full_disk_for_temporary_files_is_named(
    host: GitServer, locate: Locate, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1])}))
    history = location.load(Settings())

    def full(path: Path) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(history, "write_csv", full)
    with pytest.raises(LocationError, match="No space left on device"):
        location.save(history, {})


def test_a_caller_sets_proxies_for_git_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, locate: Locate
) -> None:
    settings = {
        "http.https://gist.example.org/.proxy": "http://proxy",
        "http.sslCAInfo": "/ca.pem",
        "url.https://evil.example.org/.insteadOf": "https://gist.github.com/",
        "core.sshCommand": "evil",
    }
    for index, (key, value) in enumerate(settings.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{index}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{index}", value)
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(settings)))
    assert dict(git_process._settings_of_caller()) == dict(list(settings.items())[:2])
