"""The colours can be told from their pages."""

import pytest
from devops_mlops_report.history.charting import palette


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colour", palette.TEXT_COLOURS)
def test_text_has_a_contrast_of_four_and_a_half_on_both_pages(colour: palette.Colour) -> None:
    assert contrast(colour.light, palette.LIGHT_PAGE) >= 4.5
    assert contrast(colour.dark, palette.DARK_PAGE) >= 4.5


@pytest.mark.parametrize("colour", palette.MARK_COLOURS)
def test_marks_have_a_contrast_of_three_on_both_pages_and_on_the_halo(colour: palette.Colour) -> None:
    assert contrast(colour.light, palette.LIGHT_PAGE) >= 3
    assert contrast(colour.dark, palette.DARK_PAGE) >= 3
    assert colour is palette.LEVEL or contrast(colour.light, palette.HALO.light) >= 3
    assert colour is palette.LEVEL or contrast(colour.dark, palette.HALO.dark) >= 3


def test_every_light_colour_has_one_dark_colour() -> None:
    colours = [value for value in vars(palette).values() if isinstance(value, palette.Colour)]
    assert len(palette.DARK_OF) == len(colours)
