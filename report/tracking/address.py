"""Which tracking store a run uses, and with whose credentials."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from ..config import Config

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Credentials:
    """What authenticates us at one host; never printed."""

    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    @property
    def header(self) -> str | None:
        """The `Authorization` header; basic authentication goes before a token, as with MLflow's client."""
        if self.username is not None and self.password is not None:
            pair = f"{self.username}:{self.password}".encode()
            return f"Basic {base64.b64encode(pair).decode()}"
        return f"Bearer {self.token}" if self.token else None

    @property
    def variables(self) -> dict[str, str]:
        """The same for a child process that uses MLflow."""
        found = {
            "MLFLOW_TRACKING_USERNAME": self.username,
            "MLFLOW_TRACKING_PASSWORD": self.password,
            "MLFLOW_TRACKING_TOKEN": self.token,
        }
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True)
class TrackingAddress:
    """Where trainings are tracked."""

    url: str | None = None
    """The server's base, without credentials; None where it is not a server."""
    credentials: Credentials = Credentials()
    stores: tuple[Path, ...] = ()
    """Local stores: SQLite files and `mlruns` folders, those that may be there."""
    uri: str | None = None
    """The URI for MLflow's own client, here or in a child process: its credentials are the environment's."""
    notices: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """The server's name, for messages."""
        return urlsplit(self.url or "").netloc


def find_address(
    config: Config, environment: Mapping[str, str], root: Path, *, is_trusted: bool = True
) -> TrackingAddress:
    """The config's `tracking_uri`, else MLFLOW_TRACKING_URI, else the local stores of the work directory.

    DAGSHUB_TOKEN goes only to the server named there, and over https or loopback alone. A commit that is not
    trusted (a fork's) gets no credentials, as its config decides where they would be sent.
    """
    uri = config.mlflow.tracking_uri or environment.get("MLFLOW_TRACKING_URI", "").strip()
    folders = tuple(dict.fromkeys((root / config.project.workdir, root)))
    if not uri:
        stores = tuple(folder / name for folder in folders for name in ("mlflow.db", "mlruns"))
        return TrackingAddress(stores=stores)
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https") and parts.hostname:
        host = parts.netloc.rpartition("@")[2]
        url = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
        is_safe = parts.scheme == "https" or parts.hostname in _LOOPBACK
        credentials = _credentials(parts.username, parts.password, environment, is_safe=is_safe)
        return TrackingAddress(url, credentials if is_trusted else Credentials(), uri=url)
    store = _local(uri, parts.scheme, folders[0])
    if store is None:
        notice = (
            f"Runs tracked by `{parts.scheme}:` can't be read here: wanted http, https, sqlite or a folder."
        )
        return TrackingAddress(uri=uri, notices=(notice,))
    child = f"sqlite:///{store.resolve()}" if store.suffix == ".db" or parts.scheme == "sqlite" else None
    return TrackingAddress(stores=(store,), uri=child or store.resolve().as_uri())


def _local(uri: str, scheme: str, folder: Path) -> Path | None:
    if scheme == "sqlite" and uri.startswith("sqlite:///"):
        return folder / uri.removeprefix("sqlite:///").partition("?")[0]
    if scheme == "file":
        text = uri.removeprefix("file:")
        return folder / unquote(text.removeprefix("//") if text.startswith("//") else text)
    return folder / uri if not scheme else None


def _credentials(
    username: str | None, password: str | None, environment: Mapping[str, str], *, is_safe: bool
) -> Credentials:
    def get(name: str) -> str | None:
        return environment.get(name, "").strip() or None

    dagshub = get("DAGSHUB_TOKEN") if is_safe else None
    token = get("MLFLOW_TRACKING_TOKEN")
    username = unquote(username) if username else get("MLFLOW_TRACKING_USERNAME")
    password = unquote(password) if password else get("MLFLOW_TRACKING_PASSWORD")
    if dagshub and password is None and token is None:
        # DagsHub takes a token in place of the password, and in place of the user's name as well.
        username, password = username or dagshub, dagshub
    return Credentials(username, password, token)
