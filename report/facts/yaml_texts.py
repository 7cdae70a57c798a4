"""YAML that is not ours: an `MLproject`, what DVC writes."""

from __future__ import annotations

import yaml

from ..config.document import count_nodes
from ..errors import shortened

BYTES_AT_MOST = 5_000_000
NODES_AT_MOST = 100_000
"""Keys and values, with anchors written out: a few lines of anchors can stand for more than any memory holds."""


class UnreadableYamlError(Exception):
    """A text that is no YAML of a size that can be read; what it says is the end of a sentence."""


def load_yaml(text: str) -> object:
    """The values of a YAML text: text, numbers, booleans, times, None, lists, mappings, none within itself.

    Raises `UnreadableYamlError`. Never loads anything that a tag names.
    """
    try:
        # The loader in C ends the whole process where a text is nested deeply.
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        if count_nodes(node, NODES_AT_MOST) > NODES_AT_MOST:
            raise UnreadableYamlError(f"holds more than {NODES_AT_MOST:,} values, with anchors written out")
        return loader.construct_document(node)
    except (yaml.YAMLError, ValueError, LookupError, TypeError, OverflowError) as error:
        raise UnreadableYamlError(shortened(error, 200)) from error
    except RecursionError as error:
        raise UnreadableYamlError("is nested too deeply") from error
