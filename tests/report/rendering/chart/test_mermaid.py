"""The Mermaid block holds nothing that Mermaid's parser refuses.

Each rule was seen on Mermaid 11.17: the parser was given the block, and blocks that break the rule.
"""

import math
import re
from typing import Any

import pytest
from devops_mlops_report.history.charting.data import ChartLabels
from devops_mlops_report.report.rendering.chart.mermaid import MOST_HASHES, MOST_POINTS, mermaid_chart

BLOCK = re.compile(
    r"```mermaid\n---\nconfig:\n(?P<config>(?: {4,}[^\n]*\n)+)---\nxychart-beta\n"
    r'    title "(?P<title>[^"\n]+)"\n'
    r"    x-axis (?P<x>[^\n]+)\n"
    r'    y-axis "(?P<unit>[^"\n]+)" (?P<low>\S+) --> (?P<high>\S+)\n'
    r"    line \[(?P<line>[^\]\n]+)\]\n"
    r"(?:    line \[(?P<level>[^\]\n]+)\]\n)?```\n"
)
NUMBER = re.compile(r"-?\d+(\.\d+)?")
"""What the parser reads as a number; it knows no exponents, and no `5.`."""


def rows(values: list[float | None], **columns: Any) -> list[dict[str, Any]]:
    return [
        {"position": position, "short_sha": f"c0de{position:03x}", "value": value, **columns}
        for position, value in enumerate(values, 1)
    ]


def block(values: list[float | None], metric: str = "m", **columns: Any) -> re.Match[str]:
    text = mermaid_chart(rows(values, **columns), ChartLabels(metric, "maximize"))
    assert text is not None
    match = BLOCK.fullmatch(text)
    assert match is not None, text
    return match


def test_the_block_names_metric_goal_hashes_and_values() -> None:
    chart = block([0.71, 0.74, 0.735], "val_accuracy")
    assert chart["title"] == "val_accuracy (higher is better)"
    assert chart["x"] == '["c0de001", "c0de002", "c0de003"]'
    assert chart["line"] == "0.71, 0.74, 0.735"


def test_the_usual_level_is_a_second_line_as_long_as_the_first() -> None:
    history = rows([0.71, 0.74, 0.735, 0.74], threshold=0.1, level_mean=0.73)
    history[0]["threshold"] = None
    history[2]["level_mean"] = None
    history[3]["level_mean"] = 0.72
    text = mermaid_chart(history, ChartLabels("m"))
    match = BLOCK.fullmatch(text or "")
    assert match is not None
    assert (match["line"], match["level"]) == ("0.71, 0.74, 0.735, 0.74", "0.73, 0.73, 0.73, 0.72")
    assert block([0.1, 0.2])["level"] is None


@pytest.mark.parametrize("values", [[], [0.5], [0.5, None], [math.nan, 0.5, math.inf]])
def test_fewer_than_two_finite_values_are_no_chart(values: list[float | None]) -> None:
    assert mermaid_chart(rows(values), ChartLabels("m")) is None


def test_points_that_are_not_finite_are_dropped_with_their_hashes() -> None:
    chart = block([0.1, None, 0.2, math.nan, math.inf, -math.inf, 0.3])
    assert chart["x"] == '["c0de001", "c0de003", "c0de007"]'
    assert chart["line"] == "0.1, 0.2, 0.3"


@pytest.mark.parametrize(
    "values",
    [
        [1e-7, 1.5e-7],
        [3.2e12, 3.5e12],
        [-1e-7, -2e-7],
        [1e300, -1e300],
        [5e-324, 1e-310],
        [1e-7, 5.0],
        [0.0, -0.0],
        [0.5, 0.5],
        [1.0, 1.0000000000000002],
        [1.0, 1.00000001],
        [9999999.0, 1.0],
        [1.0, 2.0, 3.0],
    ],
)
def test_numbers_are_plain_decimals_inside_a_range_that_is_not_empty(values: list[float | None]) -> None:
    chart = block(values)
    numbers = chart["line"].split(", ")
    assert all(NUMBER.fullmatch(number) for number in (*numbers, chart["low"], chart["high"]))
    assert len(numbers) == len(values)
    assert "-0" not in numbers
    assert all(float(chart["low"]) < float(number) < float(chart["high"]) for number in numbers)


@pytest.mark.parametrize(
    ("values", "unit", "line"),
    [
        ([1e-7, 1.5e-7], "value × 10^-7", "1, 1.5"),
        ([3.2e12, 3.5e12], "value × 10^12", "3.2, 3.5"),
        ([0.2, 0.5], "value", "0.2, 0.5"),
        ([1200.0, 150000.0], "value", "1200, 150000"),
    ],
)
def test_tiny_and_huge_numbers_are_scaled_and_the_axis_says_by_what(
    values: list[float | None], unit: str, line: str
) -> None:
    chart = block(values)
    assert (chart["unit"], chart["line"]) == (unit, line)


@pytest.mark.parametrize(
    ("metric", "title"),
    [
        ("val/acc_top-5 @1", "val/acc_top-5 @1"),
        ('a"b', "a b"),
        ('a\\"b', "a b"),
        ("two\nlines", "two lines"),
        ("%%{init: {}}%%", "init:"),
        ("a;b#quot;", "a b quot"),
        ("```", "?"),
        ("<script>alert(1)</script>", "script alert(1) /script"),
        ("[1e-7]{a}|$$x$$`", "1e-7 a x"),
        ("", "?"),
        ("😀", "?"),
        ("日本語", "日本語"),
        ("\u202eabc\x00", "abc"),
        ("x" * 41, "x" * 39 + "…"),
    ],
)
def test_only_harmless_characters_of_a_name_are_kept_and_a_title_is_never_empty(
    metric: str, title: str
) -> None:
    assert block([0.1, 0.2], metric)["title"] == f"{title} (higher is better)"


def test_without_a_goal_the_title_is_the_metric() -> None:
    text = mermaid_chart(rows([0.1, 0.2]), ChartLabels("m"))
    assert text is not None
    assert '    title "m"\n' in text


def test_equal_hashes_stay_two_categories() -> None:
    assert block([0.1, 0.2, 0.3], short_sha="abc1234")["x"] == '["abc1234", "abc1234 (2)", "abc1234 (3)"]'


def test_a_hash_is_never_an_empty_category() -> None:
    assert block([0.1, 0.2], short_sha='"')["x"] == '["?", "? (2)"]'


def test_more_points_than_labels_fit_get_a_numbered_axis() -> None:
    assert block([0.5] * MOST_HASHES)["x"].startswith("[")
    assert block([0.5] * (MOST_HASHES + 1))["x"] == '"c0de001 to c0de00d" 1 --> 13'


def test_a_long_history_stays_below_what_mermaid_draws() -> None:
    chart = block([0.123456789 + n * 1e-9 for n in range(MOST_POINTS + 50)])
    assert chart["line"].count(",") == MOST_POINTS - 1
    assert chart["x"].startswith('"c0de033 to ')
    assert len(chart[0]) < 50_000


def test_the_lines_have_colours_that_are_seen_on_a_light_page() -> None:
    assert 'plotColorPalette: "#218bff, #818b98"' in block([0.1, 0.2])["config"]
