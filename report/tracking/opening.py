"""The server of an address, with the config's limits."""

from __future__ import annotations

from ..config import MlflowSection
from .address import TrackingAddress
from .rest import Rest
from .server import TrackingServer


def open_server(address: TrackingAddress, limits: MlflowSection) -> TrackingServer | None:
    """The server, not yet connected to; None for an address that is none."""
    if address.url is None:
        return None
    return TrackingServer(
        Rest(
            address.url,
            address.credentials.header,
            timeout_seconds=limits.timeout_seconds,
            total_seconds=limits.total_seconds,
        )
    )
