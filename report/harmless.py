"""Text for a terminal or a CI's log, which are the same stream: nothing from outside in it that could act.

What a CI obeys in the output of a job (each from its own documentation or its agent's source):

| CI | commands | where in a line |
| --- | --- | --- |
| GitHub, Gitea, Forgejo | `::name::` | at its start, after white space |
| the same, as before 2019 | `##[name]` | anywhere |
| Azure | `##vso[area.name]`, `##[name]` | anywhere |
| TeamCity | `##teamcity[name]` | anywhere |
| GitLab | `section_start:1:name`, `section_end:` | anywhere, with escape sequences around it |
| Travis | `travis_fold:`, `travis_time:` | anywhere |
| Buildkite | `--- `, `+++ `, `~~~ `, `^^^ +++` | at its start |
"""

from __future__ import annotations

import json
import re

UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Control characters, those that turn the reading direction or have no width, and halves of characters."""

_COMMANDS = ("##[", "##vso[", "##teamcity[", "section_start:", "section_end:", "travis_fold:", "travis_time:")
_COMMAND = re.compile(r"(##)(?=(?:vso|teamcity)?\[)|((?:section|travis)_)(?=(?:start|end|fold|time):)", re.I)
_COMMAND_AT_START = re.compile(r"^([^\S\n]*:)(?=:)", re.M)
_GROUP_AT_START = re.compile(r"^(?=(?:---|\+\+\+|~~~|\^\^\^)(?:\s|$))", re.M)


def harmless(text: str, *, has_groups: bool = False) -> str:
    """Lines for a terminal or a log: no control character but line breaks and tabs, no command of a CI.

    Every character that is not seen becomes a space, so that columns stay aligned. `has_groups`: in Buildkite's log.
    """
    lines = UNSEEN.sub(lambda found: found[0] if found[0] in "\n\t" else " ", text)
    broken = _COMMAND_AT_START.sub(r"\1 ", _COMMAND.sub(_apart, lines))
    return _GROUP_AT_START.sub(" ", broken) if has_groups else broken


def _apart(found: re.Match[str]) -> str:
    return f"{found[0]} "


def harmless_json(text: str) -> str:
    """The same JSON for a terminal or a log: what would act there is written as the escape that JSON has for it."""
    shown = UNSEEN.sub(lambda found: found[0] if found[0] == "\n" else _json_escape(found[0]), text)
    return _COMMAND.sub(lambda found: _json_escape(found[0][0]) + found[0][1:], shown)


def _json_escape(character: str) -> str:
    return json.dumps(character)[1:-1] if not character.isascii() else f"\\u{ord(character):04x}"


class HarmlessStream:
    """Output that comes in pieces: a terminal's sequences stay as they are, and no command of a CI is left in it."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """What may be shown now: not the beginning of a command at the end."""
        text = self._held + text
        lower = text[-max(map(len, _COMMANDS)) :].lower()
        begun = (command[:size] for command in _COMMANDS for size in range(1, len(command)))
        length = max((len(each) for each in begun if lower.endswith(each)), default=0)
        shown, self._held = text[: len(text) - length], text[len(text) - length :]
        return _COMMAND.sub(_apart, shown)

    def finish(self) -> str:
        """What is left at the end."""
        held, self._held = self._held, ""
        return held


def annotation(level: str, title: str, message: str) -> str:
    """A line for GitHub's runner that shows a message beside the run: `notice`, `warning` or `error`.

    Source: GitHub, "Workflow commands", and the runner's own unescaping in actions/toolkit.
    """
    return f"::{level} title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    lines = _COMMAND.sub(_apart, UNSEEN.sub(lambda found: found[0] if found[0] in "\r\n" else " ", text))
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
