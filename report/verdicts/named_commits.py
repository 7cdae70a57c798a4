"""The commits that the config names, as history and checkout know them: accepted changes, baselines, releases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ...history import AcceptedChange, History
from ..config import Config, NamedBaseline
from ..errors import UsageError
from ..facts.git import GitError, commit_of_tag, is_shallow, read_ancestry, read_releases
from .answers import ask_question

_FETCH = "fetch the tags with the history (`fetch-depth: 0`)"


def with_tags_resolved(config: Config, root: Path) -> tuple[Config, tuple[str, ...]]:
    """The config with commits in place of tags, and a notice for each tag that the checkout does not have."""
    notices: dict[str, None] = {}

    def settled(chosen: str | NamedBaseline | None) -> str | NamedBaseline | None:
        if not isinstance(chosen, NamedBaseline) or chosen.tag is None:
            return chosen
        try:
            return NamedBaseline(commit=commit_of_tag(root, chosen.tag))
        except (GitError, UsageError):
            notices[f"There is no baseline, as the checkout has no tag {chosen.tag}: {_FETCH}."] = None
            return chosen

    report = config.report
    if (baseline := settled(report.baseline)) is not report.baseline:
        report = report.model_copy(update={"baseline": baseline})
    metrics = {
        name: rule
        if (baseline := settled(rule.baseline)) is rule.baseline
        else rule.model_copy(update={"baseline": baseline})
        for name, rule in config.metrics.items()
    }
    return replace(config, report=report, metrics=metrics), tuple(notices)


def tell_checkout(history: History, config: Config, root: Path) -> tuple[str, ...]:
    """Let the history know HEAD's ancestors and the releases among them, as a report on HEAD does; returns notices.

    Without a checkout, and in one of another repository, the ancestors are those that the rows tell.
    """
    try:
        is_cut = is_shallow(root)
        history.set_ancestry(read_ancestry(root, is_cut=is_cut), is_cut=is_cut)
    except (GitError, UsageError):
        history.set_recorded_ancestry()
        return tell_compared_releases(history, config, root, "HEAD")
    if ask_question(history, "recorded_ancestors")[0]["count_commits"] == 0:
        history.set_recorded_ancestry()
    missing = tell_releases(history, root, "HEAD")
    return missing if _compares_releases(config) else ()


def _compares_releases(config: Config) -> bool:
    return "release" in (config.report.baseline, *(rule.baseline for rule in config.metrics.values()))


def tell_compared_releases(history: History, config: Config, root: Path, revision: str) -> tuple[str, ...]:
    """`tell_releases`, where the config compares some value with a release."""
    return tell_releases(history, root, revision) if _compares_releases(config) else ()


def tell_releases(history: History, root: Path, revision: str) -> tuple[str, ...]:
    """Let the history know the releases behind a commit; returns a notice where there are none."""
    try:
        releases = read_releases(root, revision)
    except (GitError, UsageError):
        releases = []
    history.set_release_tags(releases)
    if releases:
        return ()
    return (f"No release is known to compare with (a tag such as v1.2 on an ancestor): {_FETCH}.",)


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
