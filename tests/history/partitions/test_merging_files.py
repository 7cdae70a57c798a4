"""A partitioned history is what merging the CSVs gives that were exported to it, whatever was done in between."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from csv_samples import examples, histories
from devops_mlops_report.history import History, open_history
from devops_mlops_report.history.partitions import LocalFolder, append_history, compact, open_partitioned
from hypothesis import given
from hypothesis import strategies as st


def _all_of(history: History) -> object:
    """Each row of the CSV as the texts of its filled cells, as often as it is there; and what can't be read."""
    rows, header = history.as_text()
    cells = Counter(
        frozenset((name, text) for name, text in zip(header, row, strict=True) if text is not None)
        for row in history.connection.execute(rows).fetchall()
    )
    unreadable = Counter((record.header, record.raw, record.reason) for record in history.rejected)
    typed = Counter(
        frozenset((name, repr(value)) for name, value in row.items() if value is not None)
        for row in history.rows("from commits")
    )
    return cells, unreadable, typed


def _merged(parts: Sequence[bytes]) -> History:
    merged = open_history(b"")
    for part in parts:
        merged.merge(part)
    return merged


@given(st.lists(histories(), min_size=1, max_size=3), st.lists(st.booleans(), min_size=3, max_size=3))
@examples(12)
def test_folder_reads_as_the_merge_of_what_was_exported_to_it(
    parts: list[bytes], compactions: list[bool]
) -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = LocalFolder(Path(root))
        for part, is_compacted in zip(parts, compactions, strict=False):
            with open_history(part) as history:
                append_history(history, folder)
            if is_compacted:
                compact(folder)
        with open_partitioned(folder) as found, _merged(parts) as wanted:
            assert _all_of(found) == _all_of(wanted)


@given(histories(), histories())
@examples(8)
def test_history_that_grew_adds_what_is_new_and_reads_as_itself(first: bytes, second: bytes) -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = LocalFolder(Path(root))
        with open_history(first) as history:
            history.merge(b"")
            append_history(history, folder)
            history.merge(second)
            append_history(history, folder)
            wanted = _all_of(history)
            before = folder.names() + folder.unreadable()
            assert append_history(history, folder).count_new == 0
            assert folder.names() + folder.unreadable() == before
        with open_partitioned(folder) as found:
            assert _all_of(found) == wanted
