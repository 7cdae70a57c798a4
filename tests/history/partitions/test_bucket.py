"""A partitioned history in object storage: a real server on loopback, and servers that answer as none should."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from commands import Answer, run_here
from csv_samples import ROW, UNREADABLE, csv_bytes, many_rows
from devops_mlops_report.history import LocationError, UnreachableError
from devops_mlops_report.history.partitions.bucket import Bucket
from servers.object_storage import BUCKET, KEY_ID, SECRET, ObjectStorage, object_storage
from servers.odd_server import answering

LAKE = f"s3://{BUCKET}/some/history"


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectStorage]:
    with object_storage() as running:
        yield running


@pytest.fixture
def storage(server: ObjectStorage) -> ObjectStorage:
    client = server.client()
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for each in page.get("Contents", ()):
            client.delete_object(Bucket=BUCKET, Key=each["Key"])
    return server


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Two repositories, `octo/model` with many rows and one with a name that no key holds as it is."""
    path = tmp_path / "history.csv"
    rows = [*many_rows(30), ROW | {"repository": "a b/ü%2F", "workflow_run_id": "5"}]
    path.write_bytes(csv_bytes(rows) + b"".join(line + b"\n" for line in UNREADABLE))
    return path


def _run(*arguments: str | Path, environment: Mapping[str, str], cwd: Path) -> Answer:
    answer = run_here(*arguments, environment=environment, cwd=cwd)
    assert SECRET not in answer.stdout + answer.stderr
    assert KEY_ID not in answer.stdout + answer.stderr
    return answer


def test_object_storage_holds_the_csv_byte_for_byte(
    storage: ObjectStorage, history: Path, tmp_path: Path
) -> None:
    def run(*arguments: str | Path) -> str:
        answer = _run(*arguments, environment=storage.environment, cwd=tmp_path)
        assert answer.code == 0, answer.stderr
        return answer.stderr + answer.stdout

    def read(source: str | Path) -> bytes:
        run("export", "read.csv", "--force", "--history", source)
        return (tmp_path / "read.csv").read_bytes()

    wanted = read(history)
    assert "Added 31 rows of 31" in run("export", "--partitioned", LAKE, "--history", history)
    assert "Added 0 rows" in run("export", "--partitioned", LAKE, "--history", history)
    assert [key.rpartition("/")[0] for key in storage.object_keys()] == [
        "some/history/_unreadable",
        "some/history/repository=a%20b%2F%C3%BC%252F",
        "some/history/repository=octo%2Fmodel",
    ]
    assert read(LAKE) == wanted
    other = tmp_path / "run.csv"
    for number in ("1", "2", "3", "4"):
        other.write_bytes(csv_bytes([ROW | {"workflow_run_id": f"new{number}"}]))
        assert "Added 1 row " in run("export", "--partitioned", LAKE, "--history", other)
        run("merge", other, "--history", history)
    wanted = read(history)
    assert len(storage.object_keys()) == 7
    assert read(LAKE) == wanted
    assert "5 files of 1 repository" in run("compact", LAKE)
    assert len(storage.object_keys()) == 3
    assert read(LAKE) == wanted
    assert "Added 0 rows" in run("export", "--partitioned", LAKE, "--history", history)
    count = run("sql", "select count(*) from commits", "--history", f"{LAKE}/repository=a%20b%2F%C3%BC%252F")
    assert "\n           1\n" in count
    assert "octo/model" in run("overview", LAKE)


def test_keys_that_are_not_ours_are_left_alone(storage: ObjectStorage, history: Path, tmp_path: Path) -> None:
    client = storage.client()
    others = (
        "repository=x/../../evil.parquet",
        "repository=x/deep/er.parquet",
        "repository=x/README.md",
        "notes/a.parquet",
        "top.parquet",
    )
    for key in others:
        client.put_object(Bucket=BUCKET, Key=f"some/history/{key}", Body=b"no Parquet")
    environment = storage.environment
    assert _run("export", "--partitioned", LAKE, "--history", history, environment=environment, cwd=tmp_path)
    assert _run("compact", LAKE, environment=environment, cwd=tmp_path).code == 0
    found = _run("sql", "from commits", "--history", LAKE, environment=environment, cwd=tmp_path)
    assert found.code == 0
    assert {f"some/history/{key}" for key in others} <= set(storage.object_keys())
    assert not (tmp_path / "evil.parquet").exists()
    client.put_object(Bucket=BUCKET, Key="some/history/repository=x/a.parquet", Body=b"no Parquet")
    found = _run("sql", "from commits", "--history", LAKE, environment=environment, cwd=tmp_path)
    assert found.code == 1
    assert found.is_one_line()
    assert "repository=x/a.parquet" in found.stderr


@pytest.mark.parametrize(
    "address",
    [
        f"s3://{KEY_ID}:{SECRET}@{BUCKET}/x",
        f"s3://{KEY_ID}:a/{SECRET}@{BUCKET}/x",
        f"s3://{BUCKET}/x?X-Amz-Signature={SECRET}",
        f"s3://{BUCKET}/x/../{SECRET}",
        f"s3:///{SECRET}",
        f"S3://UPPER/{SECRET}",
        f"https://{KEY_ID}:{SECRET}@host/{BUCKET}",
    ],
)
def test_address_that_can_not_be_used_is_refused_and_not_repeated(
    address: str, history: Path, tmp_path: Path
) -> None:
    for arguments in (
        ("export", "--partitioned", address, "--history", history),
        ("compact", address),
        ("sql", "from commits", "--history", address),
    ):
        answer = _run(*arguments, environment={}, cwd=tmp_path)
        assert answer.code
        assert answer.is_one_line(), answer.stderr


@contextmanager
def _silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def _error(code: str) -> bytes:
    return (
        f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>\x1b[31m{SECRET}</Message></Error>".encode()
    )


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (403, _error("AccessDenied"), "access is denied"),
        (403, _error("InvalidAccessKeyId"), "access key is not known"),
        (403, _error("SignatureDoesNotMatch"), "secret key does not belong"),
        (404, _error("NoSuchBucket"), "no such bucket"),
        (500, b"<html>", "can't be"),
        (200, b"<html>", "can't be"),
    ],
)
def test_refusal_is_one_line_and_leaves_the_history(
    status: int, body: bytes, wanted: str, history: Path, tmp_path: Path
) -> None:
    before = history.read_bytes()
    with answering(status, body) as (url, _):
        environment = ObjectStorage(url).environment
        for arguments in (
            ("export", "--partitioned", LAKE, "--history", history),
            ("compact", LAKE),
            ("sql", "from commits", "--history", LAKE),
        ):
            answer = _run(*arguments, environment=environment, cwd=tmp_path)
            assert answer.code
            assert answer.is_one_line(), answer.stderr
            assert wanted in answer.stderr
    assert history.read_bytes() == before


def test_server_that_is_down_or_silent_is_given_up(storage: ObjectStorage, tmp_path: Path) -> None:
    with _silent() as url:
        bucket = Bucket(LAKE, ObjectStorage(url).environment, silent_seconds=1)
        with pytest.raises(UnreachableError, match="can't be read"):
            bucket.names()
        (tmp_path / "file").write_bytes(b"x")
        with pytest.raises(UnreachableError, match="can't be written"):
            bucket.put("repository=x/1.parquet", tmp_path / "file")
    with pytest.raises(UnreachableError):  # Nobody listens there any more.
        Bucket(LAKE, ObjectStorage(url).environment).names()


def test_missing_client_is_named_with_what_brings_it(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.fs", None)
    answer = _run("export", "--partitioned", LAKE, "--history", history, environment={}, cwd=tmp_path)
    assert answer.code == 1
    assert answer.is_one_line()
    assert "devops-mlops-report[s3]" in answer.stderr


def test_bucket_that_is_missing_and_rights_that_are_missing_are_told_apart(
    storage: ObjectStorage, history: Path, tmp_path: Path
) -> None:
    answer = _run(
        "export",
        "--partitioned",
        "s3://missing-bucket/x",
        "--history",
        history,
        environment=storage.environment,
        cwd=tmp_path,
    )
    assert answer.code == 1
    assert "no such bucket" in answer.stderr
    for url in ("ftp://host", "http://a:b@host", "host", "http://[", "https://host?x=1"):
        with pytest.raises(LocationError, match="AWS_ENDPOINT_URL"):
            Bucket(LAKE, {"AWS_ENDPOINT_URL": url})
