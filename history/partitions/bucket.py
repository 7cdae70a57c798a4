"""A partitioned history in object storage (`s3://bucket/path`), by pyarrow's own client.

Credentials are those of the environment, as every AWS client takes them; an address never holds any.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LocationError, UnreachableError, in_one_line
from ..temporary import temporary_folder
from .folder import VanishedError
from .layout import PARTITION, SUFFIX, UNREADABLE

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo, S3FileSystem

SCHEME = "s3://"
CONNECT_SECONDS = 10.0
SILENT_SECONDS = 20.0
"""A server that says nothing for so long is given up, after one more attempt."""

_ATTEMPTS = 2
_AT_ONCE = 16
"""Files that are fetched or deleted side by side: most of it is waiting."""
_WANTED = "wanted s3://bucket/path"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_NETWORK = ("NETWORK_CONNECTION", "REQUEST_TIMEOUT", "SERVICE_UNAVAILABLE", "SLOW_DOWN", "INTERNAL_FAILURE")
_HINTS = {
    "NO_SUCH_BUCKET": "there is no such bucket",
    "ACCESS_DENIED": "access is denied; wanted credentials that may list, read and write there",
    "INVALID_ACCESS_KEY_ID": "the access key is not known there",
    "SIGNATURE_DOES_NOT_MATCH": "the secret key does not belong to the access key",
}


class Bucket:
    """What lies below a path of a bucket. Where that is one of a partition itself, it stands for that one alone."""

    def __init__(
        self,
        address: str,
        environment: Mapping[str, str] = os.environ,
        *,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self.shown, self._root, self._only = _parse(address)
        self._files = _file_system(environment, silent_seconds)

    def partitions(self) -> list[str]:
        """What is listed as folders, though object storage has none."""
        if self._only is not None:
            return [self._only]
        listed = [self._name(found.path) for found in self._listed("", is_recursive=False)]
        return sorted(name for name in listed if name.startswith(PARTITION))

    def names(self, partition: str | None = None) -> list[str]:
        """Keys with the suffix, one level below a partition."""
        partition = partition or self._only
        return [
            name
            for name in self._keys(partition or "")
            if name.startswith(PARTITION) and name.endswith(SUFFIX) and name.count("/") == 1
        ]

    def unreadable(self) -> list[str]:
        """Of the folder as a whole: such lines belong to no repository."""
        if self._only is not None:
            return []
        return [name for name in self._keys(UNREADABLE) if name.endswith(".csv") and name.count("/") == 1]

    @contextmanager
    def opened(self, names: Sequence[str]) -> Iterator[list[Path]]:
        """Copies of the files, for as long as the context lasts."""
        with temporary_folder() as folder:
            # By number: a key is a text from outside.
            paths = [folder / f"{number}{Path(name).suffix}" for number, name in enumerate(names)]
            with ThreadPoolExecutor(_AT_ONCE) as readers:
                list(readers.map(self._fetch, names, paths))
            yield paths

    def put(self, name: str, file: Path) -> None:
        """Sent as a whole: an object appears when all of it has arrived."""
        content = file.read_bytes()
        path = f"{self._root}/{name}"
        with self._asked("written"):
            # Not `with`: after an error nothing is to be completed.
            stream = self._files.open_output_stream(path)
            stream.write(content)
            stream.close()
            size = self._files.get_file_info(path).size
        if size != len(content):
            self.remove([name])
            raise LocationError(
                f"{self.shown}: can't be written: {name} arrived with {size} bytes of {len(content)}"
            )

    def remove(self, names: Sequence[str]) -> None:
        """Side by side; another one may have been as quick."""
        with ThreadPoolExecutor(_AT_ONCE) as removers:
            list(removers.map(self._remove, names))

    def _fetch(self, name: str, path: Path) -> None:
        try:
            with self._asked("read"), self._files.open_input_stream(f"{self._root}/{name}") as stream:
                path.write_bytes(stream.read())
        except FileNotFoundError as error:
            raise VanishedError(f"{self.shown}: {name} is not there any more") from error

    def _remove(self, name: str) -> None:
        try:
            with self._asked("written"):
                self._files.delete_file(f"{self._root}/{name}")
        except FileNotFoundError:
            return

    def _keys(self, below: str) -> list[str]:
        return sorted(self._name(found.path) for found in self._listed(below, is_recursive=True))

    def _listed(self, below: str, *, is_recursive: bool) -> list[FileInfo]:
        from pyarrow.fs import FileSelector

        try:
            with self._asked("read"):
                selector = FileSelector(f"{self._root}/{below}".rstrip("/"), recursive=is_recursive)
                listed: list[FileInfo] = self._files.get_file_info(selector)
                return listed
        except FileNotFoundError:
            return []

    def _name(self, path: str) -> str:
        return path.removeprefix(f"{self._root}/")

    @contextmanager
    def _asked(self, what: str) -> Iterator[None]:
        """Raises `LocationError` for what the server, or the way to it, refuses; `FileNotFoundError` as it is."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            text = re.sub(r" \(Request ID: [^)]*\)", "", in_one_line(error))
            kind = UnreachableError if any(word in text for word in _NETWORK) else LocationError
            reason = next((hint for word, hint in _HINTS.items() if word in text), text[:300])
            raise kind(f"{self.shown}: can't be {what}: {reason}") from None


def _parse(address: str) -> tuple[str, str, str | None]:
    """How the address is shown, the bucket with the path, and the partition where the path is of one.

    Raises `LocationError`, which repeats no part of an address that may hold a secret.
    """
    bucket, _, path = address[len(SCHEME) :].partition("/")
    if "@" in bucket:
        raise LocationError(
            "the s3:// address holds a user name or a password; take it out: credentials belong in the environment "
            "(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)"
        )
    if (
        not address.lower().startswith(SCHEME)
        or not _BUCKET.fullmatch(bucket)
        or re.search(r"[?#\x00-\x1f\\]", path)
    ):
        raise LocationError(f"the s3:// address has no valid bucket or path; {_WANTED}")
    parts = [part for part in path.split("/") if part]
    if any(part in (".", "..") for part in parts):
        raise LocationError(f"the s3:// address has a path with dots alone; {_WANTED}")
    shown = SCHEME + "/".join([bucket, *parts])
    only = parts.pop() if parts and parts[-1].startswith(PARTITION) else None
    return shown, "/".join([bucket, *parts]), only


def _file_system(environment: Mapping[str, str], silent_seconds: float) -> S3FileSystem:
    try:
        # Few have it, and it takes its time.
        from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem
    except ImportError as error:
        raise LocationError(
            "object storage needs pyarrow, which is not installed: "
            "wanted the extra s3 (pip install 'devops-mlops-report[s3]')"
        ) from error
    return S3FileSystem(
        region=environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or None,
        connect_timeout=CONNECT_SECONDS,
        request_timeout=silent_seconds,
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
        allow_delayed_open=True,
        **_credentials(environment),
        **_server(environment),
    )


def _credentials(environment: Mapping[str, str]) -> dict[str, str | None]:
    """Those of the environment; without any the client looks where every AWS client does: profile, machine's role."""
    if not environment.get("AWS_ACCESS_KEY_ID") or not environment.get("AWS_SECRET_ACCESS_KEY"):
        return {}
    return {
        "access_key": environment["AWS_ACCESS_KEY_ID"],
        "secret_key": environment["AWS_SECRET_ACCESS_KEY"],
        "session_token": environment.get("AWS_SESSION_TOKEN") or None,
    }


def _server(environment: Mapping[str, str]) -> dict[str, str]:
    """Another server than Amazon's, where one is named."""
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
    if not endpoint:
        return {}
    match = re.fullmatch(r"(?i)(https?)://((?:\[[0-9a-f:]+\]|[\w.-]+)(?::\d+)?)(/[^?#\s]*)?", endpoint)
    if match is None:
        raise LocationError(
            "AWS_ENDPOINT_URL can't be used: wanted https://host, without a user name or a password"
        )
    return {"scheme": match[1].lower(), "endpoint_override": match[2] + (match[3] or "").rstrip("/")}
