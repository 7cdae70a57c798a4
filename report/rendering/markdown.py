"""GitHub-flavoured Markdown from text that came from outside: the one place where it is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LONGEST_TEXT = 200
"""Characters of one value that are shown; the history keeps all of it."""

# What can open or close a structure, a link, a mention, an emoji, a formula or an HTML tag.
_LIVE = re.compile(
    r"[\\`*\[\]<>#|~&!@$^]"
    r"|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"
    r"|:(?=\S)|(?<=www)\.|(?<=WWW)\."
    r"|^[+\-=](?=\s|[+\-=])|(?<=^\d)[.)](?=\s)|(?<=^\d\d)[.)](?=\s)|(?<=^\d\d\d)[.)](?=\s)",
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_ONLY_PLAIN = re.compile(r"[^`|\\&<>]*")


def one_line(text: object, longest: int = LONGEST_TEXT) -> str:
    """The text on one line, without control characters (those that turn the reading direction among them)."""
    # A file's name of other bytes than UTF-8 comes as halves of characters, which nothing can be written with.
    whole = str(text).encode("utf-8", "replace").decode()
    line = " ".join(_CONTROL.sub(" ", whole).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def escaped(text: object, longest: int = LONGEST_TEXT) -> str:
    """The text as plain text: every mark that could mean something in Markdown is an entity.

    An entity never opens or closes a structure (CommonMark 0.31, section 6.2), nor does GitHub link a name or
    an address across one.
    """
    return _LIVE.sub(_entity, one_line(text, longest))


def _entity(found: re.Match[str]) -> str:
    # After `@` and `#` a space of no width: addresses and numbers are linked after entities are read.
    apart = "&#8203;" if found[0] in "@#" else ""
    return f"&#{ord(found[0])};{apart}"


def prose(text: object, longest: int = 1000) -> str:
    """A sentence of ours that may quote text from outside: what stands between backticks is code, no more."""
    pieces = one_line(text, longest).split("`")
    return "".join(code(piece) if at % 2 else _LIVE.sub(_entity, piece) for at, piece in enumerate(pieces))


def code(text: object, longest: int = LONGEST_TEXT) -> str:
    """The text as code, in which nothing is live: no link, no mention, no image. Empty for an empty text."""
    line = one_line(text, longest)
    if not line:
        return ""
    if _ONLY_PLAIN.fullmatch(line):
        return f"`{line}`"
    # A code span can hold no `|` in a table after a backslash, and backticks only with care: entities hold both.
    return f"<code>{escaped(line, longest)}</code>"


def printed_line(text: str) -> str:
    """A line that a program printed, with its indentation, without control characters."""
    return _CONTROL.sub(" ", text.expandtabs(4)).rstrip()


def link(label: str, url: str | None) -> str:
    """A link to a URL of ours or of the CI; `label` is Markdown already. Without a usable URL the label alone."""
    if not url or not re.fullmatch(r"https?://[^\s<>()\[\]\"'`|\\]+", url):
        return label
    return f"[{label}]({url})"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], numeric: Iterable[int] = ()) -> str:
    """A table of cells that are Markdown already; the columns in `numeric` are aligned to the right."""
    right = set(numeric)
    lines = [
        "| " + " | ".join(header) + " |",
        "|" + "|".join(" ---: " if index in right else " --- " for index in range(len(header))) + "|",
    ]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def details(summary: str, content: str) -> str:
    """A part that is folded away; `summary` is HTML-safe text."""
    return f"<details><summary>{summary}</summary>\n\n{content}\n\n</details>"


def fenced(text: str, language: str = "") -> str:
    """Lines as they are, in a block of code; its fence is longer than any run of backticks in them."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{_CONTROL_BUT_LINES.sub('�', text).rstrip()}\n{fence}"
