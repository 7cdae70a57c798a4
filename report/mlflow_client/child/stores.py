"""The stores that are asked, and searches that go on to their end."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from .failures import RefusedError
from .importing import mlflow_version

_PAGE = 200
_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")

_clients: dict[str, Any] = {}


def client_of(uri: str) -> Any:
    """MLflow's client of a store, made once."""
    if uri not in _clients:
        import mlflow

        if urlsplit(uri).scheme.split("+")[0] in _DATABASES:
            _check_database(uri)
        # What MLflow asks elsewhere, artifact stores among it, goes by the global one.
        mlflow.set_tracking_uri(uri)
        _clients[uri] = mlflow.MlflowClient(tracking_uri=uri)
    return _clients[uri]


def _check_database(uri: str) -> None:
    """MLflow makes the tables of a database that lacks some, and lifts an older schema: not for a look of ours."""
    lacking = [name for name in ("sqlalchemy", "alembic") if importlib.util.find_spec(name) is None]
    if lacking:
        raise RefusedError("lacks", " and ".join(lacking))
    import sqlalchemy
    from mlflow.store.db import utils

    engine = sqlalchemy.create_engine(uri)
    try:
        tables = sqlalchemy.inspect(engine).get_table_names()
        if not tables and not uri.startswith("sqlite"):
            return
        if "alembic_version" not in tables:
            raise RefusedError("failed", "it has no tables of MLflow's")
        with engine.connect() as connection:
            found = connection.execute(sqlalchemy.text("select version_num from alembic_version")).scalar()
        wanted = utils._get_latest_schema_revision()  # type: ignore[no-untyped-call]
        if found != wanted:
            words = (
                f"it was written by another MLflow than {mlflow_version()} (schema {found}, wanted {wanted})"
            )
            raise RefusedError("schema", words)
    finally:
        engine.dispose()


def folder_of(uri: str) -> Path | None:
    """The folder of a file store; None for any other."""
    return Path(unquote(urlsplit(uri).path)) if uri.startswith("file:") else None


def pages(ask: Callable[..., Any], key: Callable[[Any], Any]) -> Iterator[Any]:
    """Everything that a search gives, page by page; a server that repeats itself is not asked on."""
    token: str | None = None
    seen: set[Any] = set()
    while True:
        page = ask(max_results=_PAGE, page_token=token)
        new = {key(each): each for each in page if key(each) not in seen}
        seen.update(new)
        yield from new.values()
        token = getattr(page, "token", None)
        if not token or not new:
            return
