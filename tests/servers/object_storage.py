"""Object storage on loopback: moto's own server, with one bucket."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "history-of-all"
KEY_ID = "AKIAFORTESTSALONE"
SECRET = "a-secret-key-for-tests-alone"


@dataclass(frozen=True)
class ObjectStorage:
    """A server that is running."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """What a client of it has in its environment."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self):  # noqa: ANN201 - boto3 has no types
        """AWS's own client, to look at what is there."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )

    def object_keys(self) -> list[str]:
        """Of all objects, without the marks of folders."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        found = [each["Key"] for page in pages for each in page.get("Contents", ())]
        return sorted(key for key in found if not key.endswith("/"))


@contextmanager
def object_storage() -> Iterator[ObjectStorage]:
    """A server with an empty bucket, stopped at the end."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        storage = ObjectStorage(f"http://{host}:{port}")
        storage.client().create_bucket(Bucket=BUCKET)
        yield storage
    finally:
        server.stop()
