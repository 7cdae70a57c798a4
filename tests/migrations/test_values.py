"""How the values of the older layouts are read: times, params, metrics, durations."""

import csv
import io
import json

import pytest
from devops_mlops_report.history import History, Settings, open_history

LAYOUT_8 = {
    "timestamp_local": "2026-01-02 03:04:05",
    "branch": "main",
    "author": "Ada",
    "commit_sha": "a1",
    "commit_message": "Train",
    "workflow_status": "success",
    "mlflow_project_detected": "Yes",
    "is_trained": "true",
    "mlflow_run_id": "r1",
    "duration": "",
    "mlflow_params_kv": "",
    "mlflow_metrics_kv": "",
    "cause": "Data",
}
LAYOUT_5 = {
    **{("timestamp_toronto" if name == "timestamp_local" else name): cell for name, cell in LAYOUT_8.items()},
    **dict.fromkeys(("changed_files_count", "script_path", "data_paths", "script_hit", "data_hit"), ""),
    "duration_min": "",
}
del LAYOUT_5["duration"]
PLUGIN = {"Timestamp (Toronto)": "2026-01-02 03:04:05", "commit_id": "a1", "trained_model": "Yes"}


def store(cells: dict[str, str], timezone: str = "UTC") -> History:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([cells.keys(), cells.values()])
    return open_history(text.getvalue(), Settings(timezone=timezone))


def rows(history: History, query: str) -> list[tuple[object, ...]]:
    """The answer to a query over the tables alone: no view is made for it."""
    return history.connection.execute(query).fetchall()


def lifted(column: str, cells: dict[str, str], timezone: str = "UTC") -> object:
    """The value of one column of the one row."""
    history = store(cells, timezone)
    assert history.rejected == ()
    return rows(history, f"select {column}::varchar from commits")[0][0]  # noqa: S608


@pytest.mark.parametrize(
    ("local", "zone", "utc"),
    [
        ("2026-01-02 03:04:05", "UTC", "2026-01-02 03:04:05"),
        ("2026-01-02 03:04:05", "America/Toronto", "2026-01-02 08:04:05"),
        ("2026-07-02 03:04:05", "America/Toronto", "2026-07-02 07:04:05"),
        ("2026-01-02 03:04:05", "Asia/Kolkata", "2026-01-01 21:34:05"),
        # Spring leaves out 02:00 to 03:00; autumn has 01:00 to 02:00 twice, and the second one is taken.
        ("2026-03-08 02:30:00", "America/Toronto", "2026-03-08 07:30:00"),
        ("2026-03-29 02:30:00", "Europe/Berlin", "2026-03-29 01:30:00"),
        ("2026-11-01 01:30:00", "America/Toronto", "2026-11-01 06:30:00"),
        ("2026-10-25 02:30:00", "Europe/Berlin", "2026-10-25 01:30:00"),
        # Edited by hand.
        ("2026-01-02", "America/Toronto", "2026-01-02 05:00:00"),
        (" 2026-01-02T03:04 ", "America/Toronto", "2026-01-02 08:04:00"),
        ("2026-01-02T03:04:05Z", "America/Toronto", "2026-01-02 03:04:05"),
        ("2026-01-02 03:04:05+02:00", "America/Toronto", "2026-01-02 01:04:05"),
        ("2026-01-02 03:04:05 UTC", "America/Toronto", "2026-01-02 03:04:05"),
        ("", "America/Toronto", None),
    ],
)
def test_a_local_time_is_in_the_zone_of_the_config(local: str, zone: str, utc: str | None) -> None:
    assert lifted("recorded_at", LAYOUT_8 | {"timestamp_local": local}, zone) == utc


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Toronto"])
@pytest.mark.parametrize(
    ("cells", "column"), [(LAYOUT_5, "timestamp_toronto"), (PLUGIN, "Timestamp (Toronto)")]
)
def test_a_time_of_toronto_is_torontos_whatever_the_zone(
    cells: dict[str, str], column: str, zone: str
) -> None:
    assert lifted("recorded_at", cells | {column: "2026-07-02 03:04:05"}, zone) == "2026-07-02 07:04:05"


@pytest.mark.parametrize(
    ("pairs", "params"),
    [
        ("", None),
        ("  ", None),
        ("a=1", {"a": "1"}),
        ("a=1; b=2", {"a": "1", "b": "2"}),
        ("layers=64;32; lr=0.1", {"layers": "64;32", "lr": "0.1"}),
        ("layers=64; 32; lr=0.1", {"layers": "64; 32", "lr": "0.1"}),
        ("note=x; y; opt=a=b", {"note": "x; y", "opt": "a=b"}),
        ("note=x; a=y; opt=1", {"note": "x; a=y", "opt": "1"}),  # Keys are sorted: `a` can't follow `note`.
        ("note=line\nbreak; z=1", {"note": "line\nbreak", "z": "1"}),
        ("a=; b=2", {"a": "", "b": "2"}),
        ("a=1;", {"a": "1;"}),
        ("a=1; a=2", {"a": "1; a=2"}),
        ("B=1; _c=2; a=3; ü=4", {"B": "1", "_c": "2", "a": "3", "ü": "4"}),
        ('say "hi"=\\n; x/y.z=1', {'say "hi"': "\\n", "x/y.z": "1"}),
        ("no pair", {"no pair": ""}),
        ("p=0.10; q=NaN; r=null", {"p": "0.10", "q": "NaN", "r": "null"}),
    ],
)
def test_pairs_become_params(pairs: str, params: dict[str, str] | None) -> None:
    found = lifted("params", LAYOUT_8 | {"mlflow_params_kv": pairs})
    assert (None if found is None else json.loads(str(found))) == params


@pytest.mark.parametrize(
    ("pairs", "metrics"),
    [
        ("", None),
        ("acc=0.5; loss=1", {"acc": 0.5, "loss": 1}),
        ("acc=0.8731000000000001; n=12345678", {"acc": 0.8731000000000001, "n": 12345678}),
        ("a=1e-05; b=-2.5E3; c=1E+2", {"a": 1e-05, "b": -2500.0, "c": 100.0}),
        ("a=nan; b=NaN; c=inf; d=-inf", {"a": "NaN", "b": "NaN", "c": "Infinity", "d": "-Infinity"}),
        ("a=1e999", {"a": "Infinity"}),
        ("a=; b= ", {"a": None, "b": None}),
        ("a=high; b=0x10; c=None; d=1,5", {"a": "high", "b": "0x10", "c": "None", "d": "1,5"}),
        ("a=+1; b=01; c=.5; d=5.; e= 7 ", {"a": 1, "b": 1, "c": 0.5, "d": 5, "e": 7}),
    ],
)
def test_pairs_become_metrics(pairs: str, metrics: dict[str, object] | None) -> None:
    found = lifted("metrics", LAYOUT_8 | {"mlflow_metrics_kv": pairs})
    assert (None if found is None else json.loads(str(found))) == metrics


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        *[("", None), ("0s", 0), ("12s", 12), ("3m 12s", 192), ("3m", 180), ("75m 0s", 4500)],
        *[("1h 3m 12s", 3792), ("12.5s", 12.5), (" 3m12s ", 192), ("12", 12)],
    ],
)
def test_a_duration_becomes_seconds(duration: str, seconds: float | None) -> None:
    found = lifted("training_seconds", LAYOUT_8 | {"duration": duration})
    assert (None if found is None else float(str(found))) == seconds


@pytest.mark.parametrize(("minutes", "seconds"), [("", None), ("0", 0), ("3.2", 192), ("0.0033", 0.198)])
def test_minutes_become_seconds(minutes: str, seconds: float | None) -> None:
    found = lifted("training_seconds", LAYOUT_5 | {"duration_min": minutes})
    assert (None if found is None else float(str(found))) == seconds


@pytest.mark.parametrize(
    ("cells", "seconds"),
    [
        ({"train_min": "3.2"}, 192),
        ({"training_duration": "3m 12s"}, 192),
        ({"training_duration": "42.5"}, None),  # Nobody knows of what.
        ({"training_duration": "soon"}, None),
        ({"train_min": "1", "training_duration": "99s"}, 60),
    ],
)
def test_the_plugins_durations_are_read_where_their_unit_is_known(
    cells: dict[str, str], seconds: float | None
) -> None:
    history = store(PLUGIN | cells)
    assert history.rejected == ()
    assert rows(history, "select training_seconds from commits") == [(seconds,)]
    if "training_duration" in cells:
        assert rows(history, "select training_duration from commits") == [(cells["training_duration"],)]


@pytest.mark.parametrize(
    ("is_trained", "project", "training"),
    [
        ("true", "Yes", "trained"),
        ("True", "No", "trained"),
        ("false", "Yes", "skipped"),
        ("false", "No", "none"),
        ("false", "", "none"),
        ("", "Yes", None),
        ("perhaps", "Yes", "perhaps"),
    ],
)
def test_what_was_trained_is_told_in_words(is_trained: str, project: str, training: str | None) -> None:
    cells = LAYOUT_8 | {"is_trained": is_trained, "mlflow_project_detected": project}
    assert lifted("training", cells) == training


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (LAYOUT_8 | {"timestamp_local": "yesterday"}, 'recorded_at: found "yesterday"'),
        (LAYOUT_8 | {"timestamp_local": "2026-02-30 10:00:00"}, 'recorded_at: found "2026-02-30 10:00:00"'),
        (LAYOUT_8 | {"timestamp_local": "01/02/2026 10:00"}, 'recorded_at: found "01/02/2026 10:00"'),
        (LAYOUT_8 | {"duration": "a while"}, 'training_seconds: found "a while", wanted a number'),
        (LAYOUT_8 | {"duration": "1.5m"}, 'training_seconds: found "1.5m", wanted a number'),
        (LAYOUT_5 | {"duration_min": "long"}, 'training_seconds: found "long", wanted a number'),
        (LAYOUT_8 | {"mlflow_project_detected": "perhaps"}, 'mlflow_project_detected: found "perhaps"'),
        (PLUGIN | {"train_min": "long"}, 'training_seconds: found "long", wanted a number'),
    ],
)
def test_a_row_with_an_unreadable_value_is_set_aside_and_kept(cells: dict[str, str], reason: str) -> None:
    cells = cells | {"reviewer": 'says "no", twice'}
    history = store(cells)
    assert history.count_rows == 0
    (rejected,) = history.rejected
    assert reason in str(rejected.reason)
    assert rows(history, "select line, reason from rejected_rows") == [(2, rejected.reason)]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(cells.values())
    assert rejected.raw == text.getvalue().rstrip("\n").encode()
    written = history.to_csv()
    assert written.endswith(b"\n" + rejected.raw + b"\n")
    again = open_history(written)
    assert [row.raw for row in again.rejected] == [rejected.raw]
    assert again.to_csv() == written


def test_a_readable_row_stays_beside_an_unreadable_one() -> None:
    text = io.StringIO(newline="")
    given = [
        LAYOUT_8,
        LAYOUT_8 | {"duration": "a while", "commit_sha": "b2"},
        LAYOUT_8 | {"commit_sha": "c3"},
    ]
    csv.writer(text, lineterminator="\n").writerows([LAYOUT_8.keys(), *(row.values() for row in given)])
    history = open_history(text.getvalue() + "a cut last li")
    assert rows(history, "select commit_sha from commits order by 1") == [("a1",), ("c3",)]
    assert [row.line for row in history.rejected] == [3, 5]
    assert history.rejected[1].raw == b"a cut last li"
