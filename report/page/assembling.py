"""The page's one file: its parts, what they may do, and the data, packed."""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from string import Template
from typing import Any

from ...history.charting import palette
from ..redaction import Redaction
from .data import data_json
from .head import as_source, page_head, read_asset, source_of

_HERE = Path(__file__).parent
_SCRIPTS = (
    "state.js",
    "texts.js",
    "charts.js",
    "home.js",
    "history.js",
    "commit.js",
    "metrics.js",
    "compare.js",
    "start.js",
)
"""In the order in which they build on one another."""
_MOST_USEFUL_LEVEL = 6
"""Of gzip: beyond it a hundredth is gained for twice the time."""


def assemble(data: Mapping[str, Any], redaction: Redaction, read_at: datetime) -> bytes:
    """The page as a file: HTML that needs nothing else, and by its content security policy can load nothing else.

    Scripts are named in the policy by their hashes, so that a text which were taken for one would not run. The data
    and the libraries are packed; the browser unpacks them (Chrome and Edge 80, Firefox 113, Safari 16.4 and later).
    Its head tells when the history was read, to who would put another page in its place.
    """
    # One `<script>` each for what starts and what is unpacked: the browser compares their hashes.
    own = "\n".join(read_asset(name) for name in _SCRIPTS)
    title = redaction.text(str(data["title"]))
    filled = Template(read_asset("page.html")).substitute(
        title=html.escape(title),
        head=page_head(title, [source_of(own), *_vendored_sources()]),
        read_at=read_at.isoformat(),
        looks=json.dumps(_looks(), separators=(",", ":")),
        vega=_packed(_HERE / "vendored" / "vega.js.gz"),
        tabulator=_packed(_HERE / "vendored" / "tabulator.js.gz"),
        tabulator_style=_packed(_HERE / "vendored" / "tabulator.css.gz"),
        data=base64.b64encode(
            gzip.compress(data_json(data, redaction), _MOST_USEFUL_LEVEL, mtime=0)
        ).decode(),
        script=own,
    )
    return filled.encode()


def _vendored_sources() -> list[str]:
    hashes: dict[str, str] = json.loads((_HERE / "vendored" / "hashes.json").read_text(encoding="utf-8"))
    return [as_source(bytes.fromhex(hashes[name])) for name in ("vega.js.gz", "tabulator.js.gz")]


def _packed(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def _looks() -> dict[str, Any]:
    """The chart's colours and marks, as the summary's picture has them."""
    colours = {
        name.lower(): list(value)
        for name, value in vars(palette).items()
        if isinstance(value, palette.Colour)
    }
    marks = {name: {"shape": look.shape, "fill": look.fill} for name, look in palette.MARKS.items()}
    return {"colours": colours, "marks": marks, "dark_of": palette.DARK_OF}
