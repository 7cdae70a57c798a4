"""What can go wrong with MLflow; the text is a sentence's end, without credentials."""

from __future__ import annotations

from ..errors import ReportError


class TrackingError(ReportError):
    """MLflow, its server or its store did not do what was asked."""


class TrackingDownError(TrackingError):
    """No usable answer in the time that there is: refused, too slow, or no MLflow to ask."""


class TrackingDeniedError(TrackingError):
    """401 or 403: the credentials are missing, wrong, or may not do this."""


class TrackingMissingError(TrackingError):
    """404: there is no such thing, or the server has no such endpoint."""

    def __init__(self, text: str, *, is_endpoint: bool) -> None:
        super().__init__(text)
        self.is_endpoint = is_endpoint


class TrackingConflictError(TrackingError):
    """It is already there."""
