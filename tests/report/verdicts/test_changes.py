"""What a commit changed is told file by file, whatever the files are called and whatever is in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from checkouts import Checkout
from devops_mlops_report.report.verdicts.changes import FileChange, merge_base, read_changes


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout.create(tmp_path / "wine")
    made.commit("Begin", {"src/train.py": "a = 1\nb = 2\n", "old name.py": "x\n" * 20, "gone.txt": "1\n2\n"})
    return made


def test_lines_that_came_and_went_are_counted_for_each_file(checkout: Checkout) -> None:
    base = checkout.git("rev-parse", "HEAD")
    checkout.git("mv", "old name.py", "new name.py")
    (checkout.root / "gone.txt").unlink()
    (checkout.root / "picture.bin").write_bytes(bytes(range(256)))
    strange = 'tab\tand\nbreak "é".md'
    head = checkout.commit("Change", {"src/train.py": "a = 1\nb = 3\nc = 4\n", strange: "one\n"})
    changes = read_changes(checkout.root, base, head)
    assert changes is not None
    assert set(changes.files) == {
        FileChange("gone.txt", 0, 2),
        FileChange("new name.py", 0, 0, "old name.py"),
        FileChange("picture.bin", None, None),
        FileChange("src/train.py", 2, 1),
        FileChange(strange, 1, 0),
    }
    assert (changes.added, changes.removed) == (3, 3)


def test_a_very_large_text_is_not_read_for_a_number(checkout: Checkout) -> None:
    base = checkout.git("rev-parse", "HEAD")
    head = checkout.commit("Add data", {"data.csv": "1,2,3\n" * 900_000})
    changes = read_changes(checkout.root, base, head)
    assert changes is not None
    assert changes.files == (FileChange("data.csv", None, None),)


@pytest.mark.parametrize("base", ["f" * 40, "", "--output=x", "HEAD"])
def test_a_commit_that_the_checkout_lacks_has_no_changes(checkout: Checkout, base: str) -> None:
    assert read_changes(checkout.root, base, checkout.git("rev-parse", "HEAD")) is None


def test_the_merge_base_is_where_the_branch_began(checkout: Checkout) -> None:
    base = checkout.git("rev-parse", "HEAD")
    checkout.git("switch", "--quiet", "--create", "try")
    head = checkout.commit("Try", {"a.py": "1\n"})
    checkout.git("switch", "--quiet", "main")
    checkout.commit("Go on", {"b.py": "1\n"})
    assert merge_base(checkout.root, "main", head) == base
    assert merge_base(checkout.root, "no-such", head) == ""
