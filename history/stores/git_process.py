"""Start git for one remote: nothing of the user's own configuration, the token by environment, a time limit."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import IO

from ..errors import LocationError
from ..late_dataclass import dataclass
from .git_failures import Answer, GitUnavailableError, StepTimeoutError, explain, redacted
from .git_remote import Remote

OLDEST_GIT = (2, 32)
"""The first that takes both its settings (`GIT_CONFIG_COUNT`) and no others (`GIT_CONFIG_GLOBAL`)."""

STALLED_SECONDS = 30
"""A transfer that moves under 100 bytes a second for so long is given up."""

# What a caller may set for git: where it finds its parts, how it trusts a host and passes a proxy. Everything
# else named GIT_ would point it to another repository, run programs, or print headers (GIT_TRACE, GIT_CURL_VERBOSE).
_KEPT = re.compile(r"GIT_(SSL_\w+|PROXY_SSL_\w+|HTTP_PROXY_AUTHMETHOD|EXEC_PATH)")
_KEPT_SETTING = re.compile(r"http\.(.*\.)?(proxy|ssl)\w*", re.I)

TOKEN_NAMES = ("GIST_TOKEN", "HISTORY_TOKEN", "GITHUB_TOKEN", "GH_TOKEN")
"""Variables whose values git gets by our header, for the one host, and never as they are."""

_SETTINGS = {
    # The clone lives as long as the run: nothing in it needs to last, or to be small.
    "core.fsync": "none",
    "core.looseCompression": "0",
    "core.hooksPath": os.devnull,
    "credential.helper": "",
    "gc.auto": "0",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "100",
    "http.lowSpeedTime": str(STALLED_SECONDS),
    "init.defaultBranch": "main",
    "maintenance.auto": "false",
    "push.gpgSign": "false",
}

_IDENTITY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "devops-mlops-report"), ("EMAIL", "noreply"))
}


@dataclass(frozen=True)
class Git:
    """Git, set up to talk to one remote."""

    remote: Remote
    token: str | None = field(repr=False)
    home: Path
    """An empty folder that git takes for the user's own."""
    step_seconds: float

    def run(
        self, step: str, *arguments: str, stdin: bytes = b"", into: Path | None = None, accept: int = 0
    ) -> Answer:
        """Run git; `step` names in messages what it is for. Its stdout goes to the file `into`, if given.

        Raises the `LocationError` that stands for an exit code other than 0 and `accept`, for a git that is
        missing or too old, and for one that was ended after `step_seconds`.
        """
        with _output(into) as out:
            code, answered, said = self._finish(step, self._start(arguments, out), stdin)
        answer = Answer(code, answered or b"", said, redacted(said, self._secrets()))
        if code not in (0, accept):
            raise self.failure(step, answer)
        return answer

    def failure(self, step: str, answer: Answer) -> LocationError:
        """The error that stands for what git answered."""
        return explain(step, answer.said, answer.quoted, self.remote, has_token=self.token is not None)

    def environment(self) -> dict[str, str]:
        """The variables of the git child: the caller's, without those that would lead it astray."""
        kept = {name: value for name, value in os.environ.items() if _is_kept(name)}
        settings = [*_SETTINGS.items(), *_settings_of_caller()]
        if self.token is not None:
            settings.append(
                (f"http.{self.remote.git_url}.extraHeader", f"Authorization: Basic {self._credential}")
            )
        for index, (key, value) in enumerate(settings):
            kept |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
        return {
            **kept,
            **_IDENTITY,
            "GIT_ALLOW_PROTOCOL": self.remote.scheme,
            "GIT_ASKPASS": "",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": str(len(settings)),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "HOME": str(self.home),
            "LANGUAGE": "C",
            "LC_ALL": "C",
        }

    @property
    def _credential(self) -> str:
        return base64.b64encode(f"x-access-token:{self.token}".encode()).decode()

    def _secrets(self) -> list[str]:
        return [] if self.token is None else [self._credential, self.token]

    def _start(self, arguments: tuple[str, ...], out: IO[bytes] | int) -> subprocess.Popen[bytes]:
        program = shutil.which("git")
        if program is None:
            raise GitUnavailableError(
                f"{self.remote.named}: git was not found on PATH: install git 2.32 or newer"
            )
        _refuse_old(program)
        try:
            # A session of its own: what git starts for the network ends with it.
            return subprocess.Popen(
                [program, *arguments],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.PIPE,
                cwd=self.home,
                env=self.environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise GitUnavailableError(f"git can't be started: {error.strerror or error}") from error

    def _finish(
        self, step: str, process: subprocess.Popen[bytes], stdin: bytes
    ) -> tuple[int, bytes | None, str]:
        with process:
            try:
                out, said = process.communicate(stdin, timeout=self.step_seconds)
            except subprocess.TimeoutExpired:
                _kill(process)
                raise StepTimeoutError(
                    f"{self.remote.named}: {step}: git was ended, as it took longer than {self.step_seconds:g} s",
                    step,
                ) from None
            except BaseException:
                _kill(process)
                raise
        return process.returncode, out, said.decode("utf-8", "replace")


@contextmanager
def _output(into: Path | None) -> Iterator[IO[bytes] | int]:
    if into is None:
        yield subprocess.PIPE
        return
    try:
        with into.open("wb") as file:
            yield file
    except OSError as error:
        raise LocationError(f"{into}: can't be written: {error.strerror or error}") from error


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _is_kept(name: str) -> bool:
    if name.startswith("GIT_"):
        return _KEPT.fullmatch(name) is not None
    return name not in {*TOKEN_NAMES, "SSH_ASKPASS", "XDG_CONFIG_HOME"}


def _settings_of_caller() -> Iterator[tuple[str, str]]:
    """The proxy and TLS settings among those that the caller gives git by environment."""
    count = os.environ.get("GIT_CONFIG_COUNT", "")
    for index in range(int(count) if count.isdecimal() else 0):
        key = os.environ.get(f"GIT_CONFIG_KEY_{index}", "")
        if _KEPT_SETTING.fullmatch(key):
            yield key, os.environ.get(f"GIT_CONFIG_VALUE_{index}", "")


@cache
def _refuse_old(program: str) -> None:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitUnavailableError(f"{program}: git can't be started: {error}") from error
    found = re.search(rb"(\d+)\.(\d+)", answer.stdout)
    if found is None or (int(found[1]), int(found[2])) < OLDEST_GIT:
        version = answer.stdout.decode("utf-8", "replace").strip()[:80] or "no version"
        wanted = ".".join(map(str, OLDEST_GIT))
        raise GitUnavailableError(f"found {version!r}, wanted git {wanted} or newer: install a newer git")
