"""Records as they travel: an envelope, what is opened of its body, and its receipt (``spec/02-bodies.md``).

A record may be held in three depths: *bare* (only the public envelope), *frame* (the content is
withheld or erased, its commitment Cc stays) and *whole*. Whatever is opened must match the commitment.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.errors import Malformed, NotVerified
from comity.records import bodies, cbor, envelopes, kinds
from comity.records.envelopes import Envelope
from comity.records.kinds import Content, Frame

SALT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What is needed to open a commitment: 32-byte salts and exact body bytes.

    ``content`` and ``salt_c`` are None together, where only the frame is opened; ``cc`` is always there.
    """

    salt_f: bytes
    frame: bytes
    cc: bytes
    salt_c: bytes | None = None
    content: bytes | None = None

    def without_content(self) -> Opening:
        """The opening that is left after erasure, or for readers of the frame alone."""
        return Opening(salt_f=self.salt_f, frame=self.frame, cc=self.cc)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One signed act as held here: ``frame`` is None for a bare envelope, ``content`` for a withheld one."""

    envelope: Envelope
    opening: Opening | None = None
    frame: Frame | None = None
    content: Content | None = None

    @property
    def id(self) -> str:
        return self.envelope.id


def make_opening(frame: Frame, content: Content, salt_f: bytes, salt_c: bytes) -> Opening:
    """The opening of a new body under two fresh 32-byte salts."""
    if len(salt_f) != SALT or len(salt_c) != SALT:
        raise ValueError("a salt has 32 bytes")
    raw_content = bodies.render(content)
    return Opening(
        salt_f=salt_f,
        frame=bodies.render(frame),
        cc=bodies.commit_content(salt_c, raw_content),
        salt_c=salt_c,
        content=raw_content,
    )


def commitment(opening: Opening) -> bytes:
    """The 32-byte payload that an envelope of this body carries."""
    return bodies.commit_record(bodies.commit_frame(opening.salt_f, opening.frame), opening.cc)


def open_record(envelope: Envelope, opening: Opening | None, where: str = "record") -> Record:
    """The record of these bytes; ``NotVerified`` where the opening does not match the commitment.

    Checks form and commitment, and that envelope and frame name the same author and the same kind of
    chain. Checks no signature: see ``case/verified.py``.
    """
    if opening is None:
        return Record(envelope=envelope)
    if (opening.salt_c is None) != (opening.content is None):
        raise Malformed("opening.form", where, "a content travels with its salt, or neither does")
    if len(opening.salt_f) != SALT or (opening.salt_c is not None and len(opening.salt_c) != SALT):
        raise Malformed("opening.form", where, "a salt has 32 bytes")
    if commitment(opening) != envelope.payload:
        raise NotVerified("record.commitment", where, "the body does not match the signed commitment")
    frame = bodies.parse_frame(opening.frame, f"{where}.frame")
    content = None
    if opening.content is not None and opening.salt_c is not None:
        if bodies.commit_content(opening.salt_c, opening.content) != opening.cc:
            raise NotVerified("record.content", where, "the content does not match the signed commitment")
        content = bodies.parse_content(frame.kind, opening.content, f"{where}.content")
    if frame.author != envelope.iss:
        raise NotVerified("record.author", where, "frame and envelope name different authors")
    about_party = frame.kind in kinds.PARTY_KINDS
    if about_party != (envelope.sub == kinds.NO_CASE) or about_party != (frame.case == kinds.NO_CASE):
        raise NotVerified("record.case", where, "key records, and only they, stand outside every case")
    if (frame.kind == "party.card") != (frame.author == kinds.SELF):
        raise NotVerified("record.author", where, "a card, and only a card, is signed as self")
    return Record(envelope=envelope, opening=opening, frame=frame, content=content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """One record on the wire: exact envelope bytes, an opening or none, and the COSE receipt or none."""

    envelope: bytes
    opening: Opening | None = None
    receipt: bytes = b""


def render_bundle(bundle: Bundle) -> bytes:
    """Deterministic CBOR ``[1, envelope, opening, receipt]``; opening is ``[salt_f, frame, rest]`` or ``0``,
    rest is ``[salt_c, content]`` or the 32 bytes of Cc."""
    opened: cbor.Writable = 0
    if (o := bundle.opening) is not None:
        opened = [o.salt_f, o.frame, o.cc if o.content is None else [o.salt_c, o.content]]
    return cbor.encode([1, bundle.envelope, opened, bundle.receipt])


def parse_bundle(raw: bytes, where: str = "bundle") -> Bundle:
    """The bundle of these bytes; ``Malformed`` for anything else, a second spelling included."""
    opening: Opening | None
    match cbor.decode(raw, where, other="bundle.form"):
        case [1, bytes() as envelope, 0, bytes() as receipt]:
            opening = None
        case [
            1,
            bytes() as envelope,
            [bytes() as salt_f, bytes() as frame, bytes() as cc],
            bytes() as receipt,
        ]:
            opening = Opening(salt_f=salt_f, frame=frame, cc=cc)
        case [
            1,
            bytes() as envelope,
            [bytes() as salt_f, bytes() as frame, [bytes() as salt_c, bytes() as content]],
            bytes() as receipt,
        ]:
            cc = bodies.commit_content(salt_c, content)
            opening = Opening(salt_f=salt_f, frame=frame, cc=cc, salt_c=salt_c, content=content)
        case _:
            raise Malformed("bundle.form", where, "not a record bundle")
    return Bundle(envelope=envelope, opening=opening, receipt=receipt)


def read_bundle(bundle: Bundle, where: str = "bundle") -> Record:
    """Open envelope and body of a bundle (form and commitments)."""
    return open_record(envelopes.open_envelope(bundle.envelope, f"{where}.envelope"), bundle.opening, where)
