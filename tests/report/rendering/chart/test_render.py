"""The chart as it is looked at: one rendering, three pictures."""

import math
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zlib
from typing import Any

import pytest
from devops_mlops_report.history.charting.palette import DARK_OF
from devops_mlops_report.report.rendering.chart import (
    ChartError,
    ChartLabels,
    chart_specification,
    render_chart,
)

LABELS = ChartLabels("val_accuracy", "maximize")
VALUES = [0.71, 0.74, None, 0.76, 0.77, 0.78, 0.62, 0.79, 0.8, math.nan, 0.845, 0.79]
VERDICTS = {7: "suspected", 11: "improved", 12: "regressed"}
STANDINGS = {12: "worse"}


def history(values: list[float | None] = VALUES) -> list[dict[str, Any]]:
    """A history with every mark and every line, its last row this commit."""
    return [
        {
            "position": position,
            "commit_sha": f"{position:040x}",
            "short_sha": f"c0de{position:03x}",
            "value": value,
            "level_mean": 0.75,
            "threshold": 0.05,
            "standing": STANDINGS.get(position, "good"),
            "worse_since_commit_sha": f"{12:040x}" if position == 12 else None,
            "verdict": VERDICTS.get(position, "steady"),
            "began": VERDICTS[position] if VERDICTS.get(position, "suspected") != "suspected" else None,
            "is_best": position == 11,
            "is_current": position == len(values),
            "branch": "main" if position > 2 else "base",
        }
        for position, value in enumerate(values, 1)
    ]


def svg_of(metric: str, dark: bool = False) -> str:
    chart = render_chart(history([0.1, 0.2, 0.3]), ChartLabels(metric, "minimize"))
    assert chart is not None
    return chart.svg_dark if dark else chart.svg


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in parsed(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_title_goal_legend_values_and_hashes_can_be_read() -> None:
    chart = render_chart(history(), LABELS)
    assert chart is not None
    shown = texts(chart.svg)
    legend = ["value", "usual level", "this commit", "other branch"]
    legend += ["became worse", "became better", "suspected", "not finite"]
    assert {"val_accuracy", "higher is better", "best 0.845", "0.79", *legend} <= set(shown)
    assert {"0.65", "0.70", "0.75", "0.80"} <= set(shown), "the value axis has no numbers"
    assert [text for text in shown if text.startswith("c0de")] == [f"c0de{n:03x}" for n in range(2, 13, 2)]


def test_each_verdict_is_drawn_once_and_named_once() -> None:
    chart = render_chart(history(), LABELS)
    assert chart is not None
    assert [chart.svg.count(f' stroke="{colour}"') for colour in ("#cf222e", "#1a7f37", "#9a6700")] == [
        2,
        2,
        2,
    ]


def test_points_without_any_mark_need_no_legend_of_marks() -> None:
    plain = [
        row | {"verdict": "steady", "began": None, "is_best": False, "is_current": False, "branch": "main"}
        for row in history([0.1] * 9)
    ]
    chart = render_chart(plain, ChartLabels("val_accuracy"))
    assert chart is not None
    assert "Infinity" not in chart.svg
    assert "1.797" not in chart.svg


def test_a_chart_that_cannot_be_drawn_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise RuntimeError("SVG has an invalid size\n\nStack backtrace:")

    monkeypatch.setattr("vl_convert.vega_to_svg", fail)
    with pytest.raises(ChartError, match=r"^the chart could not be drawn: SVG has an invalid size$"):
        render_chart(history(), LABELS)


def test_a_gap_breaks_the_line() -> None:
    chart = render_chart(history(), LABELS)
    assert chart is not None
    line = re.search(r'<path d="([^"]*)" stroke="#0969da" stroke-width="2"', chart.svg)
    assert line is not None
    assert line[1].count("M") == 3


def test_the_svg_is_transparent_without_scripts_and_without_references() -> None:
    chart = render_chart(history(), LABELS)
    assert chart is not None
    for svg in (chart.svg, chart.svg_dark):
        tags = {element.tag.partition("}")[2] for element in parsed(svg).iter()}
        assert tags <= {"svg", "g", "path", "line", "text", "rect"}
        assert "href=" not in svg
        assert "url(" not in svg
        assert 'fill="white"' not in svg


def test_the_dark_chart_differs_from_the_light_one_in_colours_alone() -> None:
    chart = render_chart(history(), LABELS)
    assert chart is not None
    assert set(re.findall(r"#[0-9a-f]{6}", chart.svg)) <= set(DARK_OF)
    assert set(re.findall(r"#[0-9a-f]{6}", chart.svg_dark)) <= set(DARK_OF.values())
    assert re.sub(r"#[0-9a-f]{6}", "", chart.svg) == re.sub(r"#[0-9a-f]{6}", "", chart.svg_dark)


def test_a_colour_in_the_metrics_name_stays_in_the_dark_chart() -> None:
    name = 'x fill="#cf222e" #1f2328'
    assert name in texts(svg_of(name, dark=True))


def test_the_png_is_opaque_and_of_twice_the_size() -> None:
    chart = render_chart(history(), LABELS)
    assert chart is not None
    root = parsed(chart.svg)
    width, height = struct.unpack_from(">II", chart.png, 16)
    assert (width, height) == (2 * int(root.attrib["width"]), 2 * int(root.attrib["height"]))
    start = chart.png.index(b"IDAT")
    (length,) = struct.unpack_from(">I", chart.png, start - 4)
    first_pixel = zlib.decompress(chart.png[start + 4 : start + 4 + length])[1:5]
    assert first_pixel == b"\xff\xff\xff\xff"


def test_the_same_rows_give_the_same_bytes() -> None:
    assert render_chart(history(), LABELS) == render_chart(history(), LABELS)


@pytest.mark.parametrize("values", [[], [None], [math.nan]])
def test_without_a_finite_value_there_is_no_chart(values: list[float | None]) -> None:
    assert render_chart(history(values), LABELS) is None


@pytest.mark.parametrize(
    "values",
    [
        [0.5],
        [0.5, 0.5],
        [1e-7, 1.4e-7, 1.2e-7],
        [3.2e12, 3.6e12],
        [-5.0, -4.0],
        [1e300, -1e300],
        [5e-324, 0.0],
        [1.0, 1.0000000000000002],
        [None, 0.5, None, math.inf, 0.4],
        [0.001 * (n % 17) for n in range(500)],
    ],
    ids=["one", "equal", "tiny", "huge", "negative", "extreme", "subnormal", "one bit apart", "gaps", "500"],
)
@pytest.mark.parametrize("goal", ["maximize", "minimize", None])
def test_no_coordinate_is_ever_not_a_number(values: list[float | None], goal: Any) -> None:
    chart = render_chart(history(values), ChartLabels("m", goal))
    assert chart is not None
    assert "NaN" not in chart.svg
    assert "Infinity" not in chart.svg
    width = int(parsed(chart.svg).attrib["width"])
    assert 520 <= width <= 800


@pytest.mark.parametrize(
    ("metric", "title"),
    [
        ("", "?"),
        ("\x00\ud800", "?"),
        ("two\nlines", "two lines"),
        ("\"quoted\" 'twice'", "\"quoted\" 'twice'"),
        ("</svg><script>alert(1)</script>", "</svg><script>alert(1)</script>"),
        ("]]>&#x0;&lt;", "]]>&#x0;&lt;"),
        ('{"expr": "alert(1)"}', '{"expr": "alert(1)"}'),
        ("datum.value + y_format", "datum.value + y_format"),
        ("back\\nslash", "back\\nslash"),
        ("日本語 😀", "日本語 😀"),
    ],
)
def test_a_metrics_name_is_text_whatever_it_holds(metric: str, title: str) -> None:
    assert title in texts(svg_of(metric))


def test_a_long_name_is_cut_and_does_not_widen_the_chart() -> None:
    svg = svg_of("W" * 5000)
    assert any(re.fullmatch("W{30,60}…", text) for text in texts(svg))
    assert int(parsed(svg).attrib["width"]) <= 700


def test_text_from_outside_is_in_no_expression() -> None:
    rows = history([0.1, 0.2])
    for row in rows:
        row["short_sha"] = "evil"
    specification = chart_specification(rows, ChartLabels("evil", "maximize"))
    assert specification is not None
    assert "evil" in specification["title"]["text"]
    assert "evil" not in str(specification["layer"]) + str(specification["params"]) + str(
        specification["config"]
    )


def test_nothing_is_printed_and_neither_altair_nor_pandas_is_imported() -> None:
    code = (
        "import sys\n"
        "from devops_mlops_report.report.rendering.chart import ChartLabels, render_chart\n"
        "assert 'vl_convert' not in sys.modules\n"
        "row = {'position': 1, 'short_sha': 'a', 'value': 0.5, 'is_current': True}\n"
        "assert render_chart([row], ChartLabels('m')) is not None\n"
        "assert not {'altair', 'pandas', 'numpy'} & set(sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
