"""One DevOps + MLOps report for every commit, from a CSV history that you own.

>>> from devops_mlops_report import open_history
>>> open_history("commitHistory.csv").sql("select * from deltas").df()  # doctest: +SKIP
"""

from .history import AcceptedChange, History, MetricRule, Settings, open_history

__version__ = "0.1.0"

__all__ = ["AcceptedChange", "History", "MetricRule", "Settings", "__version__", "open_history"]
