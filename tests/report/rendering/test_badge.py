"""The badge says the metric and its state, as the headline does, else how the workflow ended."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from devops_mlops_report.report.rendering.badge import _SHADES, make_badge


def _badge(state: str, value: float) -> tuple[str, str, str]:
    badge = json.loads(make_badge({"metric": "loss", "value": value, "state": state}, "success").as_json())
    assert badge["schemaVersion"] == 1
    return badge["label"], badge["message"], badge["color"]


@pytest.mark.parametrize(
    ("state", "message", "colour"),
    [
        ("as usual", "0.9123", "green"),
        ("not measured", "0.9123", "green"),
        ("first", "0.9123", "blue"),
        ("worse", "0.9123 worse", "red"),
        ("worse since", "0.9123 worse", "red"),
        ("partly back", "0.9123 partly back", "red"),
        ("already worse", "0.9123 already worse", "orange"),
        ("probably worse", "0.9123 probably worse", "orange"),
        ("recovered", "0.9123 recovered", "brightgreen"),
    ],
)
def test_it_says_in_a_word_what_the_headline_says(state: str, message: str, colour: str) -> None:
    assert _badge(state, 0.91234) == ("loss", message, colour)


def test_what_is_no_number_is_named() -> None:
    assert _badge("worse", float("nan")) == ("loss", "NaN worse", "red")


def test_without_the_metric_it_is_about_the_workflow() -> None:
    badge = json.loads(make_badge(None, "failure").as_json())
    assert (badge["label"], badge["message"], badge["color"]) == ("CI", "failure", "red")


@pytest.mark.parametrize("name", ["val_accuracy", '<script>&"x"', "\x1b[31m\u202egnp", "精度", ""])
def test_the_picture_says_the_same_whatever_the_name(name: str) -> None:
    badge = make_badge({"metric": name, "value": 0.5, "state": "worse"}, "success")
    picture = ElementTree.fromstring(badge.as_svg())  # noqa: S314 - it is our own
    texts = [element.text or "" for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == [badge.label, "0.5 worse"]
    widths = [
        float(element.get("textLength", "0")) for element in picture.iter("{http://www.w3.org/2000/svg}text")
    ]
    assert sum(widths) + 24 == float(picture.get("width", "0"))
    assert "script" not in {element.tag.rpartition("}")[2] for element in picture.iter()}


@pytest.mark.parametrize("shade", _SHADES.values())
def test_white_is_read_with_ease_on_every_ground(shade: str) -> None:
    parts = [int(shade[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5
