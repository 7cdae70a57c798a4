"""A frozen sample of every layout that was ever written, lifted to today's, byte for byte.

`samples/<layout>.csv` is what users have in their gists; it is never edited once it is there. `<layout>.lifted.csv` is
what a run writes back. On a mismatch the actual bytes are kept in `tests/.actual/migrations/`.
"""

import csv
from pathlib import Path

import pytest
from devops_mlops_report.history import History, Settings, open_history
from devops_mlops_report.history.columns import COLUMN_NAMES
from devops_mlops_report.history.layouts import TODAY, Migration, all_migrations
from devops_mlops_report.history.sql_files import views

SAMPLES = Path(__file__).parent / "samples"
ACTUAL = Path(__file__).parents[1] / ".actual" / "migrations"
NAMES = sorted(file.stem for file in SAMPLES.glob("*.csv") if not file.stem.endswith(".lifted"))

each_sample = pytest.mark.parametrize("name", NAMES)


def lifted(name: str) -> History:
    """The sample in a store whose config names a time zone that is not Toronto's."""
    return open_history(SAMPLES / f"{name}.csv", Settings(timezone="Europe/Berlin"))


def shape_of(history: History, name: str) -> list[tuple[str, str]]:
    relation = history.sql(f'from "{name}"')
    return [(column, str(type_)) for column, type_ in zip(relation.columns, relation.types, strict=True)]


@each_sample
def test_a_sample_is_lifted_byte_for_byte(name: str) -> None:
    actual = lifted(name).to_csv()
    expected = SAMPLES / f"{name}.lifted.csv"
    if actual != expected.read_bytes():
        ACTUAL.mkdir(parents=True, exist_ok=True)
        (ACTUAL / expected.name).write_bytes(actual)
        pytest.fail(f"{name} is lifted otherwise: compare {expected} with {ACTUAL / expected.name}")


@each_sample
def test_what_was_lifted_is_todays_and_stays_as_it_is(name: str) -> None:
    once = lifted(name)
    again = open_history(once.to_csv(), Settings(timezone="Asia/Tokyo"))
    assert again.layout == TODAY
    assert again.to_csv() == once.to_csv()
    assert again.count_rows == once.count_rows
    assert [row.raw for row in again.rejected] == [row.raw for row in once.rejected]


@each_sample
def test_a_lifted_store_has_the_schema_of_a_fresh_one(name: str) -> None:
    history, fresh = lifted(name), open_history(None)
    assert shape_of(history, "commits")[: len(COLUMN_NAMES)] == shape_of(fresh, "commits")
    for view in views():
        assert shape_of(history, view.name) == shape_of(fresh, view.name)


@each_sample
def test_every_row_of_a_sample_is_there(name: str) -> None:
    history = lifted(name)
    with (SAMPLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        count = len(list(csv.reader(file))) - 1
    assert history.count_rows + len(history.rejected) == count
    assert (count == 0) == name.endswith(".empty")


@pytest.mark.parametrize("step", all_migrations(), ids=lambda step: step.name)
def test_every_layout_has_a_sample_empty_and_filled(step: Migration) -> None:
    name = step.name
    assert lifted(name).layout == name
    assert lifted(f"{name}.empty").layout == name
    assert lifted(name).count_rows > 0


def test_migrations_are_numbered_without_gaps() -> None:
    assert [step.number for step in all_migrations()] == list(range(1, len(all_migrations()) + 1))
    assert len(all_migrations()) == 10


@pytest.mark.parametrize("step", all_migrations(), ids=lambda step: step.name)
def test_every_layout_reaches_todays(step: Migration) -> None:
    reached = {migration.name: migration.to for migration in all_migrations()}
    name, seen = step.name, []
    while name != TODAY:
        assert name not in seen, f"the layouts {seen} go round in a circle"
        seen.append(name)
        name = reached[name]


def test_rows_of_another_layout_are_merged_in_todays() -> None:
    history = lifted("prototype_8")
    count = history.count_rows
    history.merge(SAMPLES / "prototype_1.csv")
    history.merge(SAMPLES / "one_report.reordered.csv")
    assert history.count_rows == count + 4 + 2
    assert open_history(history.to_csv()).to_csv() == history.to_csv()
