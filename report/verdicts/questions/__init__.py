"""What the report asks: a query a file, each with its parameters by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def read_question(name: str) -> str:
    """The text of one query."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
