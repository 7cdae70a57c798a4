"""Texts are made safe and short, numbers readable."""

import math

import pytest
from devops_mlops_report.history.charting.axes import NumberFormat, tick_power
from devops_mlops_report.history.charting.data import ChartLabels, describe_miss, one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("val_accuracy", "val_accuracy"),
        ("two\nlines\tand\r\nmore", "two lines and more"),
        ("\x00nul\x1b[31m", "nul[31m"),
        ("\u202eright to left", "right to left"),
        ("\ud800lone \ufffe", "lone "),
        ("<b>&\"'", "<b>&\"'"),
        ("日本語", "日本語"),
        ("x" * 20, "x" * 20),
        ("x" * 21, "x" * 19 + "…"),
    ],
)
def test_a_text_becomes_one_visible_line_of_limited_length(text: str, line: str) -> None:
    assert one_line(text, 20) == line


@pytest.mark.parametrize(
    ("goal", "text"), [("maximize", "higher is better"), ("minimize", "lower is better"), (None, "")]
)
def test_a_goal_says_which_way_is_better(goal: str | None, text: str) -> None:
    assert ChartLabels("m", goal).goal_text == text


@pytest.mark.parametrize(
    ("low", "high", "power"), [(0.0, 1.0, -1), (0.7, 0.9, -2), (0.0, 5e6, 6), (1e-7, 1.4e-7, -8), (-40, 0, 1)]
)
def test_ticks_are_as_far_apart_as_d3_sets_them(low: float, high: float, power: int) -> None:
    assert tick_power(low, high) == power


@pytest.mark.parametrize(
    ("low", "high", "value", "label"),
    [
        (0.7, 0.9, 0.84231, "0.8423"),
        (0.7, 0.9, 0.5, "0.5"),
        (0.0, 4e6, 1234567.0, "1,234,567"),
        (1e-7, 1.4e-7, 1.1e-7, "1.1e-7"),
        (3.2e12, 3.6e12, 3.5e12, "3.5e+12"),
        (-6.0, -2.0, -3.8, "−3.8"),
        (-2e-7, -1e-7, -1.25e-7, "−1.25e-7"),
        (0.0, 5.0, 1e-7, "1e-7"),
        (0.0, 5.0, 0.0, "0"),
        (-1.0, 1.0, -0.0, "0"),
        (1.0, 1.0 + 1e-8, 1.00000001, "1.00000001"),
    ],
)
def test_a_value_is_written_so_that_it_can_be_told_from_its_neighbours(
    low: float, high: float, value: float, label: str
) -> None:
    assert NumberFormat.between(low, high).label(value) == label


@pytest.mark.parametrize(
    ("low", "high", "d3"), [(0.7, 0.9, ",.2f"), (0.0, 5e6, ",.0f"), (1e-7, 1.4e-7, ".1e"), (0.0, 1e30, ".1e")]
)
def test_the_axis_has_the_digits_that_tell_its_ticks_apart(low: float, high: float, d3: str) -> None:
    assert NumberFormat.between(low, high).d3 == d3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "no value"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (1e305, "too large"),
        (10**400, "too large"),
    ],
)
def test_a_value_that_cannot_be_drawn_is_named(value: float | None, text: str) -> None:
    assert describe_miss(value) == text
