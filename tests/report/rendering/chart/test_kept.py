"""A chart that would show the same is kept, any other is not."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from devops_mlops_report.report.rendering.chart import (
    ChartLabels,
    Panel,
    chart_files,
    kept_files,
    render_chart,
    source_digest,
)

LABELS = ChartLabels("val_accuracy", "maximize")


def rows(**changed: Any) -> list[dict[str, Any]]:
    """Four steady points, the last one changed."""
    points = [
        {
            "position": position,
            "commit_sha": f"{position:040x}",
            "short_sha": f"c0de{position:03x}",
            "value": 0.9 + position / 100,
            "level_mean": 0.92,
            "threshold": 0.01,
            "verdict": "steady",
            "is_sharp": False,
            "is_best": False,
            "is_current": False,
        }
        for position in range(1, 5)
    ]
    return [*points[:-1], points[-1] | changed]


def digest(points: list[dict[str, Any]] | None = None, labels: ChartLabels = LABELS) -> str:
    source = source_digest(points or rows(), labels)
    assert source is not None
    return source


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    chart = render_chart(rows(), LABELS)
    assert chart is not None
    return chart_files(chart, digest())


def test_the_same_points_keep_every_file_as_it_is(files: dict[str, bytes]) -> None:
    assert kept_files(files, digest()) == files


@pytest.mark.parametrize(
    "changed",
    [
        {"value": 0.95},
        {"value": None},
        {"verdict": "suspected"},
        {"began": "regressed"},
        {"standing": "worse"},
        {"is_best": True},
        {"is_current": True},
        {"level_mean": 0.93},
        {"threshold": 0.02},
        {"short_sha": "c0de005"},
        {"position": 5},
    ],
    ids=str,
)
def test_whatever_a_point_shows_else_is_drawn_anew(files: dict[str, bytes], changed: dict[str, Any]) -> None:
    assert kept_files(files, digest(rows(**changed))) is None


@pytest.mark.parametrize("labels", [ChartLabels("loss", "maximize"), ChartLabels("val_accuracy", "minimize")])
def test_another_metric_or_goal_is_drawn_anew(files: dict[str, bytes], labels: ChartLabels) -> None:
    assert kept_files(files, digest(labels=labels)) is None


def test_a_point_of_a_small_chart_below_is_drawn_anew(files: dict[str, bytes]) -> None:
    sources = {source_digest(rows(), LABELS, [Panel(rows(value=value), LABELS)]) for value in (0.1, 0.2)}
    assert len({digest(), *sources}) == 3


def test_what_no_picture_shows_changes_nothing(files: dict[str, bytes]) -> None:
    assert kept_files(files, digest(rows(author="Ada", commit_sha="f" * 40))) == files


def test_another_design_or_painter_draws_anew(
    files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    kept = "devops_mlops_report.report.rendering.chart.kept"
    with monkeypatch.context() as patch:
        patch.setattr(f"{kept}.version", lambda name: "0.0.0")
        assert kept_files(files, digest()) is None
    with monkeypatch.context() as patch:
        patch.setattr(f"{kept}.DARK_OF", {"#ffffff": "#000000"})
        assert kept_files(files, digest()) is None
    with monkeypatch.context() as patch:
        (tmp_path / "render.py").write_text("another painter")
        patch.setattr(f"{kept}._PAINTER", tmp_path / "render.py")
        assert kept_files(files, digest()) is None
    with monkeypatch.context() as patch:
        (tmp_path / "chart.vl.json").write_text('{"params": [], "title": {}, "layer": []}')
        patch.setattr("devops_mlops_report.history.charting.specification._CHART", tmp_path / "chart.vl.json")
        assert kept_files(files, digest()) is None
    assert kept_files(files, digest()) == files


@pytest.mark.parametrize("name", ["chart.svg", "chart-dark.svg"])
def test_an_svg_that_was_edited_cut_or_taken_away_is_not_kept(files: dict[str, bytes], name: str) -> None:
    svg = files[name]
    for other in (
        svg.replace(b"val_accuracy", b"val_accuracY"),
        svg[:-1],
        svg[100:],
        svg + b" ",
        b"",
        b"\xff",
    ):
        assert kept_files({**files, name: other}, digest()) is None
    assert kept_files({key: content for key, content in files.items() if key != name}, digest()) is None


def test_a_stamp_of_another_picture_does_not_help(files: dict[str, bytes]) -> None:
    chart = render_chart(rows(value=0.1), LABELS)
    assert chart is not None
    other = chart_files(chart, digest(rows(value=0.1)))
    body, stamp = files["chart.svg"].split(b"<!--")
    forged = other["chart.svg"].split(b"<!--")[0] + b"<!--" + stamp
    assert kept_files({**files, "chart.svg": forged}, digest()) is None
    assert kept_files({**files, "chart-dark.svg": other["chart-dark.svg"]}, digest()) is None
    assert body


def test_without_its_png_or_with_another_the_svgs_are_kept(files: dict[str, bytes]) -> None:
    svgs = {name: files[name] for name in ("chart.svg", "chart-dark.svg")}
    assert kept_files(svgs, digest()) == svgs
    assert kept_files(files | {"chart.png": files["chart.png"] + b"x"}, digest()) == svgs


def test_without_a_finite_value_there_is_nothing_to_keep() -> None:
    assert source_digest([row | {"value": None} for row in rows()], LABELS) is None


def test_what_an_svg_tells_of_itself_is_a_comment(files: dict[str, bytes]) -> None:
    for name in ("chart.svg", "chart-dark.svg"):
        assert ElementTree.fromstring(files[name].decode()).tag.endswith("svg")  # noqa: S314
        assert files[name].count(b"<!--") == 1
