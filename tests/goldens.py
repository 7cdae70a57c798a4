"""Golden files: the expected output byte for byte; on a mismatch the actual one is kept to look at."""

from __future__ import annotations

import difflib
from pathlib import Path

_TESTS = Path(__file__).resolve().parent


def assert_golden(actual: str, golden: Path) -> None:
    """`actual` is what the file `golden` holds; else it is written to `tests/.actual/` and the difference shown."""
    expected = golden.read_text(encoding="utf-8") if golden.exists() else ""
    if actual == expected:
        return
    kept = _TESTS / ".actual" / golden.relative_to(_TESTS)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(actual, encoding="utf-8")
    lines = difflib.unified_diff(
        expected.splitlines(), actual.splitlines(), str(golden.relative_to(_TESTS)), "actual", lineterm=""
    )
    raise AssertionError("\n".join([*lines, f"the actual output is in {kept}"]))
