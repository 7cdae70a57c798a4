"""For the site: a link to a file of the repository that is no page leads to the repository's own page of it.

Read on GitHub, the same links are relative, and lead there by themselves.
"""

from __future__ import annotations

import os
import posixpath
import re
from typing import Any

_LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")
_SHOWN = (
    os.environ.get("GITHUB_SERVER_URL", "https://github.com"),
    os.environ.get("GITHUB_REPOSITORY", "OWNER/NAME"),
)


def on_page_markdown(markdown: str, *, page: Any, **_others: Any) -> str:
    """The page's text, before it is rendered."""
    folder = posixpath.dirname(page.file.src_uri)

    def outside(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join("docs", folder, found[1]))
        if target.startswith("docs/"):
            return found[0]
        return f"{'/'.join(_SHOWN)}/blob/HEAD/{target}{found[2] or ''}"

    return _LINK.sub(outside, markdown)
