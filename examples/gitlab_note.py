"""Write a report as a note of GitLab's merge request, and the next one over it: `gitlab_note.py summary.md`.

It needs GITLAB_NOTE_TOKEN, a token with the scope `api`, and what GitLab tells each job. It never fails the job: what
went wrong is one line on stderr. Python's own library alone.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

MARK = "<!-- devops-mlops-report -->"
LARGEST = 900_000
"""Characters; GitLab takes a million in a note."""
SECONDS = 20
PAGES_AT_MOST = 10


def call(method: str, url: str, token: str, document: dict[str, str] | None = None) -> Any:
    """What GitLab answers."""
    body = None if document is None else json.dumps(document).encode()
    headers = {"PRIVATE-TOKEN": token, "Content-Type": "application/json"}
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 - GitLab's own address
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        return json.load(answer)


def main() -> str:
    """Write the note; returns what to say."""
    environment = os.environ
    merge_request = environment.get("CI_MERGE_REQUEST_IID")
    if not merge_request:
        return "no merge request, so no note"
    project = environment["CI_MERGE_REQUEST_PROJECT_ID"]
    notes = f"{environment['CI_API_V4_URL']}/projects/{project}/merge_requests/{merge_request}/notes"
    token = environment["GITLAB_NOTE_TOKEN"]
    text = f"{MARK}\n{Path(sys.argv[1]).read_text(encoding='utf-8')[:LARGEST]}"
    author = call("GET", f"{environment['CI_API_V4_URL']}/user", token)["id"]
    for page in range(1, PAGES_AT_MOST + 1):
        found = call("GET", f"{notes}?sort=desc&per_page=100&page={page}", token)
        own = [note for note in found if note["author"]["id"] == author and note["body"].startswith(MARK)]
        if own:
            call("PUT", f"{notes}/{own[0]['id']}", token, {"body": text})
            return "the note is up to date"
        if len(found) < 100:
            break
    call("POST", notes, token, {"body": text})
    return "the note is written"


if __name__ == "__main__":
    try:
        print(main())
    except (OSError, ValueError, KeyError, TypeError) as error:
        # An HTTPError's text is its status; none of them holds the token.
        print(f"gitlab_note.py: no note was written: {type(error).__name__}: {error}", file=sys.stderr)
