"""Where trainings are tracked, and with whose credentials."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from ...history.late_dataclass import dataclass
from ..config import Config
from ..config.messages import without_url_credential

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SQLITE_FILE = re.compile(r"^sqlite(\+\w+)?:///")
# Names that MLflow takes for a service, although they have no scheme.
_SERVICES = ("databricks", "databricks-uc", "uc")


@dataclass(frozen=True)
class Credentials:
    """What authenticates us at one host; never printed."""

    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

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
class LocalStore:
    """A store of this machine: a SQLite file or an `mlruns` folder, which may be there."""

    path: Path
    uri: str


@dataclass(frozen=True)
class TrackingAddress:
    """Where trainings are tracked."""

    uri: str | None = field(default=None, repr=False)
    """The URI for MLflow, here or in a training; credentials come by the environment. None where nothing names one."""
    url: str | None = None
    """The server's base, without credentials; None where it is not a server of MLflow's own."""
    credentials: Credentials = Credentials()
    stores: tuple[LocalStore, ...] = ()
    """Where nothing but local stores can be meant: those."""
    problem: str | None = None
    """Why this can't be asked, as a sentence's end."""

    @property
    def secret_variables(self) -> dict[str, str]:
        """Everything of it that must not be shown, as the variables of an environment would hold it."""
        return {**self.credentials.variables, "MLFLOW_TRACKING_URI": self.uri or ""}

    @property
    def is_remote(self) -> bool:
        """Whether it is more than files of this machine: a server, a database, a service, whatever MLflow knows."""
        return self.uri is not None and not self.stores

    @property
    def uris(self) -> list[str]:
        """What is asked: the one that is named, or the local stores that are there."""
        if self.is_remote:
            return [self.uri] if self.uri else []
        return [store.uri for store in self.stores if store.path.exists()]

    def shown(self, uri: str) -> str:
        """A store of this address as it may be printed."""
        if self.url is not None:
            return f"the MLflow server {self.url}"
        store = next((each for each in self.stores if each.uri == uri), None)
        return f"the MLflow store {store.path if store else without_url_credential(uri).partition('?')[0]}"


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
        names = ("mlflow.db", "mlruns")
        return TrackingAddress(stores=tuple(_store(folder / name) for folder in folders for name in names))
    try:
        parts = urlsplit(uri)
        is_server = parts.scheme in ("http", "https")
        if is_server and not parts.hostname:
            raise ValueError("it names no host")
        _ = parts.port
    except ValueError as error:
        return TrackingAddress(uri=uri, problem=f"the tracking URI can't be used: {error}")
    if is_server:
        host = parts.netloc.rpartition("@")[2]
        url = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
        is_safe = parts.scheme == "https" or parts.hostname in _LOOPBACK
        credentials = _credentials(parts.username, parts.password, environment, is_safe=is_safe)
        return TrackingAddress(url, url, credentials if is_trusted else Credentials())
    store = _local(uri, parts.scheme, folders[0])
    if store is not None:
        return TrackingAddress(store.uri, stores=(store,))
    if not is_trusted and parts.password:
        return TrackingAddress(uri=uri, problem="its password is not for a commit that comes from a fork")
    credentials = _credentials(None, None, environment, is_safe=False)
    return TrackingAddress(uri, credentials=credentials if is_trusted else Credentials())


def _local(uri: str, scheme: str, folder: Path) -> LocalStore | None:
    """The store of a URI that is a path; None for any other, which is MLflow's to understand."""
    if _SQLITE_FILE.match(uri):
        return _store(folder / _SQLITE_FILE.sub("", uri).partition("?")[0], is_database=True)
    if scheme == "file":
        text = uri.removeprefix("file:")
        return _store(folder / unquote(text.removeprefix("//") if text.startswith("//") else text))
    return _store(folder / uri) if not scheme and uri not in _SERVICES else None


def _store(path: Path, *, is_database: bool = False) -> LocalStore:
    path = Path(os.path.abspath(path))  # noqa: PTH100 - `..` goes, links stay as they are named
    if is_database or path.suffix == ".db":
        return LocalStore(path, f"sqlite:///{path}")
    return LocalStore(path, path.as_uri())


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
