"""Labels along commits and time: few, round, and where they belong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from devops_mlops_report.history.charting.axes import MOST_TICKS, in_short, time_ticks
from hypothesis import example, given, settings
from hypothesis import strategies as st

FIRST, LAST = (
    datetime(year, month, day, tzinfo=UTC).timestamp() for year, month, day in ((1, 1, 1), (9999, 12, 31))
)
# In whole seconds: a moment is no finer than a microsecond, as floats are.
MOMENTS = st.integers(int(FIRST), int(LAST)).map(float)


@settings(derandomize=True, deadline=None)
@given(MOMENTS, MOMENTS)
@example(FIRST, LAST)
@example(FIRST, FIRST)
def test_a_span_of_any_length_has_some_labels_and_no_more_than_fit(one: float, other: float) -> None:
    first, last = sorted((one, other))
    ticks = time_ticks(first, last)
    places = [tick["position"] for tick in ticks]
    assert 1 <= len(ticks) <= MOST_TICKS <= 10
    assert places == sorted(set(places))
    assert first <= places[0] <= places[-1] <= last


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("2026-03-01 09:00", "2026-03-01 09:00", ["2026-03-01 09:00"]),
        ("2026-03-01 09:07", "2026-03-01 11:10", ["09:15", "09:30", "09:45", "10:00"]),
        ("2026-02-27 09:00", "2026-03-02 00:00", ["12:00", "02-28", "12:00", "03-01"]),
        (
            "2026-03-02 09:00",
            "2026-04-20 00:00",
            [f"0{m}-{d:02}" for m, d in ((3, 9), (3, 16), (3, 23), (3, 30))],
        ),
        (
            "2025-11-01 00:00",
            "2026-05-31 00:00",
            [f"2025-{m}" for m in (11, 12)] + [f"2026-0{m}" for m in range(1, 6)],
        ),
        ("2019-05-01 00:00", "2026-05-31 00:00", [str(year) for year in range(2020, 2027)]),
    ],
)
def test_times_are_round(first: str, last: str, labels: list[str]) -> None:
    ends = (datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() for text in (first, last))
    told = [tick["label"] for tick in time_ticks(*ends)]
    assert told[: len(labels)] == labels


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.149678, "0.1497"),
        (-95.28123, "−95.28"),
        (0.0, "0"),
        (-0.0, "0"),
        (1234567, "1,234,567"),
        (123456789, "1.235e8"),
        (-4.0789e-8, "−4.079e-8"),
        (1e300, "1e300"),
    ],
)
def test_a_value_in_words_has_four_digits(value: float, text: str) -> None:
    assert in_short(value) == text
