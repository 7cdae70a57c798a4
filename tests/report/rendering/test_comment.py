from __future__ import annotations

import pytest
from devops_mlops_report.report.rendering.comment import shortened


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


def test_one_block_that_is_too_long_leaves_the_note_alone() -> None:
    assert shortened("x" * 100, 50) == "\n\n… the rest is in the whole report."
