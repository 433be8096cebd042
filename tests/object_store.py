"""An object store on this machine: moto's server in a process of its own, spoken to over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from comity.adapters.s3_bucket import S3Bucket
from comity.adapters.s3_place import S3Place, parse_place
from tests.cli.running import free_port

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "NO_PROXY": "127.0.0.1",
}
UNSET = (
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A store that runs, and what its owner does with it."""

    endpoint: str
    owner: Any

    def make(self, prefix: str = "node", *, public: bool = False) -> S3Place:
        """A place in a bucket of its own; ``public`` lets anyone read what is in it."""
        bucket = f"comity-{uuid.uuid4().hex}"
        self.owner.create_bucket(Bucket=bucket)
        if public:
            anyone = {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{bucket}/*",
            }
            policy = json.dumps({"Version": "2012-10-17", "Statement": [anyone]})
            self.owner.put_bucket_policy(Bucket=bucket, Policy=policy)
        return parse_place(f"{bucket}/{prefix}", self.endpoint)

    def names(self, place: S3Place) -> list[str]:
        """All objects of a place, by their names below its prefix."""
        found = self.owner.list_objects_v2(Bucket=place.bucket, Prefix=place.prefix).get("Contents", ())
        return sorted(one["Key"].removeprefix(place.prefix) for one in found)

    def begun(self, place: S3Place) -> list[str]:
        """Uploads in parts that are neither finished nor called off."""
        found = self.owner.list_multipart_uploads(Bucket=place.bucket).get("Uploads", ())
        return sorted(one["Key"] for one in found)

    def load(self, place: S3Place, name: str) -> bytes:
        """An object as it is stored."""
        got = self.owner.get_object(Bucket=place.bucket, Key=place.prefix + name)
        raw: bytes = got["Body"].read()
        return raw

    def save(self, place: S3Place, name: str, data: bytes) -> None:
        """Put an object there behind everyone's back."""
        self.owner.put_object(Bucket=place.bucket, Key=place.prefix + name, Body=data)

    def url(self, place: S3Place, name: str) -> str:
        """The address at which anyone may ask for an object."""
        return f"{self.endpoint}/{place.bucket}/{place.prefix}{name}"


def bucket_of(place: S3Place, timeout: float = 20.0) -> S3Bucket:
    """The adapter's own way to a place."""
    return S3Bucket(place, timeout=timeout)


def use_credentials(patch: pytest.MonkeyPatch, given: Mapping[str, str] = CREDENTIALS) -> None:
    """Set the environment that boto3 looks into, and nothing else of this machine's."""
    for name in UNSET + tuple(CREDENTIALS):
        patch.delenv(name, raising=False)
    for name, value in given.items():
        patch.setenv(name, value)


@contextmanager
def run_store(log: Path) -> Iterator[Store]:
    """A store for as long as it is entered."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, **CREDENTIALS},
        )
    try:
        _wait(process, endpoint, log)
        owner = boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="owner",
            aws_secret_access_key="owner",
            # A store that is stuck is a failure soon, and no run that hangs.
            config=Config(connect_timeout=10, read_timeout=60, retries={"total_max_attempts": 2}),
        )
        yield Store(endpoint=endpoint, owner=owner)
        owner.close()
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{endpoint}/moto-api/", timeout=5).close()
            return
        time.sleep(0.1)
    pytest.fail(f"the store did not start:\n{log.read_text(errors='replace')}")
