"""A level on one branch: each table of `levels.md`."""

from __future__ import annotations

from pathlib import Path

import pytest
from stories import Story, read_stories, tell, written


@pytest.mark.parametrize(
    "story", read_stories(Path(__file__).with_name("levels.md")), ids=lambda story: story.name
)
def test_a_story_is_told_as_it_is_written(story: Story, tmp_path: Path) -> None:
    assert tell(story, tmp_path) == written(story)
