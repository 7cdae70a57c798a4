"""Where the CSV lives: a local file, or a gist."""

from .file import FileLocation
from .gist import GistLocation
from .gist_url import GistUrl
from .location import Location, Receipt, UnknownLocation
from .patience import Patience

__all__ = ["FileLocation", "GistLocation", "GistUrl", "Location", "Patience", "Receipt", "UnknownLocation"]
