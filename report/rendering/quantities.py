"""Numbers, durations and times as people read them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

ABSENT = "–"


def number(value: object) -> str:
    """Four significant digits; counts in full; `NaN` and infinities by name; a dash for nothing."""
    if value is None:
        return ABSENT
    if isinstance(value, int):
        return str(value)
    quantity = float(str(value))
    if math.isnan(quantity):
        return "NaN"
    if math.isinf(quantity):
        return "∞" if quantity > 0 else "−∞"
    if quantity.is_integer() and abs(quantity) < 1e6:
        return str(int(quantity)).replace("-", "−")
    return f"{quantity:.4g}".replace("-", "−")


def with_spread(level: float, spread: float | None) -> str:
    """`0.906 ± 0.039`: the spread in two digits, the level as fine as that."""
    if spread is None or not (math.isfinite(level) and math.isfinite(spread)) or spread <= 0:
        return number(level)
    decimals = 1 - math.floor(math.log10(spread))
    if not 0 <= decimals <= 6 or abs(level) >= 1e6:
        return f"{number(level)} ± {number(float(f'{spread:.2g}'))}"
    return f"{level:.{decimals}f} ± {spread:.{decimals}f}".replace("-", "−")


def signed(value: object, unit: str = "") -> str:
    """A change, with its sign; `±0` for none."""
    if value is None or not math.isfinite(float(str(value))):
        return ABSENT
    quantity = float(str(value))
    shown = number(quantity)
    if shown in ("0", "−0"):
        return f"±0{unit}"
    return f"{'' if quantity < 0 else '+'}{shown}{unit}"


def percent_change(value: object) -> str:
    """A change in percent, one decimal; a dash where it has no meaning."""
    if value is None or not math.isfinite(float(str(value))):
        return ABSENT
    quantity = round(float(str(value)), 1)
    if abs(quantity) >= 10_000:
        return f"{'+' if quantity > 0 else '−'}>9,999 %"
    if quantity == 0:
        return "±0 %"
    return f"{'+' if quantity > 0 else '−'}{abs(quantity):.1f} %"


def odds(confidence: object) -> str:
    """How sure a finding is, as the odds of chance: `less than 1 in 1,700`; empty where nothing is known."""
    if confidence is None:
        return ""
    times = 1 / max(1 - float(str(confidence)), 1e-6)
    if times >= 999_999:
        return "less than 1 in a million"
    step = 10 ** max(0, math.floor(math.log10(times)) - 1)
    return f"less than 1 in {math.floor(times / step) * step:,}"


def percent_against(value: float | None, reference: float | None) -> float | None:
    """A value's distance from what it is seen against, in percent of that; None where that has no meaning."""
    if value is None or not reference:
        return None
    return 100 * (float(value) - reference) / abs(reference)


def rough_percent(value: object) -> str:
    """The size of a change in two digits: `4.3 %`, `120 %`, `18 times`."""
    size = abs(float(str(value)))
    rough = float(f"{size:.2g}")
    return f"{rough:,.6g} %" if rough < 1000 else f"{float(f'{size / 100:.2g}'):,.6g} times"


_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Iterable[object]) -> str:
    """The values as block characters, the lowest to the highest; `·` for one that no axis holds."""
    numbers = [float(str(value)) if value is not None else math.nan for value in values]
    finite = [value for value in numbers if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    # Halved, as the distance of two numbers may be larger than the largest number.
    span = high / 2 - low / 2
    return "".join(
        "·"
        if not math.isfinite(value)
        else _BLOCKS[3]
        if span <= 0
        else _BLOCKS[min(7, int((value / 2 - low / 2) / span * 8))]
        for value in numbers
    )


def duration(seconds: object) -> str:
    """`0.4 s`, `12 s`, `3 min 12 s`, `2 h 5 min`."""
    if seconds is None or not math.isfinite(float(str(seconds))):
        return ABSENT
    quantity = float(str(seconds))
    if quantity < 10:
        return f"{quantity:.1f}".removesuffix(".0") + " s"
    whole = round(quantity)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def size(count_bytes: int | None) -> str:
    """`512 bytes`, `12 kB`, `3.4 MB`: by thousands, as GitHub shows them; a dash for nothing."""
    if count_bytes is None:
        return ABSENT
    if count_bytes < 1000:
        return plural(count_bytes, "byte")
    quantity, units = float(count_bytes), ["kB", "MB", "GB", "TB"]
    for unit in units:
        quantity /= 1000
        if quantity < 999.5 or unit == units[-1]:
            return f"{quantity:.1f} {unit}" if quantity < 10 else f"{quantity:.0f} {unit}"
    return ABSENT


def local_time(moment: datetime | None, timezone: str) -> str:
    """A UTC time in the reader's zone, to the minute."""
    if moment is None:
        return ABSENT
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return aware.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M %Z")


def short_hash(commit_sha: object) -> str:
    """The first seven characters."""
    return str(commit_sha or "")[:7]


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 job`, `2 jobs`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def how_far_back(row: Mapping[str, Any]) -> str:
    """The way to a row's baseline: commits among the ancestors, measurements in the order of the branch, else time."""
    if row["baseline_found_by"] == "time":
        return "by time"
    unit = "commit" if row["baseline_found_by"] == "ancestry" else "measurement"
    distance = row["baseline_distance"]
    return f"{plural(distance, unit)} back" if distance else ""
