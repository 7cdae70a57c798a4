"""One DevOps + MLOps report for every commit, from a CSV history that you own.

>>> from devops_mlops_report import open_history
>>> open_history("commitHistory.csv").sql("select * from deltas").df()  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .history import (
        ANSWERS,
        AcceptedChange,
        History,
        HistoryError,
        MetricRule,
        QueryError,
        Settings,
        answers,
    )
    from .report.scripts import open_history

__version__ = "0.1.0"

__all__ = [
    "ANSWERS",
    "AcceptedChange",
    "History",
    "HistoryError",
    "MetricRule",
    "QueryError",
    "Settings",
    "__version__",
    "answers",
    "open_history",
]


def __getattr__(name: str) -> Any:
    """Load the store, and with it the database, when a script asks for it: `devops-mlops-report --help` does not."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".report.scripts" if name == "open_history" else ".history", __name__), name)
