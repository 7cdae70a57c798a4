"""Numbers, durations and times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from devops_mlops_report.report.rendering.quantities import (
    duration,
    how_far_back,
    local_time,
    number,
    odds,
    percent_change,
    plural,
    rough_percent,
    signed,
    sparkline,
    with_spread,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0.912345, "0.9123"),
        (12, "12"),
        (12.0, "12"),
        (-3.0, "−3"),
        (1234567.0, "1.235e+06"),
        (1e-7, "1e−07"),
        (float("nan"), "NaN"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (1e300, "1e+300"),
    ],
)
def test_a_number_has_four_digits_that_matter(value: object, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "–"), (0.01, "+0.01"), (-0.01, "−0.01"), (0.0, "±0"), (float("nan"), "–")]
)
def test_a_change_has_a_sign(value: object, shown: str) -> None:
    assert signed(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (1.44, "+1.4 %"),
        (-0.04, "±0 %"),
        (-12.0, "−12.0 %"),
        (1e9, "+>9,999 %"),
        (float("inf"), "–"),
    ],
)
def test_a_percentage_has_one_decimal(value: object, shown: str) -> None:
    assert percent_change(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, "–"), (0.4, "0.4 s"), (9, "9 s"), (59.6, "1 min 0 s"), (192, "3 min 12 s"), (7500, "2 h 5 min")],
)
def test_a_duration_is_in_the_units_that_fit(seconds: object, shown: str) -> None:
    assert duration(seconds) == shown


def test_a_time_is_shown_in_the_readers_zone() -> None:
    moment = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert local_time(moment, "America/Toronto") == "2026-07-01 08:00 EDT"
    assert local_time(moment.replace(tzinfo=None), "UTC") == "2026-07-01 12:00 UTC"
    assert local_time(None, "UTC") == "–"


def test_one_is_singular() -> None:
    assert (plural(1, "job"), plural(2, "job"), plural(0, "success", "successes")) == (
        "1 job",
        "2 jobs",
        "0 successes",
    )


@pytest.mark.parametrize(
    ("confidence", "shown"),
    [
        (None, ""),
        (0.99943, "less than 1 in 1,700"),
        (0.9991, "less than 1 in 1,100"),
        (0.5, "less than 1 in 2"),
        (1.0, "less than 1 in a million"),
    ],
)
def test_sureness_is_told_as_the_odds_of_chance_rounded_down(confidence: float | None, shown: str) -> None:
    assert odds(confidence) == shown


@pytest.mark.parametrize(
    ("found_by", "distance", "shown"),
    [
        ("ancestry", 1, "1 commit back"),
        ("branch", 3, "3 measurements back"),
        ("time", None, "by time"),
        ("ancestry", 0, ""),
    ],
)
def test_the_way_to_a_baseline_is_told_in_what_it_was_counted_in(
    found_by: str, distance: int | None, shown: str
) -> None:
    assert how_far_back({"baseline_found_by": found_by, "baseline_distance": distance}) == shown


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], ""),
        ([1, 1.0, 1], "▄▄▄"),
        ([0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"),
        ([0.9, None, float("nan"), float("inf"), 0.8], "█···▁"),
        ([-1e308, 1e308, 0], "▁█▅"),
        ([5e-324, 0.0], "▄▄"),
        ([None], "·"),
    ],
)
def test_a_sparkline_spans_its_own_values(values: list[float | None], expected: str) -> None:
    assert sparkline(values) == expected


@pytest.mark.parametrize(
    ("level", "spread", "expected"),
    [
        (0.90634, 0.03941, "0.906 ± 0.039"),
        (0.9, 0.0996, "0.900 ± 0.100"),
        (1234.6, 21.3, "1235 ± 21"),
        (-0.5, 0.25, "−0.50 ± 0.25"),
        (3.2e7, 1.234e5, "3.2e+07 ± 120000"),
        (1e-9, 2.34e-10, "1e−09 ± 2.3e−10"),
        (0.5, None, "0.5"),
        (0.5, 0.0, "0.5"),
        (0.5, float("inf"), "0.5"),
    ],
)
def test_a_level_is_as_fine_as_its_spread(level: float, spread: float | None, expected: str) -> None:
    assert with_spread(level, spread) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-4.31, "4.3 %"),
        (100, "100 %"),
        (172.7, "170 %"),
        (1720, "17 times"),
        (999.9, "10 times"),
        (0.04, "0.04 %"),
    ],
)
def test_a_large_change_in_percent_is_told_in_times(value: float, expected: str) -> None:
    assert rough_percent(value) == expected
