"""The head that every page of ours has: what it may do, how it looks, in light and in dark."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Sequence
from pathlib import Path
from string import Template

_ASSETS = Path(__file__).parent / "assets"
_OF_EVERY_PAGE = (
    "style-src 'unsafe-inline'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
)


def page_head(title: str, scripts: Sequence[str], also: Sequence[str] = ()) -> str:
    """The elements of a head, with a content security policy: these scripts run, and nothing is loaded or sent.

    `scripts` are sources (`source_of`), `also` further rules; `title` is text.
    """
    policy = ["default-src 'none'", f"script-src {' '.join(scripts)}", *also, *_OF_EVERY_PAGE]
    return Template(read_asset("head.html")).substitute(
        title=html.escape(title), policy="; ".join(policy), style=read_asset("page.css")
    )


def source_of(script: str) -> str:
    """How a policy names a script."""
    return as_source(hashlib.sha256(script.encode()).digest())


def as_source(digest: bytes) -> str:
    """The same of its SHA-256."""
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def read_asset(name: str) -> str:
    """A file of `assets`."""
    return (_ASSETS / name).read_text(encoding="utf-8")
