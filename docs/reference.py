"""Writes `docs/reference/`: the config's keys, the commands, the views and the CSV's columns, as the code has them.

python docs/reference.py
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from devops_mlops_report.history import History, open_history
from devops_mlops_report.history.columns import COLUMNS
from devops_mlops_report.history.sql_files import TABLES, views
from devops_mlops_report.report.commands import COMMANDS, cli
from devops_mlops_report.report.config.schema import config_schema

FOLDER = Path(__file__).resolve().parent / "reference"
MADE = "<!-- Made by docs/reference.py: change what it is made of, and run that again. -->\n\n"
NAME = "devops-mlops-report"


def pages() -> dict[str, str]:
    """Name of the file -> its text."""
    made = {
        "config.md": config(),
        "commands.md": commands(),
        "views.md": sql_names(),
        "columns.md": columns(),
    }
    return {name: f"{MADE}{text.rstrip()}\n" for name, text in made.items()}


def config() -> str:
    """A table for each section of `report-config.yml`, version 3."""
    schema = config_schema()
    sections = schema["$defs"]
    lines = [
        "# The config",
        "",
        "`report-config.yml`, or `.github/report-config.yml`, version 3. [A commented example]"
        "(../../examples/report-config.yml) has every key; the schema for editors is "
        "[report-config.schema.json](../../report/config/report-config.schema.json).",
    ]
    for title, name in [("Top level", "ConfigFile"), *_sections(sections)]:
        section = sections[name]
        lines += ["", f"## {title}", "", "| key | value | default | |", "| --- | --- | --- | --- |"]
        required = section.get("required", [])
        for key, value in section["properties"].items():
            shown = "required" if key in required else _default(value)
            lines.append(f"| `{key}` | {_kind(value)} | {shown} | {_cell(_described(value, sections))} |")
    return "\n".join(lines)


def _sections(sections: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The sections of the file, and what their lists and mappings hold."""
    for key, value in sections["ConfigFile"]["properties"].items():
        for name in re.findall(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(value)):
            yield (f"`{key}`" if "$ref" in value else f"`{key}`, each entry"), name


def _described(value: dict[str, Any], sections: dict[str, Any]) -> str:
    target = sections.get(value.get("$ref", "").rpartition("/")[2], {})
    return str(value.get("description") or target.get("description") or "")


def _kind(value: dict[str, Any]) -> str:
    if "enum" in value:
        words = (each if isinstance(each, str) else json.dumps(each) for each in value["enum"])
        return ", ".join(f"`{each}`" for each in words)
    if "const" in value:
        return f"`{value['const']}`"
    if "anyOf" in value or "oneOf" in value:
        kinds = [_kind(each) for each in value.get("anyOf") or value.get("oneOf")]
        return " or ".join(dict.fromkeys(kinds))
    if "$ref" in value:
        return "a section"
    if value.get("type") == "array":
        return f"a list: {_kind(value['items'])}" if "items" in value else "a list"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    text = words.get(str(value.get("type")), "a mapping")
    bounds = [
        f"{word} {value[name]:,}"
        for name, word in (
            *(("minimum", "at least"), ("exclusiveMinimum", "above")),
            *(("maximum", "at most"), ("exclusiveMaximum", "below")),
        )
        if name in value
    ]
    return f"{text}, {', '.join(bounds)}" if bounds else text


def _default(value: dict[str, Any]) -> str:
    default = value.get("default")
    return "" if default in (None, [], {}, "") else f"`{json.dumps(default)}`"


def commands() -> str:
    """Every command's help, as it prints it."""
    lines = ["# The commands", "", "Each says the same with `--help`."]
    for path, command in _commands():
        shown = " ".join((NAME, *path))
        settings = {"max_content_width": 100, "terminal_width": 100, **cli.context_settings}
        context = click.Context(command, info_name=shown, **settings)
        text = command.get_help(context)
        lines += ["", f"## {' '.join(path) or NAME}", "", "```text", text, "```"]
    return "\n".join(lines)


def _commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield (), cli
    for name in sorted(COMMANDS):
        command = cli.get_command(click.Context(cli), name)
        assert command is not None  # noqa: S101 - it is listed
        yield (name,), command
        if isinstance(command, click.Group):
            yield from (((name, each), command.commands[each]) for each in sorted(command.commands))


def sql_names() -> str:
    """The tables and the public views: what they hold, and their columns with types."""
    lines = [
        "# Tables and views",
        "",
        "What `devops-mlops-report sql` and `open_history` can be asked. Names and columns change only by adding.",
    ]
    with open_history(None) as history:
        history.describe()
        told = "select table_name, comment from duckdb_tables() where table_name = any(?)"
        purposes = {row["table_name"]: row["comment"] or "" for row in history.rows(told, [list(TABLES)])}
        for name in TABLES:
            lines += _described_columns(history, name, purposes[name], "")
        for view in sorted((view for view in views() if view.is_public), key=lambda view: view.name):
            lines += _described_columns(history, view.name, view.purpose, f"{view.grain}; {view.units}")
    return "\n".join(lines)


def _described_columns(history: History, name: str, purpose: str, grain: str) -> list[str]:
    listed = history.rows(
        "select column_name, lower(data_type) as kind from duckdb_columns() where table_name = ? order by column_index",
        [name],
    )
    shown = ", ".join(f"`{row['column_name']}` {row['kind']}" for row in listed)
    told = [each for each in (_cell(purpose), _cell(grain)) if each]
    return ["", f"## {name}", "", *(line for each in told for line in (each, "")), shown]


def columns() -> str:
    """The CSV's columns, in their order."""
    lines = ["# The CSV's columns", "", "| column | type | meaning |", "| --- | --- | --- |"]
    lines += [
        f"| `{each.name}` | {each.type.replace('_', ' ')} | {_cell(each.meaning)} |" for each in COLUMNS
    ]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{FOLDER / name}\n")
