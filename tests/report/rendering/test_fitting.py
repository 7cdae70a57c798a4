"""Texts that are too long for their place lose what matters least, and say so."""

from __future__ import annotations

import re

import pytest
from devops_mlops_report.report.rendering.fitting import fitted, shortened
from devops_mlops_report.report.rendering.markdown import details, fenced, table


@pytest.mark.parametrize("longest", [40, 60, 100, 200])
def test_a_text_that_is_too_long_loses_whole_blocks_from_its_end(longest: int) -> None:
    blocks = ["## Head", "first", "<details><summary>more</summary>", "inside", "</details>", "last" * 40]
    text = shortened("\n\n".join(blocks), longest)
    assert len(text.encode()) <= longest
    kept = text.removesuffix("\n\n… the rest is in the whole report.")
    assert "\n\n".join(blocks).startswith(kept)
    assert kept.count("<details>") == kept.count("</details>")


def test_what_fits_stays_as_it_is() -> None:
    assert shortened("a\n\nb", 4) == "a\n\nb"
    assert fitted(["a", "b"], 100) == "a\n\nb"


def test_one_block_that_is_too_long_leaves_the_note_alone() -> None:
    assert shortened("x" * 100, 50) == "\n\n… the rest is in the whole report."


SCREEN = "## Head\n\n" + table(["a"], [["é" * 20]] * 12)
LONG = details("Metrics", table(["Metric", "Value"], [[f"m{n}", "精" * 100] for n in range(1000)]))
LISTED = details("Absent", "\n".join(f"- {n} {'x' * 100}" for n in range(1000)))
ROW = fenced("a,b\n" + "1," * 2000)


@pytest.mark.parametrize("longest", [5_000, 10_000, 50_000, 200_000, 400_000])
def test_of_a_long_text_the_longest_table_shrinks_and_says_how_many_lines_it_lost(longest: int) -> None:
    text = fitted([SCREEN, LONG, ROW, LISTED, "trace"], longest, last=[ROW])
    assert len(text.encode()) <= longest
    assert text.startswith(f"{SCREEN}\n\n")
    assert ROW in text
    assert text.count("<details>") == text.count("</details>")
    lost = [
        int(count.replace(",", ""))
        for count in re.findall(r"\n\n… and ([\d,]+) more would not fit\.\n", text)
    ]
    told = len(re.findall(r"^\| m|^- ", text, re.MULTILINE)) + sum(lost)
    parts_gone = sum(map(int, re.findall(r"^(\d) parts? of this report would not fit", text, re.MULTILINE)))
    assert told == 2000 or parts_gone


def test_the_row_that_is_nowhere_else_goes_last_and_that_is_said() -> None:
    text = fitted([SCREEN, LONG, ROW, "trace"], 1_000, last=[ROW])
    assert ROW not in text
    assert text.endswith("\n\n3 parts of this report would not fit and are left out.")
