"""Signed bytes inside readable text: base64 between two marked lines (as RFC 7468), in one spelling."""

from __future__ import annotations

import base64
import binascii
import textwrap

from comity.errors import Malformed

FILE_LIMIT = 16 * 1024 * 1024
NOTICE, REPLY = "NOTICE", "REPLY"


def armour(what: str, data: bytes) -> str:
    """The marked lines around these bytes, with a line end behind the last."""
    body = "\n".join(textwrap.wrap(base64.b64encode(data).decode(), 76))
    return f"-----BEGIN COMITY {what}-----\n{body}\n-----END COMITY {what}-----\n"


def armoured(what: str, text: str, data: bytes) -> bytes:
    """A readable part, an empty line, and the bytes that it was made from."""
    return f"{text}\n{armour(what, data)}".encode()


def unarmour(what: str, raw: bytes, where: str) -> tuple[str, bytes]:
    """The readable part and the signed bytes; ``Malformed`` in any other spelling."""
    text, data, after = find_armour(what, raw, where)
    if after or armoured(what, text, data) != raw:
        raise Malformed(
            "armour.form", where, f"not a Comity {what.lower()} file in its one spelling, or damaged"
        )
    return text, data


def find_armour(what: str, raw: bytes, where: str) -> tuple[str, bytes, str]:
    """What stands before the marked lines, the bytes in them, and what stands behind."""
    if len(raw) > FILE_LIMIT:
        raise Malformed("armour.size", where, "the file is too large")
    try:
        text, begin, rest = raw.decode().partition(f"\n-----BEGIN COMITY {what}-----\n")
        body, end, after = rest.partition(f"\n-----END COMITY {what}-----\n")
        data = base64.b64decode("".join(body.split("\n")), validate=True)
    except (UnicodeDecodeError, binascii.Error):
        raise Malformed("armour.form", where, f"not a Comity {what.lower()} file, or damaged") from None
    if not begin or not end:
        raise Malformed("armour.form", where, f"not a Comity {what.lower()} file, or damaged")
    return text, data, after
