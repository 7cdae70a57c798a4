"""XML files, whoever wrote them: streamed, bounded, without entities."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat  # the handlers below refuse every entity

from ...history.errors import UnusableFileError
from ...history.regular_files import open_regular
from ..errors import ReportError

SIZE_LIMIT_BYTES = 50_000_000
_CHUNK_BYTES = 1 << 20


class UnreadableXmlError(ReportError):
    """A file is missing, too large, not XML, or declares entities; the text is one line naming the file."""


def read_xml(
    path: Path,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Call `start(tag, attributes)` and `end(tag)` for the elements of `path` in order, tags unprefixed.

    `text` gets what stands between tags, in pieces.

    A document type that only names an external DTD is let through (Cobertura's own writers add one; expat
    never fetches it); an internal subset or an entity declaration is refused, as those are what entity bombs
    and external entities are made of. Raises `UnreadableXmlError`, maybe after a part was handed on.
    """
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: start(tag.rpartition(":")[2], attributes)
    if end is not None:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = lambda _name, _system, _public, subset: _refuse_subset(
        path, bool(subset)
    )
    parser.EntityDeclHandler = lambda *_declaration: _refuse_subset(path, True)
    try:
        _feed(parser, path)
    except expat.ExpatError as error:
        where = f"line {error.lineno}, column {error.offset + 1}"
        raise UnreadableXmlError(
            f"{path}: not valid XML at {where} ({expat.ErrorString(error.code)})"
        ) from error
    except UnusableFileError as error:
        raise UnreadableXmlError(f"{path}: {error}") from error
    except OSError as error:
        raise UnreadableXmlError(f"{path}: can't be read ({error.strerror})") from error
    except (ValueError, LookupError) as error:  # an encoding that expat or Python does not have
        raise UnreadableXmlError(f"{path}: not XML that can be decoded ({error})") from error


def _feed(parser: expat.XMLParserType, path: Path) -> None:
    size = 0
    with open_regular(path) as file:
        while chunk := file.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > SIZE_LIMIT_BYTES:
                raise UnreadableXmlError(f"{path}: is larger than {SIZE_LIMIT_BYTES:,} bytes")
            parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _refuse_subset(path: Path, is_declared: bool) -> None:
    if is_declared:
        raise UnreadableXmlError(f"{path}: its DOCTYPE declares entities or elements, which is refused")
