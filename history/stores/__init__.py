"""Where the CSV lives: a local file, a gist, or a branch of a repository."""

from .branch import BranchAddress, BranchLocation, is_branch_url
from .file import FileLocation
from .gist import GistLocation
from .gist_url import GistUrl
from .host_address import is_url
from .location import Location, Receipt, UnknownLocation
from .patience import Patience

__all__ = [
    "BranchAddress",
    "BranchLocation",
    "FileLocation",
    "GistLocation",
    "GistUrl",
    "Location",
    "Patience",
    "Receipt",
    "UnknownLocation",
    "is_branch_url",
    "is_url",
]
