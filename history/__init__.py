"""The store: a history's CSV, loaded into DuckDB, asked, appended to, merged and written back."""

from .answering import ANSWERS, answers
from .errors import (
    CsvError,
    HistoryError,
    LayoutError,
    LocationError,
    QueryError,
    ReadOnlyError,
    SettingsError,
    UnreachableError,
)
from .opening import open_history
from .settings import AcceptedChange, MetricRule, Settings
from .store import History

__all__ = [
    "ANSWERS",
    "AcceptedChange",
    "CsvError",
    "History",
    "HistoryError",
    "LayoutError",
    "LocationError",
    "MetricRule",
    "QueryError",
    "ReadOnlyError",
    "Settings",
    "SettingsError",
    "UnreachableError",
    "answers",
    "open_history",
]
