"""What changed: files, params, data and dependencies, at this commit and where a metric became worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...verdicts.attribution import is_dependency_file
from ...verdicts.changes import Changes, FileChange
from ..attributed import OtherChange, changes_of_params, other_changes
from ..content import Content
from ..markdown import code, details, escaped, link, table
from ..quantities import ABSENT, plural, short_hash
from ..states import since_sha

SHOWN_FILES = 3
MOST_FILES = 100
MOST_ITEMS = 3
MOST_PARAMS = 50
_DOCS = (".md", ".rst", ".txt", ".adoc")

_CAUSES = {
    "Data": "the data changed",
    "Script": "the code changed",
    "Both": "the data and the code changed",
}


def commit_in_words(content: Content, sha: str, message: str | None, author: str | None) -> str:
    """``[`36d48e6`](…) *Write the guide* by Ada``."""
    named = link(code(short_hash(sha)), content.trace.url_of(sha))
    said = f" *{escaped(message, 80)}*" if message and message.strip() else ""
    return f"{named}{said}{f' by {escaped(author, 60)}' if author else ''}"


def began_at(content: Content) -> str:
    """The commit where the told change began, where it is another one, and what else changed there."""
    told = content.answers.told
    since = _since(told) if told is not None and content.is_history_known else None
    if told is None or since is None or since == content.row["commit_sha"]:
        return ""
    is_first = since == told["worse_since_commit_sha"]
    author = told["since_author"] if is_first else None
    commit = commit_in_words(content, since, told["since_commit_message"] if is_first else None, author)
    attribution = content.attribution
    what = ""
    if attribution is not None and attribution.commit_sha == since:
        what = _joined(_others(content, since), attribution.changes, content)
    steps = [sha for sha in told["step_commits"] or () if sha != since]
    still = (
        f"; worse still at {', '.join(code(short_hash(sha)) for sha in steps[:MOST_ITEMS])}" if steps else ""
    )
    began = "Suspected at" if told["standing"] != "worse" and not told["is_confirmation"] else "Began at"
    return f"**{began}** {commit}{f': {what}' if what else ''}{still}"


def _since(told: Mapping[str, Any]) -> str | None:
    if told["standing"] == "worse" or told["state"] == "probably worse since":
        return since_sha(told)
    return told["since_commit_sha"] if told["is_confirmation"] else None


def changed_here(content: Content) -> str:
    """This commit: who made it, what it changed, and whether that is something to train."""
    row = content.row
    commit = commit_in_words(content, row["commit_sha"], row.get("commit_message"), row.get("author"))
    request = f", pull request {_request(content)}" if row.get("pull_request") else ""
    into = f" into {code(row['base_branch'], 60)}" if row.get("base_branch") else ""
    place = f" on {code(row['branch'], 60)}" if row.get("branch") and not request else ""
    others = _others(content, row["commit_sha"]) or [
        _change(change) for change in changes_of_params(content.answers.changed_params)
    ]
    what = _joined(others, content.changes, content)
    trained = _training(content)
    told = ". ".join(
        part[:1].upper() + part[1:] if at else part for at, part in enumerate(filter(None, (what, trained)))
    )
    return f"**This commit** {commit}{place}{request}{into}{f': {told}' if told else ''}"


def changes_section(content: Content) -> str:
    """All files and params that changed, folded; empty where the first screen has told them."""
    parts = [_all_files(content), _all_inputs(content), _params(content.answers.changed_params)]
    shown = [part for part in parts if part]
    return details("What changed, in full", "\n\n".join(shown)) if shown else ""


def _request(content: Content) -> str:
    number = str(content.row["pull_request"])
    return link(code(f"#{number}"), content.trace.pull_request_url)


def _training(content: Content) -> str:
    row = content.row
    if row.get("training") == "skipped":
        if row.get("cause"):
            return (
                f"{_CAUSES.get(row['cause'], 'its inputs changed')}{_inputs(content)}, but it was not trained"
            )
        if content.training_headline:  # The heading tells what is known, and no more is.
            return ""
        files = content.changes.files if content.changes else ()
        is_docs = bool(files) and all(file.path.lower().endswith(_DOCS) for file in files)
        return f"nothing to train{': docs only' if is_docs else ''}"
    if row.get("training") == "trained" and row.get("cause"):
        return f"trained because {_CAUSES.get(row['cause'], 'its inputs changed')}{_inputs(content)}"
    return ""


def _inputs(content: Content) -> str:
    """The first files that made the cause."""
    paths = [code(_tail(path), 60) for path in content.row.get("changed_inputs") or ()]
    return f" ({_first(paths, MOST_ITEMS)})" if paths else ""


def _others(content: Content, sha: str) -> list[str]:
    """Data, params, dependencies at the commit that the attribution is about; files are told with their lines."""
    attribution = content.attribution
    if attribution is None or attribution.commit_sha != sha:
        return []
    files = {file.path for file in _largest(attribution.changes)} if attribution.changes else set()
    return [
        _change(change)
        for change in other_changes(attribution)
        if change.kind != "inputs" and not {item[0] for item in change.items} <= files
    ]


def _change(change: OtherChange) -> str:
    items = _first([_item(item) for item in change.items], MOST_ITEMS)
    return f"{change.what} ({items})" if items else change.what


def _item(item: Sequence[str]) -> str:
    name = code(item[0], 80)
    return name if len(item) == 1 else f"{name} {code(item[1], 40)} → {code(item[2], 40)}"


def _first(items: list[str], most: int) -> str:
    more = len(items) - most
    return ", ".join([*items[:most], f"{more} more"] if more > 0 else items)


def _joined(others: list[str], changes: Changes | None, content: Content) -> str:
    if changes is None or (others and not changes.files):
        return ", ".join(others)
    return ", ".join([*others, files_in_words(changes, content)])


def files_in_words(changes: Changes, content: Content) -> str:
    """The largest changes by file, how many there are more, and where to see them: no file is a fact, too."""
    if not changes.files:
        return "no file changed"
    shown = [f"{code(_tail(file.path), 60)} {_lines(file)}" for file in _largest(changes)]
    more = len(changes.files) - len(shown)
    rest = f" and {plural(more, 'more file')}, {_sum(changes)} in all" if more else ""
    url = content.trace.compare_url(changes.base_sha, changes.head_sha)
    compare = f" ({link('compare', url)})" if url else ""
    return f"{', '.join(shown)}{rest}{compare}"


def _largest(changes: Changes) -> list[FileChange]:
    """A lock file's thousand lines tell less than the ten of a script."""
    ranked = sorted(
        changes.files, key=lambda file: (is_dependency_file(file.path), -file.count_lines, file.path)
    )
    return ranked[:SHOWN_FILES]


def _tail(path: str) -> str:
    """The end of a long path, which tells more than its beginning."""
    return path if len(path) <= 48 else f"…{path[-47:]}"


def _lines(file: FileChange) -> str:
    if file.added is None or file.removed is None:
        return "changed"
    if file.old_path and not file.count_lines:
        return "renamed"
    signs = [f"+{file.added}" if file.added else "", f"−{file.removed}" if file.removed else ""]
    return " ".join(sign for sign in signs if sign) or "±0"


def _sum(changes: Changes) -> str:
    return f"+{changes.added} −{changes.removed}"


def _all_files(content: Content) -> str:
    changes = content.changes
    if changes is None or len(changes.files) <= SHOWN_FILES:
        return ""
    lines = [
        f"- {code(file.path)} {_lines(file)}{f' (was {code(file.old_path)})' if file.old_path else ''}"
        for file in changes.files[:MOST_FILES]
    ]
    return _listed(lines, len(changes.files))


def _all_inputs(content: Content) -> str:
    paths = list(content.row.get("changed_inputs") or ())
    if len(paths) <= MOST_ITEMS:
        return ""
    listed = _listed([f"- {code(path)}" for path in paths[:MOST_FILES]], len(paths))
    return (
        f"{plural(len(paths), 'file')} that the model depends on changed since its last training:\n\n{listed}"
    )


def _listed(lines: list[str], count: int) -> str:
    """The lines of a list, and how many there are more."""
    more = count - len(lines)
    return "\n".join([*lines, *([f"- and {more} more"] if more else [])])


def _params(changes: Sequence[Mapping[str, Any]]) -> str:
    if not changes:
        return ""
    before = code(short_hash(changes[0]["previous_commit_sha"]))
    rows = [
        [code(row["param"], 80), *(code(row[side] or "") or ABSENT for side in ("old_value", "new_value"))]
        for row in changes[:MOST_PARAMS]
    ]
    more = f"\n\nand {len(changes) - MOST_PARAMS} more." if len(changes) > MOST_PARAMS else ""
    title = f"{plural(len(changes), 'param')} changed since {before}:"
    return f"{title}\n\n{table(['Param', 'Before', 'Now'], rows)}{more}"
