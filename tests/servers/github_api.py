"""GitHub's API on loopback, for one repository: what it is sent and what it answers is held against GitHub's own
OpenAPI description (`tests/schemas/`). It keeps comments, checks and statuses, and can fail at each operation.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import jsonschema

SCHEMA = Path(__file__).resolve().parent.parent / "schemas" / "github-openapi.json"
MOMENT = "2026-11-24T10:00:00Z"
SILENCE = 0
"""A fault: the connection stays open, and nothing is answered."""
BOT = "github-actions[bot]"

JOBS = "jobs", "GET", "/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs", 200
RUNS = "runs", "GET", "/repos/{owner}/{repo}/actions/runs", 200
ARTIFACTS = "artifacts", "GET", "/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts", 200
COMMENTS = "comments", "GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments", 200
COMMENT = "comment", "POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", 201
EDIT = "edit", "PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}", 200
CHECK = "check", "POST", "/repos/{owner}/{repo}/check-runs", 201
CHECKED = "checked", "PATCH", "/repos/{owner}/{repo}/check-runs/{check_run_id}", 200
STATUS = "status", "POST", "/repos/{owner}/{repo}/statuses/{sha}", 201
USER = "user", "GET", "/user", 200
OPERATIONS = (USER, RUNS, JOBS, ARTIFACTS, COMMENTS, COMMENT, EDIT, CHECK, CHECKED, STATUS)


@dataclass
class GitHubApi:
    """What the server keeps, what it was asked, and at which operations it fails."""

    url: str = ""
    jobs: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    """Of the repository, newest first."""
    listed_at_most: int = 1_000
    """Runs of one search."""
    requests_left: int | None = None
    """After so many the rate limit is used up; None: never."""
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Names of the operations, in their order."""
    tokens: set[str] = field(default_factory=set)
    user: str = BOT
    """Whose token it is."""
    faults: dict[str, int] = field(default_factory=dict)
    """Operation -> the status that it answers, or `SILENCE`."""
    broken_rules: list[str] = field(default_factory=list)
    """What the description forbids, and was sent or answered all the same."""
    stopped: threading.Event = field(default_factory=threading.Event)

    def add_job(self, name: str, conclusion: str | None = "success", **changes: Any) -> None:
        """A job of the run."""
        self.jobs.append(_job(len(self.jobs) + 1, name, conclusion) | changes)

    def add_run(
        self, run_id: int, sha: str, created_at: str, head: str = "acme/wine", **changes: Any
    ) -> None:
        """A run that has ended, older than those before, of a commit that is in the repository `head`."""
        told = {"id": run_id, "head_sha": sha, "name": "ci", "head_branch": "main", "event": "push"}
        state = {"status": "completed", "conclusion": "success", "run_attempt": 1, "pull_requests": []}
        times = {"created_at": created_at, "updated_at": created_at, "run_started_at": created_at}
        commit = {"id": sha, "tree_id": "t", "message": "Said\n\nmore", "timestamp": created_at}
        commit |= {"author": {"name": "Ada", "email": "ada@example.org"}, "committer": None}
        where = {"head_repository": _sample("minimal-repository") | {"full_name": head}}
        self.runs.append(
            _sample("workflow-run") | told | state | times | where | {"head_commit": commit} | changes
        )

    def runs_of(self, created: str) -> list[dict[str, Any]]:
        """Those of a period, as GitHub's search has it: both ends count."""
        begin, _, end = created.partition("..")
        return [run for run in self.runs if begin <= run["created_at"] <= end]

    def add_artifact(self, name: str, size: int, **changes: Any) -> None:
        """An artifact of the run."""
        number = len(self.artifacts) + 1
        told = {"id": number, "node_id": "a", "name": name, "size_in_bytes": size, "expired": False}
        places = {"url": "https://api.github.com/a", "archive_download_url": "https://api.github.com/a/zip"}
        times = dict.fromkeys(("created_at", "expires_at", "updated_at"), MOMENT)
        self.artifacts.append(told | places | times | changes)

    def add_comment(self, body: str, author: str = "", **changes: Any) -> dict[str, Any]:
        """A comment of the pull request, by the token's user unless somebody else is named."""
        number = len(self.comments) + 1
        made = {
            **{"id": number, "node_id": "c", "body": body, "user": _user(author or self.user)},
            **{"url": f"{self.url}/c/{number}", "html_url": f"https://github.com/c/{number}"},
            **{"issue_url": "https://github.com/i", "author_association": "NONE"},
            **{"created_at": MOMENT, "updated_at": MOMENT},
            **changes,
        }
        self.comments.append(made)
        return made

    def answer(self, name: str, ids: dict[str, str], query: dict[str, list[str]], sent: Any) -> Any:
        """What an operation answers."""
        page, size = (
            int(query.get(key, [default])[0]) for key, default in (("page", "1"), ("per_page", "30"))
        )
        shown = slice((page - 1) * size, page * size)
        match name:
            case "user":
                return _public(self.user)
            case "runs":
                found = self.runs_of(query["created"][0])
                return {"total_count": len(found), "workflow_runs": found[: self.listed_at_most][shown]}
            case "jobs":
                return {"total_count": len(self.jobs), "jobs": self.jobs[shown]}
            case "artifacts":
                return {"total_count": len(self.artifacts), "artifacts": self.artifacts[shown]}
            case "comments":
                return self.comments[shown]
            case "comment":
                return self.add_comment(sent["body"])
            case "edit":
                [comment] = [each for each in self.comments if each["id"] == int(ids["comment_id"])]
                comment["body"] = sent["body"]
                return comment
            case "check":
                self.checks.append({"id": len(self.checks) + 1, **sent})
                return _check(self.checks[-1])
            case "checked":
                [check] = [each for each in self.checks if each["id"] == int(ids["check_run_id"])]
                check |= sent
                return _check(check)
            case _:
                self.statuses.append({"sha": ids["sha"], **sent})
                return _status(self.statuses[-1])


def _user(login: str) -> dict[str, Any]:
    names = ("events", "followers", "following", "gists", "html", "organizations", "received_events", "repos")
    urls = {f"{name}_url": "https://github.com/u" for name in (*names, "starred", "subscriptions", "avatar")}
    kind = "Bot" if login.endswith("[bot]") else "User"
    told = {"login": login, "id": 1, "node_id": "u", "gravatar_id": "", "site_admin": False, "type": kind}
    return told | urls | {"url": "https://github.com/u"}


def _public(login: str) -> dict[str, Any]:
    told = dict.fromkeys(("bio", "blog", "company", "email", "hireable", "location", "name"))
    counts = dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0)
    return (
        _user(login)
        | told
        | counts
        | {"created_at": MOMENT, "updated_at": MOMENT, "user_view_type": "public"}
    )


def _job(number: int, name: str, conclusion: str | None) -> dict[str, Any]:
    page = f"https://github.com/acme/wine/actions/runs/77/job/{number}"
    told = {"id": number, "node_id": "j", "run_id": 77, "run_url": "https://api.github.com/r", "name": name}
    state = {"status": "completed" if conclusion else "in_progress", "conclusion": conclusion}
    times = {"started_at": MOMENT, "completed_at": "2026-11-24T10:01:36Z" if conclusion else None}
    runner = {"runner_id": 1, "runner_name": "r", "runner_group_id": 1, "runner_group_name": "g"}
    where = {"head_sha": "a" * 40, "head_branch": "main", "workflow_name": "ci", "labels": ["ubuntu-24.04"]}
    urls = {"url": "https://api.github.com/j", "html_url": page, "check_run_url": "https://api.github.com/k"}
    return told | state | times | runner | where | urls | {"created_at": MOMENT, "steps": []}


@cache
def _sample(name: str) -> dict[str, Any]:
    """The least that GitHub's description takes for one of its schemas."""
    return _least({"$ref": f"#/components/schemas/{name}"})  # type: ignore[no-any-return]


def _least(schema: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _least(_description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return None if {"type": "null"} in schema["anyOf"] else _least(schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {key: _least(schema["properties"][key]) for key in schema.get("required", ())}
    texts = {"date-time": MOMENT, "uri": "https://github.com/x"}
    values = {"string": texts.get(schema.get("format", ""), "x"), "integer": 1, "boolean": False, "array": []}
    return values.get(str(kind))


def _check(sent: dict[str, Any]) -> dict[str, Any]:
    output = {"title": None, "summary": None, "text": None} | sent.get("output", {})
    output = {name: output[name] for name in ("title", "summary", "text")}
    output |= {"annotations_count": 0, "annotations_url": "https://api.github.com/a"}
    kept = {name: sent.get(name) for name in ("conclusion", "started_at", "completed_at")}
    return {
        **{"id": sent["id"], "node_id": "k", "head_sha": sent["head_sha"], "name": sent["name"]},
        **{"url": "https://api.github.com/k", "html_url": None, "details_url": None, "external_id": ""},
        **{"status": sent.get("status", "queued"), "check_suite": None, "app": None, "pull_requests": []},
        **kept,
        "output": output,
    }


def _status(sent: dict[str, Any]) -> dict[str, Any]:
    kept = {name: sent.get(name) for name in ("state", "description", "target_url", "context")}
    told = {"url": "https://api.github.com/s", "avatar_url": None, "id": 1, "node_id": "s"}
    return told | kept | {"created_at": MOMENT, "updated_at": MOMENT, "creator": _user(BOT)}


@cache
def _description() -> dict[str, Any]:
    described: dict[str, Any] = _as_json_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))
    return described


def _as_json_schema(value: Any) -> Any:
    """OpenAPI 3.0's `nullable` as JSON Schema has it."""
    if isinstance(value, list):
        return [_as_json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    schema = {key: _as_json_schema(item) for key, item in value.items() if key != "nullable"}
    return {"anyOf": [schema, {"type": "null"}]} if value.get("nullable") is True else schema


def _broken(schema: dict[str, Any] | None, document: Any) -> str:
    """What the schema forbids in the document; empty for nothing."""
    if schema is None:
        return ""
    whole = {**schema, "components": _description()["components"]}
    validator = jsonschema.Draft7Validator(whole, format_checker=jsonschema.FormatChecker())
    # A schema beside `components` may be a bare reference, next to which nothing counts in this draft.
    if "$ref" in schema:
        whole = {"allOf": [schema], "components": _description()["components"]}
        validator = jsonschema.Draft7Validator(whole, format_checker=jsonschema.FormatChecker())
    return "; ".join(f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document))


def _schema(holder: dict[str, Any]) -> dict[str, Any] | None:
    content = holder.get("content", {})
    return content["application/json"]["schema"] if content else None


@contextmanager
def github_api() -> Iterator[GitHubApi]:
    """The server; afterwards nothing that was sent or answered broke a rule of the description."""
    api = GitHubApi()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            api.tokens.add(self.headers.get("Authorization", ""))
            parts = urlsplit(self.path)
            found = next(
                filter(None, (_matched(each, self.command, parts.path) for each in OPERATIONS)), None
            )
            if found is None:
                api.broken_rules.append(f"{self.command} {parts.path}: GitHub has no such operation")
                return self._send(404, {"message": "Not Found"})
            (name, method, path, status), ids = found
            api.asked.append(name)
            operation = _description()["paths"][path][method.lower()]
            sent = json.loads(body) if body else None
            told = _broken(_schema(operation["requestBody"]) if "requestBody" in operation else None, sent)
            if api.requests_left is not None:
                api.requests_left -= 1
                if api.requests_left < 0:
                    return self._send(403, {"message": "API rate limit exceeded"}, is_limited=True)
            fault = api.faults.get(name)
            if fault == SILENCE:
                api.stopped.wait()
                return None
            if fault is not None:
                return self._send(fault, {"message": "no", "documentation_url": "https://docs.github.com"})
            if told:
                api.broken_rules.append(f"sent to {name}: {told}")
                return self._send(422, {"message": told})
            answer = api.answer(name, ids, parse_qs(parts.query), sent)
            if told := _broken(_schema(operation["responses"][str(status)]), answer):
                api.broken_rules.append(f"answered by {name}: {told}")
            return self._send(
                status, answer, following=_following(api, name, parts.path, parse_qs(parts.query))
            )

        def _send(self, status: int, answer: Any, following: str = "", *, is_limited: bool = False) -> None:
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            if following:
                self.send_header("Link", f'<{following}>; rel="next"')
            if is_limited:
                self.send_header("X-RateLimit-Remaining", "0")
                self.send_header("X-RateLimit-Reset", "1772359200")  # 10:00 UTC
            if status == 429:
                self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        api.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
    assert api.broken_rules == []


def _following(api: GitHubApi, name: str, path: str, query: dict[str, list[str]]) -> str:
    """The address of the next page of a list; empty after the last."""
    listed = {"jobs": api.jobs, "artifacts": api.artifacts, "comments": api.comments}.get(name, [])
    if name == "runs":
        listed = api.runs_of(query["created"][0])[: api.listed_at_most]
    page, size = (int(query.get(key, [default])[0]) for key, default in (("page", "1"), ("per_page", "30")))
    kept = "".join(f"&{key}={quote(value)}" for key in ("created", "status") for value in query.get(key, []))
    return f"{api.url}{path}?per_page={size}{kept}&page={page + 1}" if len(listed) > page * size else ""


def _matched(
    operation: tuple[str, str, str, int], command: str, path: str
) -> tuple[Any, dict[str, str]] | None:
    _, method, template, _ = operation
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
    found = re.fullmatch(pattern, path)
    return (operation, found.groupdict()) if found and method == command else None
