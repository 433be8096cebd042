"""Signatures that ``ssh-keygen -Y verify`` accepts, by a party's statement key (OpenSSH ``PROTOCOL.sshsig``).

For a reader who has OpenSSH and nothing of ours. The signed bytes begin with ``SSHSIG``, which nothing else
that this key signs begins with: envelopes are CBOR arrays, the rest begins with ``comity/`` (ADR 0018).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import textwrap

from comity.errors import Malformed, NotVerified
from comity.records import ed25519

NAMESPACE = "comity/1/notice"
_MAGIC, _KEY, _HASH = b"SSHSIG", b"ssh-ed25519", b"sha512"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"


def _string(data: bytes) -> bytes:
    # RFC 4251 §5: a length in four bytes, then the bytes.
    return len(data).to_bytes(4, "big") + data


def _public(key: bytes) -> bytes:
    # RFC 8709 §4.
    return _string(_KEY) + _string(key)


def _to_sign(data: bytes) -> bytes:
    digest = hashlib.sha512(data).digest()
    return _MAGIC + _string(NAMESPACE.encode()) + _string(b"") + _string(_HASH) + _string(digest)


def sign_ssh(seed: bytes, data: bytes) -> bytes:
    """The armoured signature over exactly these bytes, by a 32-byte seed; the same input, the same bytes."""
    return _render(ed25519.public_of(seed), ed25519.sign(seed, _to_sign(data)))


def _render(key: bytes, signature: bytes) -> bytes:
    blob = _MAGIC + (1).to_bytes(4, "big") + _string(_public(key)) + _string(NAMESPACE.encode())
    blob += _string(b"") + _string(_HASH) + _string(_string(_KEY) + _string(signature))
    body = "\n".join(textwrap.wrap(base64.b64encode(blob).decode(), 70))
    return f"{_BEGIN}\n{body}\n{_END}\n".encode()


def verify_ssh(raw: bytes, data: bytes, key: bytes, where: str = "signature") -> None:
    """Return only if ``raw`` is such a signature over ``data`` by the 32-byte ``key``, in this namespace.

    ``Malformed`` (``ssh.form``) for another form; ``NotVerified`` (``ssh.key``, and as ``ed25519.verify``).
    """
    try:
        text = raw.decode("ascii").replace("\r\n", "\n").strip()
        if not text.startswith(_BEGIN) or not text.endswith(_END):
            raise ValueError
        blob = base64.b64decode("".join(text[len(_BEGIN) : -len(_END)].split()), validate=True)
    except (UnicodeDecodeError, binascii.Error, ValueError):
        raise Malformed("ssh.form", where, "not an OpenSSH signature") from None
    at = 10 + 4 + len(_public(bytes(32)))
    named, signature = blob[at - 32 : at], blob[-64:]
    # Everything but key and signature is fixed, so one comparison checks the form of all of it: no other line
    # ends, no bits behind the last byte.
    if text.encode() + b"\n" != _render(named, signature):
        raise Malformed("ssh.form", where, f"not an Ed25519 signature in the namespace {NAMESPACE}")
    if named != key:
        raise NotVerified("ssh.key", where, "signed by another key than the sender's")
    ed25519.verify(key, signature, _to_sign(data), where)


def allowed_signer(principal: str, key: bytes) -> str:
    """The line of an ``allowed_signers`` file (ssh-keygen(1)) for a party's key; it ends its line."""
    public = base64.b64encode(_public(key)).decode()
    return f'{principal} namespaces="{NAMESPACE}" {_KEY.decode()} {public}\n'
