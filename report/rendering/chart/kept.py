"""A picture that is kept: the files of the last report's chart, where this one would show the same.

Vega takes longer to start than the rest of a report, and a commit that measures nothing leaves the charted points as
they are. So each SVG tells in a comment at its end what it was drawn from, a digest of all that a picture depends on,
and what its own bytes are: another picture, an edited one and half a one can't be kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from ....history.charting.data import ChartLabels, Row
from ....history.charting.palette import DARK_OF
from ....history.charting.specification import Panel, chart_specification
from .render import Chart

SVG, SVG_DARK, PNG = "chart.svg", "chart-dark.svg", "chart.png"

_PAINTER: Final = Path(__file__).with_name("render.py")
_STAMP: Final = "<!-- drawn from {source}, beside the PNG {png}, itself "
_DIGEST_LENGTH: Final = 64
_END: Final = " -->\n"


def chart_files(chart: Chart, source: str) -> dict[str, bytes]:
    """The files of a chart by name, each SVG with what it was drawn from (the `source_digest`)."""
    png = hashlib.sha256(chart.png).hexdigest()
    stamp = _STAMP.format(source=source, png=png)
    svgs = {SVG: chart.svg, SVG_DARK: chart.svg_dark}
    return {name: _sealed(f"{svg}{stamp}") for name, svg in svgs.items()} | {PNG: chart.png}


def kept_files(files: Mapping[str, bytes], source: str) -> dict[str, bytes] | None:
    """Of the files of an earlier report those that show what `source` stands for; None where they don't.

    Both SVGs are there, or nothing; the PNG is there if it is the one that was painted with them.
    """
    pngs = [_png_beside(files.get(name, b""), source) for name in (SVG, SVG_DARK)]
    if None in pngs:
        return None
    kept = {name: files[name] for name in (SVG, SVG_DARK)}
    if PNG in files and {hashlib.sha256(files[PNG]).hexdigest()} == set(pngs):
        kept[PNG] = files[PNG]
    return kept


def source_digest(rows: Sequence[Row], labels: ChartLabels, panels: Sequence[Panel] = ()) -> str | None:
    """A digest of all that the picture of `rows` depends on; None where there is nothing to draw.

    That is the whole specification (the design, and every point, mark and label in it), the colours of a dark page, and
    who draws: our own code and vl-convert.
    """
    specification = chart_specification(rows, labels, panels)
    if specification is None:
        return None
    painter = [_PAINTER.read_text(encoding="utf-8"), version("vl-convert-python")]
    text = json.dumps([specification, DARK_OF, painter], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _sealed(text: str) -> bytes:
    return f"{text}{hashlib.sha256(text.encode()).hexdigest()}{_END}".encode()


def _png_beside(svg: bytes, source: str) -> str | None:
    """The digest of the PNG that belongs to an SVG that is whole and was drawn from `source`, else None."""
    text = svg.decode("utf-8", "replace")[: -_DIGEST_LENGTH - len(_END)]
    png = text[text.rfind("<!--") :].partition(" beside the PNG ")[2].partition(",")[0]
    is_ours = text.endswith(_STAMP.format(source=source, png=png)) and _sealed(text) == svg
    return png if is_ours else None
