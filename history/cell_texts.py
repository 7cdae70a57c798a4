"""The values of a row as the texts of its cells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from .columns import COLUMN_NAMES


def row_as_csv(row: Mapping[str, object]) -> bytes:
    """A history of one row, in today's layout, without a database: header and row, as `open_history` reads them.

    `row` is as `History.append` takes it. Every cell that holds something is quoted.
    """
    texts = [cell_text(row.get(name)) for name in COLUMN_NAMES]
    cells = ("" if text is None else '"' + text.replace('"', '""') + '"' for text in texts)
    return f"{','.join(COLUMN_NAMES)}\n{','.join(cells)}\n".encode()


def cell_text(value: object) -> str | None:
    """The text of a value as it stands in a cell. A time without a zone is UTC, as it is in the file."""
    value = _plain(value)
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, (list, tuple, Mapping)):
        value = json.dumps(_json_ready(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # What git or a file name holds need not be Unicode.
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any) -> Any:
    """A number of Python's own in place of one of numpy or `decimal`; other values as they are."""
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    # Told by its name: numpy need not be there.
    is_scalar = type(value).__module__ == "numpy" and getattr(value, "shape", None) == ()
    return value.item() if is_scalar else value


def _json_ready(value: Any) -> Any:
    value = _plain(value)
    if isinstance(value, float) and value != value:
        return "NaN"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {str(key): _json_ready(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_json_ready(item) for item in value]
    return value
