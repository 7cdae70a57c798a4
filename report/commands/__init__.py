"""The command line: it parses, calls, prints, and turns every error of ours into one line and an exit code."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from importlib import import_module
from io import StringIO
from keyword import iskeyword

import click

from ..errors import ExitCode, ReportError, unexpected

__all__ = ["COMMANDS", "cli", "main"]

COMMANDS = {
    "accept": "Accept a change of a metric that is meant: its level begins anew.",
    "backtest": "Replay the history: what other rules would have flagged.",
    "check": "Check what a report needs, and say how to mend it.",
    "compact": "Put the many small files of a partitioned history together.",
    "cause": "Tell whether a commit would be trained, and why.",
    "explain": "Explain how the verdict on a commit came about.",
    "export": "Write the history for other tools: CSV, Parquet, JSON, DuckDB.",
    "import": "Take in what other tools have kept.",
    "init": "Set a repository up: its config and its workflow.",
    "merge": "Take the rows of other files into the history.",
    "model": "The model registry: versions, the alias, models brought back.",
    "move": "Take the history to a branch, a gist or a file.",
    "overview": "Show many histories at one glance.",
    "page": "Write the history as one page to be opened in a browser.",
    "run": "Report on a commit and record it.",
    "sql": "Ask the history with SQL.",
}
"""Name -> purpose, as the list of commands says it. Each is the command of that name in the module of that name."""

_EXIT_CODES = """\b
Exit codes:
  0  reported
  1  something failed; the message and the summary say what
  2  the command line or the config is not usable
  3  a metric got worse whose rule says `fail` (`on_regression`, `on_suspected`)
"""


class _Commands(click.Group):
    """The commands. A command's module, and what it imports, is loaded when the command is called, not to list it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None for an unknown one."""
        if cmd_name not in COMMANDS:
            return None
        # What is loaded stays: looking for garbage in it takes long, now and later, and finds none.
        gc.disable()
        try:
            name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
            command: click.Command = getattr(import_module(f".{name}", __package__), name)
        finally:
            gc.freeze()
            gc.enable()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in the help."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, epilog=_EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="devops-mlops-report", prog_name="devops-mlops-report")
def cli() -> None:
    """One DevOps + MLOps report for every commit, from a CSV history that you own.

    \b
    Try it in any git checkout:
      devops-mlops-report run
    """


def main() -> None:
    """Run the command line; never a traceback for what a user can bring about."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        _show(error)
        code = ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        _tell("interrupted")
        code = ExitCode.ERROR
    except BrokenPipeError:
        # The reader of our output went away, as `head` does.
        sys.stderr.close()
        code = ExitCode.REPORTED
    except _foreseen() as error:
        _tell(str(error) or type(error).__name__)
        code = getattr(error, "exit_code", ExitCode.ERROR)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a traceback is for developers
        # Ctrl-C while the database works for this thread: it says so itself, by an error of no kind of its own.
        if isinstance(error, RuntimeError) and str(error) == "Query interrupted":
            _tell("interrupted")
        else:
            is_debugging = os.environ.get("DEVOPS_MLOPS_REPORT_DEBUG")
            _tell(traceback.format_exc() if is_debugging else unexpected(error))
        code = ExitCode.ERROR
    sys.exit(code or ExitCode.REPORTED)


def _tell(message: str) -> None:
    """What is printed knows secrets and commands of CIs, which a help text does not need: it is loaded here."""
    from ..delivery.printing import tell

    tell(message)


def _show(error: click.ClickException) -> None:
    """Usage, hint and message, as click has them."""
    from ..delivery.printing import note

    shown = StringIO()
    error.show(file=shown)
    note(shown.getvalue().rstrip())


def _foreseen() -> tuple[type[Exception], ...]:
    """Our own errors. The store's come with the database, so they are looked at when something was raised."""
    from ...history.errors import HistoryError

    return ReportError, HistoryError
