"""The command line: it parses, calls, prints, and turns every error of ours into one line and an exit code."""

from __future__ import annotations

import os
import sys

import click

from ...history.errors import HistoryError
from ..errors import ExitCode, ReportError, unexpected
from .accept import accept
from .backtest import backtest
from .cause import cause
from .explain import explain
from .export import export
from .merge import merge
from .model import model
from .run import run
from .sql import sql

__all__ = ["cli", "main"]

_EXIT_CODES = """\b
Exit codes:
  0  reported
  1  something failed; the message and the summary say what
  2  the command line or the config is not usable
  3  a metric got worse whose rule says `fail` (`on_regression`, `on_suspected`)
"""


@click.group(epilog=_EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="devops-mlops-report", prog_name="devops-mlops-report")
def cli() -> None:
    """One DevOps + MLOps report for every commit, from a CSV history that you own.

    \b
    Try it in any git checkout:
      devops-mlops-report run
    """


for command in (run, explain, backtest, accept, cause, model, sql, export, merge):
    cli.add_command(command)


def main() -> None:
    """Run the command line; never a traceback for what a user can bring about."""
    try:
        sys.exit(cli.main(standalone_mode=False) or ExitCode.REPORTED)
    except (ReportError, HistoryError) as error:
        for line in str(error).splitlines() or [type(error).__name__]:
            click.echo(f"devops-mlops-report: {line}", err=True)
        sys.exit(getattr(error, "exit_code", ExitCode.ERROR))
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("devops-mlops-report: interrupted", err=True)
        sys.exit(ExitCode.ERROR)
    except BrokenPipeError:
        # The reader of our output went away, as `head` does.
        sys.stderr.close()
        sys.exit(ExitCode.REPORTED)
    except Exception as error:  # the last line of defence: a traceback is for developers
        if os.environ.get("DEVOPS_MLOPS_REPORT_DEBUG"):
            raise
        click.echo(f"devops-mlops-report: {unexpected(error)}", err=True)
        sys.exit(ExitCode.ERROR)
