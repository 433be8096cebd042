"""Where in an object store something is kept: a bucket, a prefix, and how to reach the store."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from comity.errors import Malformed

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_REGION = re.compile(r"[a-z0-9-]{0,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Place:
    """Objects of ``bucket`` under ``prefix`` (empty, or parts joined by ``/`` and one more at its end).

    ``endpoint`` is the address of a store other than Amazon's; ``region`` and it may be empty, and are then
    what the environment or the profile says.
    """

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""

    def overlaps(self, other: S3Place) -> bool:
        """Whether objects of one could have the names of the other's."""
        if (self.endpoint, self.bucket) != (other.endpoint, other.bucket):
            return False
        return self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix)

    def name_of(self, key: str) -> str:
        """An object as errors name it."""
        return f"s3://{self.bucket}/{self.prefix}{key}"


def parse_place(text: str, endpoint: str = "", region: str = "", where: str = "s3") -> S3Place:
    """The place that ``bucket`` or ``bucket/prefix`` names.

    ``Malformed`` (``settings.s3``) where it does not name one, ``Malformed`` (``settings.endpoint``) where
    the endpoint is not an http or https address, or holds a name and password.
    """
    bucket, _, prefix = text.removeprefix("s3://").partition("/")
    if not _BUCKET.fullmatch(bucket) or ".." in bucket:
        why = f"{ascii(text)[:100]} is not bucket/prefix: a bucket has 3 to 63 of a-z, 0-9, '.' and '-'"
        raise Malformed("settings.s3", where, why)
    prefix = prefix.removesuffix("/")
    parts = prefix.split("/") if prefix else []
    if len(parts) > 8 or not all(_PART.fullmatch(part) for part in parts):
        why = f"{ascii(text)[:100]}: a prefix is plain names of letters, digits, '.', '_' and '-' between '/'"
        raise Malformed("settings.s3", where, why)
    if not _REGION.fullmatch(region):
        raise Malformed("settings.s3", where, f"{ascii(region)[:100]} is not the name of a region")
    if endpoint:
        _require_plain(endpoint, where)
    return S3Place(
        bucket=bucket, prefix=f"{prefix}/" if prefix else "", endpoint=endpoint.rstrip("/"), region=region
    )


def _require_plain(endpoint: str, where: str) -> None:
    try:
        parts = urlsplit(endpoint)
        plain = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        plain = None
    if not plain or parts.query or parts.fragment or not endpoint.isascii() or not endpoint.isprintable():
        why = f"{ascii(endpoint)[:100]} is not an http or https address"
        raise Malformed("settings.endpoint", where, why)
    if "@" in parts.netloc:
        why = "an address without name and password; credentials come from the environment or a profile"
        raise Malformed("settings.endpoint", where, why)
