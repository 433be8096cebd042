"""Signed tree heads as text: C2SP signed-note, tlog-checkpoint and tlog-cosignature (Ed25519).

Reading is strict: a note has one spelling, and whatever would be written differently is ``Malformed``.
Signatures by keys one was not given are ignored, as the specification asks.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from comity.errors import Malformed, NotVerified
from comity.ledger.merkle import HASH_SIZE, SIZE_LIMIT
from comity.records import ed25519

ED25519 = 0x01
"""Signature type of a log's own signature (signed-note)."""

COSIGNATURE = 0x04
"""Signature type of a timestamped witness cosignature, cosignature/v1 (tlog-cosignature)."""

NOTE_LIMIT = 256 * 1024
"""The longest note read, in UTF-8 bytes."""

SIGNATURE_LIMIT = 64
"""The most signature lines in a note (signed-note asks for at least 16)."""

TIME_LIMIT = 2**63
"""A cosignature time, in seconds since 1970, is below this (tlog-cosignature, Format)."""

_DASH = "\u2014"


def _encode64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def decode64(text: str, where: str) -> bytes:
    """Standard base64 (RFC 4648 §4) in its one canonical spelling, else ``Malformed``."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("note.base64", where, "not base64") from None
    if _encode64(raw) != text:
        raise Malformed("note.base64", where, "base64 with stray bits or padding")
    return raw


_NOT_IN_NAMES = re.compile(r"[\s\x00-\x1f+]")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


def parse_decimal(text: str, where: str, limit: int = SIZE_LIMIT) -> int:
    """ASCII decimal below ``limit`` without leading zeroes, else ``Malformed``."""
    # The length bound comes first: it keeps int() away from absurdly long digits.
    if not text.isascii() or not text.isdigit() or len(text) > 20 or str(int(text)) != text:
        raise Malformed("note.number", where, "not a decimal number in its one spelling")
    number = int(text)
    if number >= limit:
        raise Malformed("note.number", where, f"{number} is too large")
    return number


def _require_name(name: str, where: str) -> None:
    if not name or _NOT_IN_NAMES.search(name):
        raise Malformed("note.name", where, "a name is not empty and has no space and no plus")
    _require_utf8(name, where)


def _require_utf8(text: str, where: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Malformed("note.text", where, "not valid UTF-8") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vkey:
    """A named verifier key (signed-note, Verifier keys): ``name+hash+base64(kind ‖ key)``.

    ``kind`` is 0x01 or 0x04; ``key`` has 32 bytes. The key itself is checked where it is used and
    by ``parse``: a weak key is ``NotVerified``.
    """

    name: str
    key_hash: bytes
    kind: int
    key: bytes

    @classmethod
    def parse(cls, text: str, where: str = "vkey") -> Self:
        name, _, rest = text.partition("+")
        digest, _, encoded = rest.partition("+")
        raw = decode64(encoded, where)
        if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
            raise Malformed("vkey.kind", where, "not an Ed25519 key of a kind known here")
        _require_name(name, where)
        vkey = cls(name=name, key_hash=_key_hash(name, raw[0], raw[1:]), kind=raw[0], key=raw[1:])
        if vkey.key_hash.hex() != digest:
            raise Malformed("vkey.hash", where, "the key id is not that of this name and key")
        ed25519.load_public(vkey.key, where)
        return vkey

    def __str__(self) -> str:
        return f"{self.name}+{self.key_hash.hex()}+{_encode64(bytes([self.kind]) + self.key)}"


def vkey_of(name: str, raw_public: bytes, kind: int = ED25519) -> Vkey:
    """The verifier key of 32 raw public bytes under ``name``; a weak key is ``NotVerified``."""
    _require_name(name, "vkey")
    if kind not in (ED25519, COSIGNATURE):
        raise ValueError("kind is 0x01 or 0x04")
    ed25519.load_public(raw_public, "vkey")
    key_hash = _key_hash(name, kind, raw_public)
    return Vkey(name=name, key_hash=key_hash, kind=kind, key=raw_public)


def _key_hash(name: str, kind: int, key: bytes) -> bytes:
    return hashlib.sha256(_require_utf8(name, "vkey") + b"\n" + bytes([kind]) + key).digest()[:4]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of one log: ``size`` leaves under ``root`` (32 bytes), in the log named ``origin``."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """The note text (tlog-checkpoint, Note text), three lines without extensions."""
        return f"{self.origin}\n{self.size}\n{_encode64(self.root)}\n"

    @classmethod
    def parse(cls, body: str, where: str = "checkpoint") -> Self:
        """The one checkpoint that has this body; ``Malformed`` otherwise, also for extension lines.

        A log here publishes no extension line: nothing could audit it.
        """
        lines = body.split("\n")
        if len(lines) != 4 or lines[3]:
            raise Malformed("checkpoint.lines", where, "a checkpoint has exactly three lines")
        _require_name(lines[0], f"{where}:1")
        size = parse_decimal(lines[1], f"{where}:2")
        root = decode64(lines[2], f"{where}:3")
        if len(root) != HASH_SIZE:
            raise Malformed("checkpoint.root", f"{where}:3", "a root has 32 bytes")
        return cls(origin=lines[0], size=size, root=root)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """One signature of a note, unchecked: who is said to have signed, and the bytes."""

    name: str
    key_hash: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH} {self.name} {_encode64(self.key_hash + self.signature)}\n"


def open_note(text: str, where: str = "note") -> tuple[str, list[SignatureLine]]:
    """Split a signed note into its text and its signature lines, none of them checked yet.

    ``Malformed`` if it is not a note in its one spelling, or if two lines are by one key.
    """
    if len(_require_utf8(text, where)) > NOTE_LIMIT:
        raise Malformed("note.size", where, f"a note of more than {NOTE_LIMIT} bytes")
    if _CONTROL.search(text):
        raise Malformed("note.text", where, "a control character")
    head, gap, tail = text.rpartition("\n\n")
    if not gap:
        raise Malformed("note.text", where, "no blank line before the signatures")
    return head + "\n", parse_signatures(tail, where)


def parse_signatures(text: str, where: str = "note") -> list[SignatureLine]:
    """One or more newline-ended signature lines, by distinct keys; ``Malformed`` otherwise."""
    *lines, last = text.split("\n")
    if last or not lines:
        raise Malformed("note.text", where, "a signature line ends with a newline")
    if len(lines) > SIGNATURE_LIMIT:
        raise Malformed("note.size", where, f"more than {SIGNATURE_LIMIT} signatures")
    found = [_parse_signature(line, f"{where}:signature {n}") for n, line in enumerate(lines, 1)]
    if len({(line.name, line.key_hash) for line in found}) != len(found):
        raise Malformed("note.duplicate", where, "two signatures by one key")
    return found


def _parse_signature(line: str, where: str) -> SignatureLine:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != _DASH:
        raise Malformed("note.signature-line", where, "a signature line starts with a long dash")
    _require_name(name, where)
    raw = decode64(encoded, where)
    if len(raw) < 5:
        raise Malformed("note.signature-line", where, "no signature after the key id")
    return SignatureLine(name=name, key_hash=raw[:4], signature=raw[4:])


def sign_checkpoint(checkpoint: Checkpoint, seed: bytes) -> str:
    """The signed note of a checkpoint, by the log's own key, whose name is the origin.

    ``Malformed`` if the checkpoint would not read back.
    """
    body = checkpoint.body()
    Checkpoint.parse(body)
    line = SignatureLine(
        name=checkpoint.origin,
        key_hash=_key_hash(checkpoint.origin, ED25519, ed25519.public_of(seed)),
        signature=ed25519.sign(seed, body.encode()),
    )
    return f"{body}\n{line}"


def verify_checkpoint(text: str, vkey: Vkey, where: str = "checkpoint") -> Checkpoint:
    """The checkpoint in ``text``, signed by the log's key ``vkey`` (kind 0x01) under its origin.

    ``Malformed`` for the form; ``NotVerified``: ``note.unsigned`` (no line by this key),
    ``note.origin`` (the key's own log is another), or the code of the failing signature.
    """
    if vkey.kind != ED25519:
        raise NotVerified("note.kind", where, "a log signs with a key of kind 1")
    body, lines = open_note(text, where)
    checkpoint = Checkpoint.parse(body, where)
    line = _line_by(lines, vkey, where)
    ed25519.verify(vkey.key, line.signature, body.encode(), where)
    if checkpoint.origin != vkey.name:
        raise NotVerified("note.origin", where, f"this key speaks for {vkey.name} only")
    return checkpoint


def _line_by(lines: list[SignatureLine], vkey: Vkey, where: str) -> SignatureLine:
    for line in lines:
        if line.name == vkey.name and line.key_hash == vkey.key_hash:
            return line
    raise NotVerified("note.unsigned", where, f"no signature by {vkey.name}")


def _cosigned(body: str, timestamp: int) -> bytes:
    # tlog-cosignature, Ed25519 signed message.
    return f"cosignature/v1\ntime {timestamp}\n{body}".encode()


def cosign(text: str, name: str, seed: bytes, timestamp: int) -> str:
    """The signature line (newline included) by which witness ``name`` cosigns the checkpoint ``text``.

    ``timestamp`` is in seconds since 1970. The caller has checked the log's signature and the
    consistency with what it cosigned before (``witness.advance``); this signs.
    """
    if not 0 <= timestamp < TIME_LIMIT:
        raise ValueError("a timestamp is in seconds since 1970 and below 2**63")
    _require_name(name, "cosignature")
    body, _ = open_note(text)
    Checkpoint.parse(body)
    signature = ed25519.sign(seed, _cosigned(body, timestamp))
    line = SignatureLine(
        name=name,
        key_hash=_key_hash(name, COSIGNATURE, ed25519.public_of(seed)),
        signature=timestamp.to_bytes(8, "big") + signature,
    )
    return str(line)


def verify_cosignature(text: str, vkey: Vkey, where: str = "cosignature") -> int:
    """When witness ``vkey`` (kind 0x04) says it saw this checkpoint, in seconds since 1970.

    Says nothing about the log's own signature. ``NotVerified`` if the line is absent
    (``note.unsigned``) or does not hold.
    """
    if vkey.kind != COSIGNATURE:
        raise NotVerified("note.kind", where, "a witness signs with a key of kind 4")
    body, lines = open_note(text, where)
    Checkpoint.parse(body, where)
    line = _line_by(lines, vkey, where)
    timestamp = int.from_bytes(line.signature[:8], "big")
    if len(line.signature) != 8 + 64 or timestamp >= TIME_LIMIT:
        raise NotVerified("note.cosignature", where, "not a time and an Ed25519 signature")
    ed25519.verify(vkey.key, line.signature[8:], _cosigned(body, timestamp), where)
    return timestamp


def merge_signatures(text: str, lines: str | Iterable[str]) -> str:
    """The note with more signature lines behind its own; where a key has signed, its first line stays.

    ``lines`` are newline-ended, as ``cosign`` or a witness gives them. None is checked here: keep
    out what does not verify.
    """
    body, have = open_note(text)
    merged = {(line.name, line.key_hash): line for line in have}
    more = "".join(lines)
    if more:
        for line in parse_signatures(more):
            merged.setdefault((line.name, line.key_hash), line)
    if len(merged) > SIGNATURE_LIMIT:
        raise Malformed("note.size", "note", f"more than {SIGNATURE_LIMIT} signatures")
    return body + "\n" + "".join(map(str, merged.values()))
