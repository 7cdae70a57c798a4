"""`run` with its history in a gist: the host's first content, the command as a CI job runs it, what is there then."""

from __future__ import annotations

import csv
import io

from checkouts import Checkout
from commands import Answer, run_command
from servers.git_server import GitServer

TOKEN = "gho_a1b2c3d4e5f6a7b8c9d0"

OLD = (
    b"timestamp_local,branch,author,commit_sha,commit_message,workflow_status,mlflow_project_detected,is_trained,"
    b"mlflow_run_id,duration,mlflow_params_kv,mlflow_metrics_kv,cause\n"
    + b"".join(
        b"2024-06-0%d 12:00:00,main,ada,old%d,Day %d,success,Yes,true,,12s,lr=0.1,acc=0.9%d,Script\n"
        % (d, d, d, d)
        for d in range(1, 9)
    )
)


def environment_of_ci(**more: str) -> dict[str, str]:
    return {"GIST_TOKEN": TOKEN, "GITHUB_ACTIONS": "true", "GITHUB_RUN_ATTEMPT": "1"} | more


def run_on(server: GitServer, checkout: Checkout, run_id: str, **more: str) -> Answer:
    page = checkout.root.parent / f"page-{run_id}.md"
    return run_command(
        "run",
        "--history",
        f"{server.url}/history",
        "--output",
        checkout.root.parent / f"out-{run_id}",
        cwd=checkout.root,
        environment=environment_of_ci(GITHUB_RUN_ID=run_id, GITHUB_STEP_SUMMARY=str(page)) | more,
    )


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def run_ids_in(server: GitServer) -> list[str]:
    return [
        row["workflow_run_id"]
        for row in rows_of(server.read("commitHistory.csv"))
        if row.get("workflow_run_id")
    ]


def old_commits(server: GitServer) -> list[str]:
    return [
        row["commit_sha"]
        for row in rows_of(server.read("commitHistory.csv"))
        if row["commit_sha"].startswith("old")
    ]
