"""The changes that the config accepts, as the history knows them: full hashes in place of abbreviated ones."""

from __future__ import annotations

from dataclasses import replace

from ...history import AcceptedChange, History
from .answers import ask_question


def settle_accepted(history: History) -> tuple[str, ...]:
    """Let the views find the commits that the settings accept; returns a notice for each that can't be found."""
    accepted = history.settings.accepted_changes
    if not accepted:
        return ()
    prefixes = sorted({change.commit_sha for change in accepted})
    found: dict[str, list[str]] = {prefix: [] for prefix in prefixes}
    for row in ask_question(history, "commits_by_prefix", prefixes=prefixes):
        found[row["prefix"]].append(row["commit_sha"])
    settled = tuple(
        AcceptedChange(found[change.commit_sha][0], change.metric)
        for change in accepted
        if len(found[change.commit_sha]) == 1
    )
    if settled != accepted:
        history.change_settings(replace(history.settings, accepted_changes=settled))
    return tuple(
        f"`accept` in the config names {prefix}, which {_trouble(shas)}."
        for prefix, shas in found.items()
        if len(shas) != 1
    )


def _trouble(shas: list[str]) -> str:
    if not shas:
        return "is no commit of the history, so it accepts nothing"
    return f"stands for {len(shas)} commits of the history, so it accepts nothing: give more of the hash"
