"""Secrets are taken out of every text that leaves the program; the one place that knows them, however they are written.

What is a secret is told by the environment: variables whose names say so, and credentials within URLs and headers.
Each is found raw, in base64 (also in the middle of `user:password`), in hexadecimal, and in texts that escape it by
percent signs, backslashes or HTML entities, once or twice over, wrapped over lines, or cut at an ellipsis. Header
values and tokens that show by their form what they are go as well, whoever's they are.
"""

from .known import without_withheld
from .redacting import HIDDEN, RedactedStream, Redaction

__all__ = ["HIDDEN", "RedactedStream", "Redaction", "without_withheld"]
