"""Branches, pull requests, merges, clones: each table of `branches.md`."""

from __future__ import annotations

from pathlib import Path

import pytest
from stories import Story, read_stories, tell, written


@pytest.mark.parametrize(
    "story", read_stories(Path(__file__).with_name("branches.md")), ids=lambda story: story.name
)
def test_a_story_is_told_as_it_is_written(story: Story, tmp_path: Path) -> None:
    assert tell(story, tmp_path) == written(story)


def test_there_are_forty_stories_and_each_has_a_name_of_its_own() -> None:
    names = [story.name for path in Path(__file__).parent.glob("*.md") for story in read_stories(path)]
    assert len(set(names)) == len(names) >= 40
