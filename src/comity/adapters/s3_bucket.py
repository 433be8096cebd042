"""A bucket of an object store (Amazon S3's API), through boto3, with Comity's errors and bounded patience.

Credentials come from where boto3 looks for them by itself (environment, profile, the machine's role) and
are never Comity's to keep. Each request is tried three times at most. Bytes sent carry Content-MD5, which
every store of this API checks; newer checksums are left out, since not every store knows them.
"""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from contextlib import suppress
from typing import Any

import boto3
from botocore import exceptions
from botocore.config import Config
from urllib3.exceptions import HTTPError

from comity.adapters.s3_place import S3Place
from comity.errors import Unavailable

MISSING, TAKEN, CONTENDED = "s3.missing", "s3.taken", "s3.contended"
"""The codes of outcomes that adapters act upon."""

TRIES = 3

# What stores and boto3 say, as the errors that it becomes; ``where`` is filled in.
_TAKEN = Unavailable("s3.taken", "", "another object has this name, or it was changed meanwhile")
_CONTENDED = Unavailable("s3.contended", "", "others write it at this moment")
_REJECTED = Unavailable("s3.credentials", "", "the store does not accept these credentials")
_ELSEWHERE = Unavailable("s3.region", "", "the bucket is in another region, or at another endpoint")
_BUSY = Unavailable("s3.busy", "", "the store asks for fewer requests, or has no time now")
_UNKNOWN = Unavailable("s3.unsupported", "", "the store does not know a request that Comity needs")
_FULL = Unavailable("s3.full", "", "the store is full or the quota used up; nothing was written")
_DENIED = Unavailable(
    "s3.denied", "", "not allowed with these credentials (telling what is missing needs s3:ListBucket)"
)
_MISSING = Unavailable("s3.missing", "", "not there")
_BY_NAME = {
    "NoSuchBucket": Unavailable("s3.bucket", "", "there is no such bucket"),
    "NoSuchKey": _MISSING,
    "404": _MISSING,  # to HEAD, whose answers have no body
    "NoSuchUpload": Unavailable("s3.upload", "", "the store has forgotten what was uploaded so far"),
    "PreconditionFailed": _TAKEN,
    "ConditionalRequestConflict": _CONTENDED,
    "OperationAborted": _CONTENDED,
    "AccessDenied": _DENIED,
    "InvalidAccessKeyId": _REJECTED,
    "SignatureDoesNotMatch": _REJECTED,
    "ExpiredToken": _REJECTED,
    "InvalidToken": _REJECTED,
    "RequestTimeTooSkewed": Unavailable("s3.clock", "", "this machine's clock is too far from the store's"),
    "AuthorizationHeaderMalformed": _ELSEWHERE,
    "PermanentRedirect": _ELSEWHERE,
    "SlowDown": _BUSY,
    "NotImplemented": _UNKNOWN,
    "QuotaExceeded": _FULL,
    "XMinioStorageFull": _FULL,
    "BadDigest": Unavailable("s3.changed", "", "the bytes were changed on their way to the store"),
}
_BY_STATUS = {
    301: _ELSEWHERE,
    307: _ELSEWHERE,
    401: _REJECTED,
    403: _DENIED,
    409: _CONTENDED,
    412: _TAKEN,
    429: _BUSY,
    501: _UNKNOWN,
    503: _BUSY,
    507: _FULL,
}
_BY_KIND: tuple[tuple[tuple[type[Exception], ...], Unavailable], ...] = (
    (
        (
            exceptions.NoCredentialsError,
            exceptions.PartialCredentialsError,
            exceptions.CredentialRetrievalError,
            exceptions.ProfileNotFound,
            exceptions.ConfigParseError,
            exceptions.SSOError,
            exceptions.LoginError,
            exceptions.TokenRetrievalError,
            exceptions.MetadataRetrievalError,
        ),
        Unavailable("s3.credentials", "", "no usable credentials in the environment or the profile"),
    ),
    (
        (exceptions.NoRegionError, exceptions.InvalidRegionError),
        Unavailable("s3.region", "", "no usable region: name it in comity.toml or in AWS_REGION"),
    ),
    ((exceptions.SSLError,), Unavailable("s3.tls", "", "no secure connection to the store")),
    (
        (exceptions.ConnectTimeoutError, exceptions.ReadTimeoutError),
        Unavailable("s3.timeout", "", "the store does not answer in time"),
    ),
    (
        (exceptions.ConnectionError, exceptions.HTTPClientError),
        Unavailable("s3.unreachable", "", "the store cannot be reached, or breaks off"),
    ),
)


def explain(error: Exception, where: str) -> Unavailable:
    """What boto3 raised in plain words, with a stable code."""
    if not isinstance(error, exceptions.ClientError):
        for kinds, known in _BY_KIND:
            if isinstance(error, kinds):
                return Unavailable(known.code, where, known.why)
        return Unavailable("s3.error", where, f"{type(error).__name__}: {_plain(str(error))}")
    said = error.response.get("Error", {})
    name = str(said.get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if found := _BY_NAME.get(name) or _BY_STATUS.get(status):
        return Unavailable(found.code, where, found.why)
    if status >= 500:
        return Unavailable("s3.failed", where, f"the store failed: {_plain(name)} ({status})")
    message = _plain(str(said.get("Message", "")))
    return Unavailable("s3.refused", where, f"the store declines: {_plain(name)} {message} ({status})")


def _plain(text: str) -> str:
    """Text of a store, fit for a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text[:200])


class S3Bucket:
    """Requests on the objects of a place. Every one raises ``Unavailable`` where the store does not do it.

    ``timeout`` is how many seconds a silent store is waited for, at each of three tries.
    """

    def __init__(self, place: S3Place, *, timeout: float = 20.0) -> None:
        self.place = place
        self.timeout = timeout
        self._lock = threading.Lock()
        self._made: Any = None

    def call(self, operation: str, key: str | None, **parameters: Any) -> Any:
        """One request of boto3's S3 client, on an object of this place (or on the bucket: None)."""
        where = self.place.name_of(key or "")
        if key is not None:
            parameters["Key"] = self.place.prefix + key
        try:
            return getattr(self._client(), operation)(Bucket=self.place.bucket, **parameters)
        except (exceptions.ClientError, exceptions.BotoCoreError) as error:
            raise explain(error, where) from None

    def put(self, key: str, data: bytes, **parameters: Any) -> str:
        """Write an object whole; its entity tag. Durable on return; readers see the old bytes or these."""
        done = self.call("put_object", key, Body=data, ContentMD5=md5_of(data), **parameters)
        return str(done["ETag"])

    def has(self, key: str) -> bool:
        """Whether an object, which is not empty, is there."""
        # Not HEAD: its answers have no body, and so do not tell a missing bucket from a missing object.
        try:
            self.call("get_object", key, Range="bytes=0-0")["Body"].close()
        except Unavailable as error:
            if error.code != MISSING:
                raise
            return False
        return True

    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._connect()
            return self._made

    def _connect(self) -> Any:
        place = self.place
        config = Config(
            connect_timeout=min(5.0, self.timeout),
            read_timeout=self.timeout,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            # What every store understands: bucket names as host names are Amazon's own.
            s3={"addressing_style": "path" if place.endpoint else "auto"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            max_pool_connections=32,
        )
        session = boto3.session.Session()
        try:
            return session.client(
                "s3", endpoint_url=place.endpoint or None, region_name=self._region(session), config=config
            )
        except ValueError as error:  # an address in the environment that is none
            raise exceptions.InvalidEndpointConfigurationError(msg=str(error)) from None

    def _region(self, session: Any) -> str | None:
        # A store of another make seldom has regions, and a signature has to name one.
        fallback = "us-east-1" if self.place.endpoint else None
        return self.place.region or session.region_name or fallback


class Reading:
    """An object read from byte ``begin`` to its end, over several connections where one breaks.

    All of them read the same bytes: those of the entity tag that the first one met.
    """

    def __init__(self, bucket: S3Bucket, key: str, begin: int = 0) -> None:
        self._bucket = bucket
        self._key = key
        self._where = bucket.place.name_of(key)
        self._raw: Any = None
        self._at = begin
        self._size = -1
        self.tag = ""
        self._connect()

    def read(self, count: int) -> bytes:
        """``count`` bytes, fewer only at the end; ``Unavailable`` where they come too slowly or stop."""
        taken = bytearray()
        failures = 0
        until = time.monotonic() + 3 * self._bucket.timeout
        while len(taken) < count and self._at < self._size:
            if self._raw is None:
                self._connect()
            try:
                piece = self._raw.read1(min(count - len(taken), self._size - self._at))
            except (HTTPError, OSError):
                piece = b""
            if not piece:
                self.close()
                failures += 1
                if failures == TRIES:
                    raise Unavailable("s3.cut", self._where, "the store stops before the end")
            taken += piece
            self._at += len(piece)
            if len(taken) < count and time.monotonic() > until:
                self.close()
                raise Unavailable("s3.slow", self._where, "the bytes come too slowly")
        if self._at >= self._size:
            self.close()
        return bytes(taken)

    def read_all(self) -> bytes:
        """Everything that is left."""
        parts = []
        while part := self.read(1 << 20):
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        """Let go of the connection."""
        raw, self._raw = self._raw, None
        if raw is not None:
            with suppress(HTTPError, OSError):
                raw.close()

    def _connect(self) -> None:
        only = {"Range": f"bytes={self._at}-"} if self._at or self.tag else {}
        if self.tag:
            only["IfMatch"] = self.tag
        got = self._bucket.call("get_object", self._key, **only)
        if not self.tag:
            self.tag, self._size = str(got["ETag"]), self._at + int(got["ContentLength"])
        # The body as a context gives the stream below it, which can be read as far as bytes have come.
        self._raw = got["Body"].__enter__()


def md5_of(data: bytes) -> str:
    """Content-MD5 (RFC 1864): against damage on the way, not against anyone."""
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
