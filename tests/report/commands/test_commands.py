"""What holds for every command, and `sql`, `export` and `merge`."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import click
import duckdb
import pytest
from commands import run_command, run_here
from csv_samples import ROW, csv_bytes
from devops_mlops_report.history.sql_files import TABLES, views
from devops_mlops_report.report.commands import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def history(tmp_path: Path) -> Path:
    path = tmp_path / "history.csv"
    header = (
        "timestamp_local,branch,author,commit_sha,commit_message,workflow_status,mlflow_project_detected,is_trained,"
        "mlflow_run_id,duration,mlflow_params_kv,mlflow_metrics_kv,cause"
    )
    rows = [
        f"2024-06-0{day} 12:00:00,main,ada,sha{day},Day {day},success,Yes,true,,12s,lr=0.{day},acc=0.9{day},Script"
        for day in range(1, 9)
    ]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def _command(name: str) -> click.Command:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    return command


def test_every_command_is_listed_with_its_purpose(tmp_path: Path) -> None:
    folder = ROOT / "report/commands"
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "places"}
    # No module can bear the name of a word of Python's own.
    assert {module.removesuffix("_") for module in modules} == set(COMMANDS)
    listed = run_here("--help", cwd=tmp_path).stdout
    for name, purpose in COMMANDS.items():
        assert _command(name).name == name
        assert re.search(rf"^  {name} +{re.escape(purpose)}$", listed, re.MULTILINE)


def test_help_loads_neither_the_database_nor_the_config(tmp_path: Path) -> None:
    code = (
        "import sys; from devops_mlops_report.report.commands import cli; "
        "cli.main(['--help'], standalone_mode=False); print(*sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    loaded = set(answer.stdout.splitlines()[-1].split())
    assert "click" in loaded
    assert not loaded & {"duckdb", "pydantic", "yaml", "filelock", "devops_mlops_report.history"}


def test_no_command_and_an_unknown_one_are_told_with_the_usage(tmp_path: Path) -> None:
    assert "Commands:" in run_here(cwd=tmp_path).stderr
    unknown = run_here("rum", cwd=tmp_path)
    assert (unknown.code, unknown.stdout) == (2, "")
    assert "No such command 'rum'" in unknown.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_ends_in_an_example(name: str) -> None:
    command = _command(name)
    assert command.help
    helps = [command.help, *(each.help or "" for each in getattr(command, "commands", {}).values())]
    assert any(f"devops-mlops-report {name}" in text for text in helps)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name != "style":
            assert parameter.help, f"{name} {parameter.opts}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_and_the_changelog(name: str) -> None:
    assert (
        f"`{name}" in (ROOT / "CHANGELOG.md").read_text()
        or f" {name}`" in (ROOT / "CHANGELOG.md").read_text()
    )
    assert f"devops-mlops-report {name}" in (ROOT / "README.md").read_text()


def test_the_exit_codes_are_in_the_help(tmp_path: Path) -> None:
    answer = run_command("--help", cwd=tmp_path)
    assert answer.code == 0
    for code in "0123":
        assert f"\n    {code}  " in answer.stdout


def test_without_a_query_sql_lists_what_can_be_asked(history: Path) -> None:
    answer = run_here("sql", "--history", history, cwd=history.parent)
    assert answer.code == 0, answer.stderr
    for name in ("commits", "settings", "deltas", "regressions", "rejected_rows", "pipeline_health"):
        assert f"\n{name}: " in "\n" + answer.stdout
    public = {view.name for view in views() if view.is_public}
    assert set(re.findall(r"^(\w+): \S", answer.stdout, re.MULTILINE)) == {*TABLES, *public}
    assert "mad_factor is read by nobody" in answer.stdout


def test_sql_answers_in_every_format(history: Path) -> None:
    query = "select commit_sha, value, null as nothing, 'a|b' as text from measurements order by commit_sha limit 1"
    answers = {
        style: run_here("sql", query, "--history", history, "--format", style, cwd=history.parent).stdout
        for style in ("table", "csv", "json", "markdown")
    }
    assert answers["csv"] == "commit_sha,value,nothing,text\nsha1,0.91,,a|b\n"
    assert json.loads(answers["json"]) == [
        {"commit_sha": "sha1", "value": 0.91, "nothing": None, "text": "a|b"}
    ]
    assert "| sha1 | 0.91 |  | a&#124;b |" in answers["markdown"]
    assert "sha1" in answers["table"]
    assert "NULL" in answers["table"]


def test_sql_reads_a_query_from_stdin(history: Path) -> None:
    answer = run_here(
        "sql", "-", "--history", history, "--format", "csv", cwd=history.parent, stdin="select 1 as x"
    )
    assert answer.stdout == "x\n1\n"


@pytest.mark.parametrize(
    "query",
    [
        "copy commits to 'stolen.csv'",
        "select * from read_csv('history.csv')",
        "select * from read_text('/etc/hostname')",
        "attach 'stolen.duckdb'",
        "export database 'stolen'",
        "set enable_external_access = true",
        "install httpfs",
        "select * from 'http://127.0.0.1:1/x.csv'",
        "select nonsense",
        "selec",
        "",
        "create table t as select 1; copy t to 'stolen.csv'",
    ],
)
def test_a_query_that_is_refused_ends_in_one_line_and_writes_nothing(history: Path, query: str) -> None:
    before = sorted(history.parent.iterdir())
    answer = run_here("sql", query, "--history", history, cwd=history.parent)
    assert answer.code in (1, 2)
    assert answer.is_one_line(), answer.stderr
    assert sorted(history.parent.iterdir()) == before


def test_export_writes_what_other_tools_open(history: Path) -> None:
    folder = history.parent
    for name in ("out.duckdb", "out.parquet", "out.json", "out.csv"):
        answer = run_here("export", name, "--history", history, cwd=folder)
        assert (answer.code, answer.stdout) == (0, ""), answer.stderr
    with duckdb.connect(folder / "out.duckdb", read_only=True) as connection:
        assert connection.execute("select count(*) from deltas").fetchone() == (8,)
        told = connection.execute("select table_name, comment from duckdb_tables()").fetchall()
        public = {view.name: view.purpose for view in views() if view.is_public}
        assert dict(told).items() >= public.items()
        assert {name for name, _ in told} == {*TABLES, *public}
    assert duckdb.read_parquet(str(folder / "out.parquet")).count("*").fetchall() == [(8,)]
    assert len(json.loads((folder / "out.json").read_text())) == 8
    assert (folder / "out.csv").read_text().count("\n") == 9


CELLS = {
    "jobs": [
        {"name": "test", "conclusion": "failure", "duration_seconds": 1.5},
        {"name": "lint", "conclusion": "skipped"},
    ],
    "metrics": {"loss": 0.5, "odd": "NaN"},
    "params": {"lr": "0.1"},
    "environment": {"os": "Linux"},
    "metric_facts": {"loss": {"unit": "s", "goal": "minimize"}},
    "repeats": {"loss": [0.4, 0.6]},
    "failed_tests": ["a", "b"],
}


def test_a_parquet_file_has_lists_and_maps_where_the_csv_has_json(tmp_path: Path) -> None:
    cells = {name: json.dumps(value) for name, value in CELLS.items()}
    rows = [ROW | cells, ROW | {"commit_sha": "b" * 40, "metric_facts": '{"loss": "seconds"}'}]
    (tmp_path / "h.csv").write_bytes(csv_bytes(rows))
    answer = run_here("export", "out.parquet", "--history", "h.csv", "--data-package", cwd=tmp_path)
    assert answer.code == 0, answer.stderr
    assert "metric_facts is a text of JSON there" in answer.stderr
    found = duckdb.read_parquet(str(tmp_path / "out.parquet")).order("commit_sha")
    types = dict(zip(found.columns, map(str, found.types), strict=True))
    assert types["jobs"] == 'STRUCT("name" VARCHAR, conclusion VARCHAR, duration_seconds DOUBLE)[]'
    assert (types["metrics"], types["repeats"]) == ("MAP(VARCHAR, DOUBLE)", "MAP(VARCHAR, DOUBLE[])")
    first = dict(zip(found.columns, found.fetchall()[0], strict=True))
    assert str(first["metrics"].pop("odd")) == "nan"
    read = {name: value for name, value in CELLS.items() if name not in ("jobs", "metrics", "metric_facts")}
    assert {name: first[name] for name in read} == read
    assert first["metrics"] == {"loss": 0.5}
    assert [job["duration_seconds"] for job in first["jobs"]] == [1.5, None]


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_data_package_tells_of_a_file_what_is_in_it(history: Path, name: str) -> None:
    """Held against the file itself, column by column."""
    folder = history.parent
    for table in ("commits", "deltas"):
        options = ("--history", history, "--table", table, "--data-package", "--force")
        answer = run_here("export", name, *options, cwd=folder)
        assert answer.code == 0, answer.stderr
        package = json.loads((folder / "datapackage.json").read_text())
        [resource] = package["resources"]
        content = (folder / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert (resource["name"], resource["bytes"]) == (table, len(content))
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        if name.endswith(".csv"):
            lines = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
            assert list(lines[0]) == list(fields)
            for line in lines:
                for column, text in line.items():
                    assert text == "" or fits(text, fields[column]), (column, text)
        else:
            assert duckdb.read_parquet(str(folder / name)).columns == list(fields)
        assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    refused = run_here("export", name, "--history", history, "--data-package", cwd=folder)
    assert (refused.code, refused.is_one_line()) == (2, True)


def fits(text: str, field: dict[str, str]) -> bool:
    """Whether a cell is of its field's type."""
    match field["type"]:
        case "datetime":
            return bool(datetime.strptime(text, field.get("format", "%Y-%m-%dT%H:%M:%SZ")))
        case "integer" | "number":
            return isinstance(float(text), float)
        case "boolean":
            return text in ("true", "false")
        case "array" | "object" as kind:
            return isinstance(json.loads(text), list if kind == "array" else dict)
        case _:
            return True


def test_merge_takes_rows_in_exactly_once(history: Path) -> None:
    target = history.parent / "target.csv"
    for expected in ("8 rows are new; the history has 8.", "0 rows are new; the history has 8."):
        answer = run_here("merge", history, "--history", target, cwd=history.parent)
        assert (answer.code, answer.stderr.strip()) == (0, expected)


def test_a_history_that_no_run_began_yet_is_said_to_be_empty(tmp_path: Path) -> None:
    answer = run_here("sql", "select count(*) as n from commits", "--format", "csv", cwd=tmp_path)
    assert (answer.code, answer.stdout) == (0, "n\n0\n")
    assert answer.is_one_line()
    assert "commitHistory.csv: there is no history yet, so this is about an empty one" in answer.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        ["sql"],
        ["sql", "select 1"],
        ["explain"],
        ["export", "out.csv"],
        ["backtest", "--metric", "acc"],
        ["accept", "sha1"],
    ],
    ids=" ".join,
)
def test_a_path_that_is_mistyped_is_no_empty_history(history: Path, command: list[str]) -> None:
    (history.parent / "report-config.yml").write_text("version: 3\nreport: {highlight_metric: acc}\n")
    before = sorted(history.parent.iterdir())
    answer = run_here(*command, "--history", "histroy.csv", cwd=history.parent)
    assert (answer.code, answer.stdout) == (2, "")
    assert answer.stderr == (
        "devops-mlops-report: histroy.csv: there is no history, wanted the path of a CSV, or the URL of a gist "
        "or a branch with one\n"
    )
    assert sorted(history.parent.iterdir()) == before


def test_a_history_of_which_only_the_archive_is_left_is_there(history: Path) -> None:
    history.rename(history.with_name("h.archive.csv"))
    query = "select count(*) as n from commits"
    answer = run_here("sql", query, "--history", "h.csv", "--format", "csv", cwd=history.parent)
    assert (answer.code, answer.stdout, answer.stderr) == (0, "n\n8\n", "")


def test_an_interruption_that_the_database_tells_is_one_all_the_same(
    history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while DuckDB works for the main thread: it raises a RuntimeError of these words."""

    def interrupted(*arguments: object) -> None:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr("devops_mlops_report.history.database.read_by", interrupted)
    answer = run_here("sql", "select 1", "--history", history)
    assert (answer.code, answer.stderr) == (1, "devops-mlops-report: interrupted\n")


def test_a_query_is_interrupted_from_the_keyboard(history: Path) -> None:
    endless = "select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = 3"
    command = [sys.executable, "-m", "devops_mlops_report", "sql", "-", "--history", str(history)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts what is in the background with SIGINT ignored, and that is handed on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        # More than a pipe holds: once it is written, the command has started and reads its query.
        process.stdin.write(f"-- {'x' * 2**20}\n{endless}")  # type: ignore[union-attr]
        process.stdin.close()  # type: ignore[union-attr]
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()  # type: ignore[union-attr]
    assert (process.returncode, said.lstrip()) == (1, "devops-mlops-report: interrupted\n")
