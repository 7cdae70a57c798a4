"""All that is printed goes through here: no secret leaves, and nothing from outside acts in a terminal or a log."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from ..harmless import annotation, harmless
from ..redaction import Redaction

if TYPE_CHECKING:
    from ..rendering.answer_tables import Part
    from ..rendering.terminal import Screen

_UNBOUNDED_CELLS = 4000
"""Of a line that is no terminal's: a program that looks for words finds them."""
OF_CIS = ("CI", "GITHUB_ACTIONS", "TF_BUILD", "JENKINS_URL", "TEAMCITY_VERSION", "BUILDKITE", "GITLAB_CI")


def say(text: str) -> None:
    """Text for people, on stdout: lines that end in a line break."""
    _write(sys.stdout, _safe(text))


def tell(text: str) -> None:
    """A message on stderr, each line of it named as ours."""
    for line in text.splitlines() or [""]:
        note(f"devops-mlops-report: {line}")


def note(text: str) -> None:
    """What a command did, on stderr, beside its data on stdout."""
    _write(sys.stderr, f"{_safe(text)}\n")


def give(text: str) -> None:
    """Data for programs, on stdout: exact, as long as nobody but a program reads it.

    In a terminal and in the log of a CI a value that would act there is changed, and stderr says so: only a file or a
    pipe outside of a CI takes what could do anything.
    """
    exact = Redaction.of(os.environ).text(text)
    shown = exact if _is_for_programs(sys.stdout) else _safe(text)
    _write(sys.stdout, shown)
    if shown != exact:
        tell(
            "Control characters and commands of a CI were taken out of what is shown here; redirect the output to a "
            "file to get the values as they are."
        )


def show(render: Callable[[Callable[[str], str], Screen], str]) -> None:
    """For people on stdout: what `render` makes of it for the terminal; plain text where it is none.

    `render` is given what takes secrets out of a text, and what there is to write on. It cleans what it shows: its own
    colours alone act in the terminal.
    """
    from ..rendering.terminal import Screen

    hide = Redaction.of(os.environ).text
    if (screen := terminal()) is None:
        say(render(hide, Screen(_UNBOUNDED_CELLS, None)))
    else:
        _write(sys.stdout, render(hide, screen))


def show_parts(parts: Sequence[Part]) -> None:
    """A text for people on stdout, laid out by the width of the terminal; plain where it is none."""
    if (screen := terminal()) is None:
        from ..rendering.answer_tables import plain_text

        say(plain_text(parts))
    else:
        from ..rendering.terminal import render_parts

        _write(sys.stdout, render_parts(parts, Redaction.of(os.environ).text, screen))


def give_answer(names: Sequence[str], rows: Sequence[Sequence[Any]], style: str) -> None:
    """An answer in one of the formats: a table in a terminal is made for people, all else as `give` does."""
    from ..rendering.answer_tables import format_answer, table_cells

    screen = terminal() if style == "table" else None
    if screen is None:
        give(format_answer(names, rows, style))
        return
    from ..rendering.terminal import render_table

    header, cells, right = table_cells(names, rows)
    hide = Redaction.of(os.environ).text
    shown = [[hide(cell) for cell in row] for row in cells]
    _write(sys.stdout, render_table([hide(name) for name in header], shown, right, screen))


def terminal() -> Screen | None:
    """The terminal that a person looks at; None where stdout is none, and in the log of a CI."""
    if not sys.stdout.isatty() or any(os.environ.get(name) for name in OF_CIS):
        return None
    from rich.console import Console

    from ..rendering.terminal import Screen

    console = Console()
    return Screen(
        console.width, None if console.no_color or not console.is_terminal else console.color_system
    )


def annotate(level: str, title: str, message: str) -> None:
    """A message beside the run, in GitHub Actions: `notice`, `warning` or `error`."""
    _write(sys.stdout, annotation(level, title, Redaction.of(os.environ).text(message)) + "\n")


def _safe(text: str) -> str:
    return harmless(Redaction.of(os.environ).text(text), has_groups="BUILDKITE" in os.environ)


def _is_for_programs(stream: TextIO) -> bool:
    if stream.isatty():
        return False
    try:
        is_file = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        # Not a stream of the system: what reads it is a program.
        is_file = True
    return is_file or not any(os.environ.get(name) for name in OF_CIS)


def _write(stream: TextIO, text: str) -> None:
    """What the stream's encoding lacks is a question mark, never an error."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()
