"""Calls that end in time, and errors that say what happened without saying a password."""

from __future__ import annotations

import time

import pytest
from devops_mlops_report.report.tracking.errors import (
    TrackingConflictError,
    TrackingDeniedError,
    TrackingDownError,
    TrackingError,
    TrackingMissingError,
)
from devops_mlops_report.report.tracking.rest import Rest
from servers.odd_server import answering, refusing, silent


def test_a_server_that_refuses_is_given_up_within_seconds_and_later_calls_fail_at_once() -> None:
    with refusing() as url:
        rest = Rest(url, None)
        began = time.monotonic()
        with pytest.raises(TrackingDownError, match="can't be reached"):
            rest.get("runs/get")
        assert time.monotonic() - began < 3
        began = time.monotonic()
        with pytest.raises(TrackingDownError):
            rest.get("runs/get")
        assert time.monotonic() - began < 0.1


def test_a_server_that_never_answers_is_given_up_after_three_timeouts() -> None:
    with silent() as url:
        rest = Rest(url, None, timeout_seconds=0.3)
        began = time.monotonic()
        with pytest.raises(TrackingDownError, match="did not answer within"):
            rest.get("runs/get")
        assert time.monotonic() - began < 4


def test_all_calls_together_have_a_limit() -> None:
    with silent() as url:
        began = time.monotonic()
        with pytest.raises(TrackingDownError):
            Rest(url, None, timeout_seconds=10, total_seconds=1).get("runs/get")
        assert time.monotonic() - began < 3


def test_a_call_that_makes_something_is_not_sent_twice_when_it_may_have_arrived() -> None:
    with answering(500, b"{}") as (url, seen):
        with pytest.raises(TrackingDownError, match="answered 500"):
            Rest(url, None).call("POST", "runs/create", {}, is_repeatable=False)
        assert len(seen) == 1
    with answering(500, b"{}") as (url, seen):
        with pytest.raises(TrackingDownError):
            Rest(url, None).get("runs/get")
        assert len(seen) == 3


@pytest.mark.parametrize(
    ("status", "body", "kind", "text"),
    [
        (401, b"", TrackingDeniedError, "answered 401.*DAGSHUB_TOKEN"),
        (403, b"", TrackingDeniedError, "answered 403"),
        (404, b"<html>", TrackingMissingError, "does not know the endpoint"),
        (
            404,
            b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "No Run"}',
            TrackingMissingError,
            "No Run",
        ),
        (400, b'{"error_code": "RESOURCE_ALREADY_EXISTS"}', TrackingConflictError, "already there"),
        (400, b'{"error_code": "X", "message": "a\\nb"}', TrackingError, r"answered 400 to runs/get \(a b\)"),
        (302, b"", TrackingError, "answered 302"),
        (200, b"<html>", TrackingError, "not MLflow's JSON"),
        (200, b"[]", TrackingError, "not MLflow's JSON"),
    ],
)
def test_an_error_says_what_was_answered(status: int, body: bytes, kind: type[Exception], text: str) -> None:
    with answering(status, body) as (url, seen):
        with pytest.raises(kind, match=text) as caught:
            Rest(url, "Basic c2VjcmV0").get("runs/get")
        assert "c2VjcmV0" not in str(caught.value)
        assert seen[0][1] == "Basic c2VjcmV0"
        assert len(seen) == 1
