"""GitHub-flavoured Markdown from text that came from outside: the one place where it is escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from ..harmless import UNSEEN

LONGEST_TEXT = 200
"""Characters of one value that are shown; the history keeps all of it."""

# What can open or close a structure, a link, a mention, an emoji, a formula or an HTML tag; and what GitHub looks for
# in the finished page: numbers of issues (`GH-1`) and hashes of commits.
_LIVE = re.compile(
    r"(?P<mark>[\\`*\[\]<>#|~&!@$^]"
    r"|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"
    r"|:(?=\S)|(?<=[wW]{3})\."
    r"|^[+\-=](?=\s|[+\-=])|(?<=^\d)[.)](?=\s)|(?<=^\d\d)[.)](?=\s)|(?<=^\d\d\d)[.)](?=\s))"
    r"|(?P<issue>(?<![A-Za-z0-9])[gG][hH]-)(?=\d)"
    r"|(?P<hash>(?<![A-Za-z0-9])[0-9a-fA-F]{7,}(?![A-Za-z0-9]))",
)
_OPENS_EMOJI = re.compile(r":[\w+-]+:")
_APART = "&#8203;"
"""A space of no width: it parts what is looked for after entities are read, and is not seen."""
_ONLY_PLAIN = re.compile(r"[^`|\\&<>]*")


def one_line(text: object, longest: int = LONGEST_TEXT) -> str:
    """The text on one line, without what is not seen."""
    # A file's name of other bytes than UTF-8 comes as halves of characters, which nothing can be written with.
    whole = str(text).encode("utf-8", "replace").decode()
    line = " ".join(UNSEEN.sub(" ", whole).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def escaped(text: object, longest: int = LONGEST_TEXT) -> str:
    """The text as plain text: every mark that could mean something in Markdown is an entity.

    An entity never opens or closes a structure (CommonMark 0.31, section 6.2), nor does GitHub link an address
    across one. What GitHub looks for when entities are read already (names, numbers, hashes, emoji, formulas: the
    filters of its html-pipeline, and "Writing mathematical expressions") is parted by a space of no width or a tag,
    and a hash is code, so that it can be copied.
    """
    return _LIVE.sub(_dead, one_line(text, longest))


def _dead(found: re.Match[str]) -> str:
    if found["issue"]:
        return found["issue"] + _APART
    if found["hash"]:
        return f"<code>{found['hash']}</code>"
    mark = f"&#{ord(found[0])};"
    if found[0] == "$":
        return f"<span>{mark}</span>"
    is_parted = found[0] in "@#" or _OPENS_EMOJI.match(found.string, found.start())
    return mark + (_APART if is_parted else "")


def _in_code(found: re.Match[str]) -> str:
    """Within a `<code>` GitHub looks for nothing but addresses; what is copied from there is what is meant."""
    if found["mark"]:
        return f"&#{ord(found[0])};" + (_APART if found[0] == "@" else "")
    return found[0]


def prose(text: object, longest: int = 1000) -> str:
    """A sentence of ours that may quote text from outside: what stands between backticks is code, no more."""
    pieces = one_line(text, longest).split("`")
    return "".join(code(piece) if at % 2 else _LIVE.sub(_dead, piece) for at, piece in enumerate(pieces))


def code(text: object, longest: int = LONGEST_TEXT) -> str:
    """The text as code, in which nothing is live: no link, no mention, no image. Empty for an empty text."""
    line = one_line(text, longest)
    if not line:
        return ""
    if _ONLY_PLAIN.fullmatch(line):
        return f"`{line}`"
    # A code span can hold no `|` in a table after a backslash, and backticks only with care: entities hold both.
    return f"<code>{_LIVE.sub(_in_code, line)}</code>"


def plain(markdown: str) -> str:
    """A line of Markdown that this module made, as the text that a reader sees."""
    without_links = re.sub(r"\[([^\]]*)\]\(https?://[^)\s]*\)", r"\1", markdown)
    return html.unescape(re.sub(r"</?[a-z]+>|\*\*|`", "", without_links)).replace("\u200b", "")


def printed_line(text: str) -> str:
    """A line that a program printed, with its indentation, without control characters."""
    return UNSEEN.sub(" ", text.expandtabs(4)).rstrip()


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
    lines = UNSEEN.sub(lambda found: found[0] if found[0] in "\n\t" else "�", text).rstrip()
    return f"{fence}{language}\n{lines}\n{fence}"
