"""The repository's name out of a remote's URL."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# `user@host:path`, git's scp-like form: no scheme, no slash before the first colon (git-clone(1), GIT URLS).
_SCP_LIKE = re.compile(r"^(?:[^/:@]+@)?(?P<host>\[[^\]]+\]|[^/:@]+):(?P<path>.*)$", re.DOTALL)


def repository_name(url: str) -> str:
    """Return `owner/name` (GitLab: `group/…/name`) of a remote's URL, or '' where it names none.

    Only the path is used: user names, passwords, hosts, ports and query strings never get into the answer. A
    local path, `file://` or a URL with a single path segment has no owner and gives ''.

    >>> repository_name("https://x-access-token:secret@github.com/octo/hello.git")
    'octo/hello'
    >>> repository_name("git@gitlab.com:group/part/hello.git")
    'group/part/hello'
    """
    path = _remote_path(url.strip())
    parts = [part for part in path.split("/") if part]
    if parts:
        parts[-1] = parts[-1].removesuffix(".git")
    if len(parts) < 2 or not parts[-1] or any(part in (".", "..", "~") for part in parts):
        return ""
    return "/".join(parts)


def _remote_path(url: str) -> str:
    if "://" in url:
        try:
            parts = urlsplit(url)
        except ValueError:
            return ""
        return "" if parts.scheme == "file" else parts.path
    match = _SCP_LIKE.match(url)
    if match is None or len(match["host"]) == 1:  # a single letter is a Windows drive
        return ""
    return match["path"]
