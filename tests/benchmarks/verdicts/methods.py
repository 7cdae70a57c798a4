"""Who is measured: the views, simple rules, and the peers that are installed.

A method in hindsight maps series to positions where a new level begins; a method on arrival maps series to the
positions at which it raised an alarm.
"""

from __future__ import annotations

import importlib.util
import itertools
import math
import statistics
from collections.abc import Callable, Sequence

from .lines import history_of

Series = Sequence[float]
Method = Callable[[Sequence[Series]], list[list[int]]]


def in_hindsight() -> dict[str, Method]:
    """The methods that see all of a series."""
    found: dict[str, Method] = {
        "nothing ever": lambda series: [[] for _ in series],
        "change_points": change_points,
    }
    if installed("otava"):
        found["Apache Otava"] = each(otava)
    if installed("asv"):
        found["asv"] = each(asv)
    if installed("ruptures"):
        found["ruptures PELT, 3 ln n"] = each(pelt)
    return found


def on_arrival() -> dict[str, Method]:
    """The methods that judge a commit as it arrives."""
    found: dict[str, Method] = {
        "difference of 0.15": each(sharp),
        "z over 10, 3 sigma": each(z_score),
        "regressions": confirmed,
        "... and suspected": suspected,
    }
    if installed("otava"):
        found["Apache Otava on each prefix"] = each(otava_on_prefixes)
    return found


def installed(name: str) -> bool:
    """Whether a peer can be imported."""
    return importlib.util.find_spec(name) is not None


def each(judge: Callable[[Series], list[int]]) -> Method:
    """A method of one series, for many."""
    return lambda series: [judge(values) for values in series]


def change_points(series: Sequence[Series]) -> list[list[int]]:
    """The view `change_points`."""
    return _asked(series, "select metric, commit_sha from change_points")


def confirmed(series: Sequence[Series]) -> list[list[int]]:
    """The commits that the view `regressions` calls `regressed` or `improved`."""
    return _asked(
        series, "select metric, commit_sha from regressions where verdict in ('regressed', 'improved')"
    )


def told(series: Sequence[Series]) -> list[list[int]]:
    """The commits at which the view `regressions` tells a change: those, and what is recovered."""
    return _asked(
        series,
        "select metric, commit_sha from regressions "
        "where is_confirmation or verdict in ('regressed', 'improved', 'recovered')",
    )


def suspected(series: Sequence[Series]) -> list[list[int]]:
    """Those, and the ones it suspects."""
    return _asked(
        series, "select metric, commit_sha from regressions where verdict not in ('steady', 'too_few')"
    )


def _asked(series: Sequence[Series], query: str) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in series]
    history = history_of(series)
    for row in history.rows(query):
        found[int(row["metric"][1:])].append(int(row["commit_sha"]))
    history.close()
    return [sorted(positions) for positions in found]


def sharp(values: Series) -> list[int]:
    """A difference of 0.15 from the value before."""
    return [at for at in range(1, len(values)) if abs(values[at] - values[at - 1]) >= 0.15]


def z_score(values: Series) -> list[int]:
    """Beyond three standard deviations of the ten values before."""
    found = []
    for at in range(10, len(values)):
        before = values[at - 10 : at]
        if abs(values[at] - statistics.fmean(before)) > 3 * statistics.stdev(before):
            found.append(at)
    return found


def otava(values: Series) -> list[int]:
    """Apache Otava with its defaults."""
    from otava.analysis import compute_change_points

    return [point.index for point in compute_change_points(list(values))[0]] if len(values) > 2 else []


def otava_on_prefixes(values: Series) -> list[int]:
    """An alarm where Otava, given the series so far, finds a change that it had not found before."""
    seen: set[int] = set()
    alarms = []
    for end in range(10, len(values) + 1):
        new = [at for at in otava(values[:end]) if all(abs(at - known) > 5 for known in seen)]
        if new:
            alarms.append(end - 1)
            seen.update(new)
    return alarms


def asv(values: Series) -> list[int]:
    """The steps of airspeed velocity."""
    from asv.step_detect import detect_steps

    return [left for left, *_ in detect_steps(list(values))][1:]


def pelt(values: Series) -> list[int]:
    """PELT on the mean, penalty 3 ln n of the variance of the noise, estimated from first differences."""
    import numpy as np
    import ruptures

    spread = statistics.median(abs(b - a) for a, b in itertools.pairwise(values))
    variance = (1.4826 * spread) ** 2 / 2 or statistics.pvariance(values) or 1.0
    signal = np.array(values, dtype=float)
    found = (
        ruptures.Pelt(model="l2", min_size=3, jump=1)
        .fit(signal)
        .predict(pen=3 * math.log(len(values)) * variance)
    )
    return [int(at) for at in found[:-1]]
