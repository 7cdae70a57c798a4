"""The Mermaid block as a browser draws it, by Mermaid itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from browser import THEMES, chromium, shown
from devops_mlops_report.history.charting.data import ChartLabels
from devops_mlops_report.report.rendering.chart import mermaid_chart
from optional_parts import node_package

pytest.importorskip("playwright", reason="playwright is not installed")

SUMMARIES = Path(__file__).parents[2] / "summaries"
PAGE = "<!doctype html><html><body><div id='chart' style='width: 900px'></div></body></html>"
DRAW = """async ([code, theme]) => {
    mermaid.initialize({startOnLoad: false, securityLevel: 'strict', theme});
    document.getElementById('chart').innerHTML = (await mermaid.render('drawn', code)).svg;
    return [...document.querySelectorAll('#chart [class^=line-plot-] path')].map(line => {
        const box = line.getBoundingClientRect();
        const look = getComputedStyle(line);
        const points = line.getAttribute('d').match(/[ML]/g).length;
        return {width: box.width, height: box.height, colour: look.stroke, thickness: look.strokeWidth, points};
    });
}"""


def blocks() -> list[str]:
    """What the golden summaries hold, hostile names among it; tiny, huge and many numbers."""
    fenced = [
        found
        for summary in sorted(SUMMARIES.glob("*.md"))
        for found in re.findall(r"```mermaid\n(.*?)```", summary.read_text(encoding="utf-8"), re.DOTALL)
    ]
    histories: list[list[float]] = [[1e-9, 2e-9], [1e12, -3e12, 5.0], [0.5] * 500, [0.1, 0.2, 0.3]]
    for values in histories:
        rows: list[dict[str, Any]] = [
            {"position": at, "short_sha": f"{at:07x}", "value": value, "level_mean": 0.15, "threshold": 0.1}
            for at, value in enumerate(values, 1)
        ]
        text = mermaid_chart(rows, ChartLabels('"; end\n%%{init: {}}%% [x] --> é', "maximize"))
        assert text is not None
        fenced.append(text.removeprefix("```mermaid\n").removesuffix("```\n"))
    return fenced


def test_mermaid_draws_the_values_and_the_usual_level_in_colours_that_are_told_apart() -> None:
    script = node_package("mermaid") / "dist" / "mermaid.min.js"
    with chromium() as browser:
        for theme in THEMES:
            with shown(browser, PAGE, theme, 1280) as page:
                page.add_script_tag(path=script)
                for code in blocks():
                    lines = page.evaluate(DRAW, [code, "dark" if theme == "dark" else "default"])
                    assert [line["points"] for line in lines] == [
                        len(line.split(","))
                        for line in re.findall(r"^    line \[(.*)\]$", code, re.MULTILINE)
                    ]
                    assert all(
                        line["width"] > 100 and float(line["thickness"].rstrip("px")) > 0 for line in lines
                    )
                    assert len({line["colour"] for line in lines}) == len(lines)
                    assert "rgb(33, 139, 255)" in {line["colour"] for line in lines}
