"""The gate of the alias: whether it moves to the new version, and that two runs at once agree on the better one.

MLflow's registry has no conditional write. So each run first waits until no promotion is pending, tags its version
with the version whose place it takes, then moves the alias, then looks again: whoever moved the alias last sees the
tags of all who began in the meantime, and leaves it on the best of them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from ...history.late_dataclass import dataclass
from .errors import TrackingError
from .registry import TAG, ModelVersion, Registry

_OVER = TAG + "promoted_over"
_OUTCOME = TAG + "promotion"
_NOBODY = "none"
_PENDING = "pending"
_INTERRUPTED = "interrupted"
_ROUNDS = 8
_LOOKS = 10
_SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True)
class Promotion:
    """What the gate decided."""

    alias: str
    is_promoted: bool
    reason: str
    """A sentence's end: why, or why not."""
    holder: int | None = None
    """The version that has the alias now."""

    @property
    def sentence(self) -> str:
        """What the summary says of it."""
        if self.is_promoted:
            return f"It is now `{self.alias}`: {self.reason}."
        stays = f", which stays version `{self.holder}`" if self.holder is not None else ""
        return f"It is not made `{self.alias}`{stays}: {self.reason}."


@dataclass(frozen=True)
class PromotionGate:
    """The alias of one registered model, and the rule by which it moves."""

    registry: Registry
    name: str
    alias: str
    promote_if: str

    def judge(self, version: ModelVersion, highlight: Mapping[str, Any] | None) -> Promotion:
        """Move the alias if the rule holds; record the outcome as a tag of the version.

        `highlight` is the highlight metric's row at this commit: the verdict is the views', not ours. A registry
        that fails leaves the alias where it is, with the reason.
        """
        holder: int | None = None
        try:
            past: Mapping[int, str] = {}
            if self.promote_if == "never":
                holder = self._holder()
            else:
                past, holder = self._await_the_others(version)
            outcome = self._judge(version, holder, highlight, past)
            words = "promoted" if outcome.is_promoted else f"refused: {outcome.reason}"
            self.registry.set_tags(version, {_OUTCOME: words[:4000]})
        except TrackingError as error:
            return Promotion(
                self.alias, is_promoted=False, reason=f"the registry failed: {error}", holder=holder
            )
        return outcome

    def _holder(self) -> int | None:
        """The version that has the alias now."""
        return (self.registry.aliases(self.name) or {}).get(self.alias)

    def _await_the_others(self, own: ModelVersion) -> tuple[dict[int, str], int | None]:
        """The promotions that are over, each version with the one whose place it took; and who has the alias then.

        Whoever is in the midst of it is waited for. One that makes no end, as its run was killed, gets a tag that
        says so, and is waited for no more.
        """
        for look in range(_LOOKS):
            if look:
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            versions = [each for each in self.registry.versions(self.name) if each.version != own.version]
            holder = self._holder()
            pending = [each for each in versions if each.tags.get(_OUTCOME) == _PENDING]
            past = {each.version: each.tags.get(_OVER, "") for each in versions if _OUTCOME in each.tags}
            if not pending and (holder in (None, own.version) or holder in past or self._is_settled(holder)):
                return past, holder
        for each in pending:
            self.registry.set_tags(each, {_OUTCOME: _INTERRUPTED})
        return past, holder

    def _is_settled(self, holder: int) -> bool:
        """Whether nobody is about to promote the version that has the alias."""
        return self.registry.version(self.name, holder).tags.get(_OUTCOME) != _PENDING

    def _judge(
        self,
        version: ModelVersion,
        holder: int | None,
        highlight: Mapping[str, Any] | None,
        past: Mapping[int, str],
    ) -> Promotion:
        if holder == version.version:
            return Promotion(self.alias, is_promoted=True, reason="it has the alias already", holder=holder)
        refusal, reason = self._rule(holder, highlight)
        goal = highlight["goal"] if highlight else None
        if refusal is None and holder is not None:
            refusal = self._against_holder(version, holder, goal)
        if refusal is not None:
            return Promotion(self.alias, is_promoted=False, reason=refusal, holder=holder)
        over = _NOBODY if holder is None else str(holder)
        self.registry.set_tags(version, {_OVER: over, _OUTCOME: _PENDING})
        self.registry.set_alias(self.name, self.alias, version.version)
        settled = self._settle(version, past, goal)
        if settled != version.version:
            why = f"version {settled}, promoted at the same time, is better"
            return Promotion(self.alias, is_promoted=False, reason=why, holder=settled)
        return Promotion(self.alias, is_promoted=True, reason=reason, holder=settled)

    def _rule(self, holder: int | None, highlight: Mapping[str, Any] | None) -> tuple[str | None, str]:
        """Why not (None when the rule holds), and why."""
        if self.promote_if == "never":
            return "`promote_if` is `never`", ""
        if holder is None:
            return None, "it is the first version with this alias"
        if self.promote_if == "always":
            return None, "`promote_if` is `always`"
        if highlight is None:
            return "the highlight metric is not among its metrics", ""
        verdict, metric, reason = highlight["verdict"], highlight["metric"], highlight["reason"]
        words = f"`{metric}` is `{verdict}` ({reason})"
        if highlight["standing"] == "worse":
            words += f", and worse since `{highlight['worse_since_commit_sha'][:7]}`"
        holds = highlight["is_improvement" if self.promote_if == "improved" else "is_no_regression"]
        return (None, words) if holds else (f"{words}, and `promote_if` is `{self.promote_if}`", "")

    def _against_holder(self, version: ModelVersion, holder: int, goal: str | None) -> str | None:
        """A version that has the alias by a newer run, or by a better value, keeps it."""
        if holder < version.version and self.promote_if != "improved":
            return None
        rival = self.registry.version(self.name, holder)
        if goal is None or rival.value is None or rival.tag("metric") != version.tag("metric"):
            return f"version {holder} is newer" if holder > version.version else None
        if _goodness(version, goal) > _goodness(rival, goal):
            return None
        return f"version {holder}, which has the alias, is as good or better ({rival.value:g} against {version.value})"

    def _settle(self, own: ModelVersion, past: Mapping[int, str], goal: str | None) -> int:
        """Leave the alias on the best of those that were promoted at the same time; returns who has it."""
        for _ in range(_ROUNDS):
            versions = {each.version: each for each in self.registry.versions(self.name)}
            versions.setdefault(own.version, own)
            holder = self._holder()
            rivals = _rivals(versions, past) | {own.version}
            if holder is None or holder not in rivals:
                # Somebody moved it by hand, which is theirs to do.
                return own.version if holder is None else holder
            replaced = {versions[each].tags.get(_OVER) for each in rivals}
            leaves = [each for each in rivals if str(each) not in replaced]
            best = max(leaves or rivals, key=lambda each: (_goodness(versions[each], goal), each))
            if holder == best:
                return best
            self.registry.set_alias(self.name, self.alias, best)
        return best


def _rivals(versions: Mapping[int, ModelVersion], past: Mapping[int, str]) -> set[int]:
    """The versions that took a place, but for those that had taken it when this run began."""
    return {
        number
        for number, each in versions.items()
        if _OVER in each.tags
        and (each.tags.get(_OUTCOME) == _PENDING or past.get(number) != each.tags[_OVER])
    }


def _goodness(version: ModelVersion, goal: str | None) -> float:
    value = version.value
    if goal is None or value is None or math.isnan(value):
        return -math.inf
    return value if goal == "maximize" else -value
