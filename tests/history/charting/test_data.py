"""What is drawn where, before anything is rendered."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from devops_mlops_report.history.charting.axes import MOST_TICKS
from devops_mlops_report.history.charting.data import ChartData, chart_data


def rows(values: list[float | None], **columns: Any) -> list[dict[str, Any]]:
    """One row a value, the last of them this commit; `columns` are set on every row."""
    return [
        {
            "position": position,
            "commit_sha": f"{position:07x}" + "0" * 33,
            "short_sha": f"{position:07x}",
            "value": value,
            "level_mean": None,
            "threshold": None,
            "standing": "good",
            "verdict": "steady",
            "is_best": False,
            "is_current": position == len(values),
            "branch": "main",
            **columns,
        }
        for position, value in enumerate(values, 1)
    ]


def drawn(history: list[dict[str, Any]], goal: str | None = "maximize") -> ChartData:
    data = chart_data(history, goal)
    assert data is not None
    return data


def marks(data: ChartData) -> list[tuple[int, str]]:
    return [(mark["position"], mark["mark"]) for mark in data.datasets["marks"]]


def value_line(data: ChartData) -> list[float | None]:
    return [point["value"] for point in data.datasets["values"]]


@pytest.mark.parametrize("values", [[], [None], [math.nan, math.inf], [1e308]])
def test_without_a_finite_value_there_is_nothing_to_draw(values: list[float | None]) -> None:
    assert chart_data(rows(values), "maximize") is None


def test_a_value_that_is_not_finite_leaves_a_gap_and_a_mark_at_the_bottom() -> None:
    data = drawn(rows([0.5, None, math.nan, math.inf, -math.inf, 0.6]))
    assert value_line(data) == [0.5, None, None, None, None, 0.6]
    low, high = data.params["y_domain"]
    misses = [mark for mark in data.datasets["marks"] if mark["mark"] == "not finite"]
    assert [mark["position"] for mark in misses] == [2, 3, 4, 5]
    assert all(low < mark["value"] < min(0.5, low + 0.1 * (high - low)) for mark in misses)


def test_the_level_and_its_band_are_drawn_where_they_are_known_in_runs_without_gaps_between() -> None:
    history = rows([0.1, 0.9] * 3, level_mean=0.5, threshold=0.1)
    history[2]["threshold"] = None
    history[3] |= {"level_mean": math.nan}
    levels = drawn(history).datasets["levels"]
    assert [(level["position"], level["run"]) for level in levels] == [(1, 0), (2, 0), (5, 2), (6, 2)]
    assert [(level["low"], level["value"], level["high"]) for level in levels] == [(0.4, 0.5, 0.6)] * 4


def test_a_band_that_is_far_wider_than_the_values_does_not_flatten_them() -> None:
    low, high = drawn(rows([0.5, 0.6], level_mean=0.55, threshold=40.0)).params["y_domain"]
    assert high - low < 0.2


def test_a_worse_stretch_is_shaded_from_where_it_began_to_its_last_commit() -> None:
    history = rows([0.9, 0.9, 0.5, 0.5, 0.5, 0.9])
    for row in history[3:5]:  # known one commit later than it began
        row |= {"standing": "worse", "worse_since_commit_sha": history[2]["commit_sha"]}
    assert drawn(history).datasets["stretches"] == [{"from": 2.5, "to": 5.5}]


def test_a_worse_stretch_that_began_before_the_chart_is_shaded_from_its_first_commit() -> None:
    history = rows([0.5, 0.9], standing="worse", worse_since_commit_sha="f" * 40)
    history[1]["standing"] = "good"
    assert drawn(history).datasets["stretches"] == [{"from": 0.5, "to": 1.5}]


def test_a_change_is_marked_where_it_began_and_not_where_it_was_confirmed() -> None:
    history = rows([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
    told = {
        1: ("suspected", False, "regressed"),
        2: ("regressed", True, None),
        3: ("steady", False, "recovered"),
        4: ("recovered", True, None),
        5: ("improved", False, "improved"),
        6: ("suspected", True, None),
    }
    for at, (verdict, is_confirmation, began) in told.items():
        history[at] |= {"verdict": verdict, "is_confirmation": is_confirmation, "began": began}
    assert marks(drawn(history)) == [
        (7, "this commit"),
        (2, "became worse"),
        (4, "became better"),
        (6, "became better"),
    ]


def test_a_suspicion_is_marked_until_it_is_withdrawn() -> None:
    history = rows([0.1, 0.2, 0.3, 0.4])
    history[1]["verdict"] = history[3]["verdict"] = "suspected"
    history[2]["withdrawn_commit_sha"] = history[1]["commit_sha"]
    data = drawn(history)
    assert marks(data) == [(4, "this commit"), (4, "suspected")]
    assert [dot["position"] for dot in data.datasets["dots"]] == [1, 2, 3]


def test_a_drop_that_stays_is_marked_once() -> None:
    history = rows([0.9, 0.5, 0.5], verdict="regressed")
    history[0]["verdict"], history[1]["began"] = "steady", "regressed"
    assert marks(drawn(history)) == [(3, "this commit"), (2, "became worse")]


def test_points_of_another_branch_are_told_apart() -> None:
    history = rows([0.1, 0.2, 0.3])
    history[2]["branch"] = "try"
    assert marks(drawn(history)) == [(3, "this commit"), (1, "other branch"), (2, "other branch")]


def test_the_legend_names_only_what_is_drawn() -> None:
    data = drawn(rows([0.1, 0.2]))
    assert data.params["lines_shown"] == ["value"]
    assert data.params["marks_shown"] == ["this commit"]
    assert drawn(rows([0.1], level_mean=0.1, threshold=0.1)).params["lines_shown"] == ["value", "usual level"]


@pytest.mark.parametrize(("goal", "side"), [("maximize", -1), ("minimize", 1)])
def test_the_star_stands_on_the_better_side_of_the_best_point(goal: str, side: int) -> None:
    history = rows([0.1, 0.9, 0.3, 0.4])
    history[1]["is_best"] = True
    data = drawn(history, goal)
    star = next(mark for mark in data.datasets["marks"] if mark["mark"] == "best")
    assert star["position"] == 2
    assert math.copysign(1, star["offset"]) == side
    assert data.datasets["labels"][0]["text"] == "best 0.9"


def test_of_equally_good_points_one_is_marked_this_commit_first() -> None:
    assert (3, "best") in marks(drawn([*rows([0.1, 0.9, 0.9], is_best=True)]))
    history = rows([0.9, 0.9, 0.1])
    history[0]["is_best"] = history[1]["is_best"] = True
    assert [mark for mark in marks(drawn(history)) if mark[1] == "best"] == [(2, "best")]


def test_where_all_values_are_equal_none_is_best() -> None:
    data = drawn(rows([0.5, 0.5], is_best=True))
    assert "best" not in {mark for _, mark in marks(data)}


def test_this_commit_carries_its_value_or_what_stands_in_its_place() -> None:
    assert drawn(rows([0.5, 0.75])).datasets["labels"][-1]["text"] == "0.75"
    assert drawn(rows([0.5, math.nan])).datasets["labels"][-1]["text"] == "NaN"
    assert drawn(rows([0.5, None])).datasets["labels"][-1]["text"] == "no value"


@pytest.mark.parametrize(
    "values",
    [
        [0.5],
        [0.5, 0.5],
        [0.0, 0.0],
        [-0.0, 0.0],
        [1.0, 1.0000000000000002],
        [5e-324, 1e-310],
        [1e-7, 1.1e-7],
        [-5.0, -4.0],
        [1e300, -1e300],
        [1e290, 1e290],
    ],
)
def test_the_axis_is_finite_and_has_room_around_every_value(values: list[float | None]) -> None:
    low, high = drawn(rows(values)).params["y_domain"]
    assert math.isfinite(high - low)
    assert all(low < value < high for value in values if value is not None)


def test_the_axis_does_not_start_at_zero() -> None:
    assert drawn(rows([0.8, 0.81])).params["y_domain"][0] > 0.75


@pytest.mark.parametrize("count", [1, 2, 8, 9, 31, 120, 500, 5000])
def test_hashes_are_thinned_so_that_they_fit_and_this_commit_keeps_its_own(count: int) -> None:
    hashes = drawn(rows([0.5] * count)).datasets["ticks"]
    assert min(count, MOST_TICKS // 2) <= len(hashes) <= MOST_TICKS
    assert hashes[-1] == {"position": count, "label": f"{count:07x}", "weight": "bold"}


def test_equal_hashes_stay_two_points() -> None:
    data = drawn(rows([0.5, 0.6], short_sha="abcdef0"))
    assert [tick["position"] for tick in data.datasets["ticks"]] == [1, 2]
    assert value_line(data) == [0.5, 0.6]


def test_a_long_history_has_dots_only_where_the_line_shows_nothing() -> None:
    values: list[float | None] = [0.5] * 200
    values[9] = values[11] = None
    assert [dot["position"] for dot in drawn(rows(values)).datasets["dots"]] == [11, 200]


def test_along_time_each_point_stands_when_it_was_recorded_and_a_worse_stretch_reaches_half_the_way() -> None:
    history = rows([0.9, 0.5, 0.5, 0.9])
    times = [datetime(2026, 3, day, tzinfo=UTC).timestamp() for day in (1, 2, 11, 12)]
    for row, time in zip(history, times, strict=True):
        row["recorded_at"] = datetime.fromtimestamp(time, UTC).replace(tzinfo=None)
    for row in history[1:3]:
        row |= {"standing": "worse", "worse_since_commit_sha": history[1]["commit_sha"]}
    data = chart_data(history, "maximize", "time")
    assert data is not None
    assert [point["position"] for point in data.datasets["values"]] == times
    [stretch] = data.datasets["stretches"]
    assert stretch == {"from": sum(times[:2]) / 2, "to": sum(times[2:]) / 2}
    low, high = data.params["x_domain"]
    assert low < times[0] < times[-1] < high
    assert [tick["label"] for tick in data.datasets["ticks"]][:2] == ["03-01", "03-03"]


def test_where_a_time_is_not_known_commits_have_one_place_each() -> None:
    history = rows([0.9, 0.5], recorded_at=datetime(2026, 3, 1))
    history[1]["recorded_at"] = None
    assert chart_data(history, None, "time") == chart_data(history, None)
