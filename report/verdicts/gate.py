"""What a regression does to the run: nothing, a warning, or exit code 3. The views judge; this only obeys."""

from __future__ import annotations

from ...history.late_dataclass import dataclass
from ..rendering.quantities import number, short_hash
from .answers import Answers, Row


@dataclass(frozen=True)
class Gate:
    """Sentences about metrics that are worse or suspected to be, by what their rules say."""

    warned: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    failed_rules: tuple[str, ...] = ()
    """For the summary: `metric` and the rule that it failed."""


def judge(answers: Answers) -> Gate:
    """The metrics that the commit leaves worse, or that may be, and whose rule is `warn` or `fail`.

    A regression acts for as long as it is open, on commits that trained nothing too; in a pull request only one
    that began there. A suspicion acts at its own commit, and fails nothing unless `on_suspected` asks for it.
    """
    sentences: dict[str, list[str]] = {"report": [], "warn": [], "fail": []}
    failed_rules = []
    for row in answers.standings:
        for rule, words in (("on_regression", _open), ("on_suspected", _suspected)):
            consequence = row[rule]
            if consequence is None:
                continue
            sentences[consequence].append(words(row))
            if consequence == "fail":
                failed_rules.append(f"`{row['metric'].replace('`', ' ')}` (`{rule}: fail`)")
    return Gate(tuple(sentences["warn"]), tuple(sentences["fail"]), tuple(failed_rules))


def _open(row: Row) -> str:
    if row["unmeasured_since_commit_sha"] is not None:
        return (
            f"{row['metric']} is no longer measured since {short_hash(row['unmeasured_since_commit_sha'])}, "
            f"and was worse since {short_hash(row['worse_since_commit_sha'])}: wanted a measurement, or no rule for it"
        )
    since = f"since {short_hash(row['own_since_commit_sha'])}"
    if row["verdict"] == "regressed":
        return f"{row['metric']} is worse {since}, at {number(row['value'])}: {row['reason']}"
    against = _REFERENCES[row["reference_kind"]]
    compared = "" if row["reference_level"] is None else f", {against} {number(row['reference_level'])}"
    told = "" if row["is_measured"] else f" at {short_hash(row['measured_commit_sha'])}"
    return f"{row['metric']} is still worse {since}: {number(row['value'])}{told}{compared}"


_REFERENCES = {"level": "usually", "baseline": "compared with", "target": "where the target is"}


def _suspected(row: Row) -> str:
    return f"{row['metric']} is probably worse, at {number(row['value'])}: {row['reason']}"
