"""Line coverage from a Cobertura XML file, as coverage.py, gcovr, JaCoCo's and .NET's converters write it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from .xml_files import UnreadableXmlError, read_xml


@dataclass(frozen=True)
class CoverageFacts:
    """How much of the code the tests ran."""

    coverage_percent: float | None = None
    """Covered lines of all lines, 0 to 100, rounded to 4 digits; branches are not counted in."""
    notices: tuple[str, ...] = ()


def read_coverage(path: Path) -> CoverageFacts:
    """Return the totals of the file's root element: `lines-covered` of `lines-valid`, else `line-rate`.

    Source: Cobertura's coverage-04.dtd. A file that can't be read leaves a notice and None.
    """
    roots: list[tuple[str, dict[str, str]]] = []

    def keep_root(tag: str, attributes: dict[str, str]) -> None:
        if not roots:
            roots.append((tag, attributes))

    try:
        read_xml(path, keep_root)
    except UnreadableXmlError as error:
        return CoverageFacts(notices=(f"Coverage left out: {error}.",))
    tag, attributes = roots[0]
    covered, valid = _number(attributes.get("lines-covered")), _number(attributes.get("lines-valid"))
    rate = _number(attributes.get("line-rate"))
    if tag == "coverage" and covered is not None and valid:
        rate = covered / valid
    elif tag == "coverage" and valid == 0:
        return CoverageFacts(notices=(f"Coverage left out: {path}: no line was measured.",))
    if tag != "coverage" or rate is None or not 0 <= rate <= 1:
        found = f"<{tag[:60]}> with line-rate {attributes.get('line-rate', 'absent')[:40]!r}"
        wanted = "Cobertura's <coverage> with a line-rate from 0 to 1"
        return CoverageFacts(notices=(f"Coverage left out: {path}: its root is {found}, wanted {wanted}.",))
    return CoverageFacts(coverage_percent=round(rate * 100, 4))


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
