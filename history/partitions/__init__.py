"""A history as Parquet, partitioned by repository: appended to by many at once, compacted, read as one."""

from .appending import Appended, append_history
from .compacting import Compacted, compact
from .folder import LocalFolder, PartitionedFolder, is_partitioned
from .location import PartitionedLocation
from .reading import open_partitioned

__all__ = [
    "Appended",
    "Compacted",
    "LocalFolder",
    "PartitionedFolder",
    "PartitionedLocation",
    "append_history",
    "compact",
    "is_partitioned",
    "open_partitioned",
]
