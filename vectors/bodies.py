"""Vectors of bytes: canonical JSON, frames, contents, envelopes, openings and bundles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import cbor2
import msgspec

from comity.records import bodies, ed25519, envelopes, kinds
from comity.records.bundles import Bundle, Opening, make_opening, render_bundle
from tests import world as w
from tests.procedure import play
from tests.rulebook import scene
from tests.rulebook_of_reruns import of_rows
from vectors.story import (
    BUNDLE,
    CLAIM,
    ROTATED,
    STORY,
    A,
    B,
    Made,
    chain,
    header,
    pad,
    replaced,
    resigned,
    signed,
    vector,
)

# -- canonical JSON, frames, contents -------------------------------------------------------------


def canonical_accepted() -> Made:
    for name, text in {
        "empty object": "{}",
        "sorted keys": '{"A":1,"a":{"b":[true,false,"c"]}}',
        "largest and smallest integer": f"[{2**53 - 1},-{2**53 - 1}]",
        "escapes that stay": '"\\b\\t\\n\\f\\r\\"\\\\\\u001f"',
        "characters that are not escaped": '"/\x7fé€😀\u2028"',
    }.items():
        yield vector("canonical", name, raw=text.encode().hex())


def canonical_refused() -> Made:
    for name, raw in {
        "a key twice": b'{"a":1,"a":1}',
        "keys out of order": b'{"b":1,"a":1}',
        "white space": b'{"a": 1}',
        "a line feed behind": b"{}\n",
        "a float": b"1.0",
        "an exponent": b"1e400",
        "negative zero": b"-0",
        "a leading zero": b"01",
        "not a number": b"NaN",
        "infinity": b"Infinity",
        "null": b"null",
        "an integer of 2^53": str(2**53).encode(),
        "fullwidth digits": "１２".encode(),
        "an escape that is not needed": b'"\\u0061"',
        "an escaped solidus": b'"\\/"',
        "an escape in capitals": b'"\\u001F"',
        "a lone surrogate": b'"\\ud800"',
        "a surrogate pair in escapes": b'"\\ud83d\\ude00"',
        "a key that is not ASCII": '{"é":1}'.encode(),
        "UTF-16": '{"a":1}'.encode("utf-16"),
        "a byte order mark": b"\xef\xbb\xbf{}",
        "not UTF-8": b'"\xff"',
        "a control character": b'"\x01"',
        "nothing": b"",
        "cut short": b'{"a":',
        "two values": b"{}{}",
    }.items():
        yield vector("canonical", name, raw=raw.hex())
    yield vector("canonical", "nested too deep", raw=pad(b"[", 100_000))
    yield vector("canonical", "an integer of 5,000 digits", raw=pad(b"9", 5_000))


def frame_of(**changes: Any) -> dict[str, Any]:
    found = json.loads(BUNDLE.opening.frame)  # type: ignore[union-attr]
    found.update(changes)
    return {k: v for k, v in found.items() if v is not ...}


def plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode().hex()


def frame_accepted() -> Made:
    yield vector("frame", "of a claim", raw=plain(frame_of()))
    yield vector("frame", "to everyone", raw=plain(frame_of(audience=["public"])))
    yield vector("frame", "to nobody else", raw=plain(frame_of(audience=[])))
    yield vector("frame", "cites an attestation", raw=plain(frame_of(references=["t:" + "a" * 64])))


def frame_refused() -> Made:
    one, two = "a" * 64, "b" * 64
    wrong: dict[str, dict[str, Any]] = {
        "an unknown field": {"extra": 1},
        "a field missing": {"marking": ...},
        "an unknown kind": {"kind": "claim.shout"},
        "rules of another version": {"rules": 3},
        "a number for a text": {"kind": 1},
        "an id in capitals": {"case": "A" * 64},
        "an id cut short": {"case": "a" * 63},
        "an id and a line feed": {"case": "a" * 64 + "\n"},
        "audience out of order": {"audience": [two, one]},
        "a reader twice": {"audience": [one, one]},
        "public and others": {"audience": [one, "public"]},
        "seen out of order": {"seen": [two, one]},
        "references out of order": {"references": [two, one]},
        "an unset field spelled out": {"seen": []},
        "a date that does not exist": {"at": "2031-02-30T00:00:00Z"},
        "a leap second": {"at": "2031-06-30T23:59:60Z"},
        "a time with a fraction": {"at": "2031-06-30T23:59:59.0Z"},
        "a time with another zone": {"at": "2031-06-30T23:59:59+00:00"},
        "a marking that does not exist": {"marking": "TLP:WHITE"},
    }
    for name, changes in wrong.items():
        yield vector("frame", name, raw=plain(frame_of(**changes)))
    yield vector("frame", "a key twice", raw=b'{"kind":"x","kind":"x"}'.hex())
    yield vector("frame", "larger than a frame may be", raw=pad(b" ", bodies.FRAME_LIMIT + 1))


def content_accepted() -> Made:
    told: dict[str, str] = {}
    for bundle in [A.card, *STORY.world.bundles.values(), ROTATED.rotations[0]]:
        if bundle.opening and bundle.opening.content:
            kind = bodies.parse_frame(bundle.opening.frame).kind
            told.setdefault(kind, bundle.opening.content.hex())
    for kind, raw in sorted(told.items()):
        yield vector("content", f"of {kind}", kind=kind, raw=raw)
    plain_form = w.assessment()
    first, second = plain_form.items
    by_scale = msgspec.structs.replace(first, judgements=first.judgements[1:], scaled=(1, 0))
    scaled = msgspec.structs.replace(
        plain_form, scale=((100_000, 100_000), (400_000, 400_000)), items=(by_scale, second)
    )
    for weighed in (plain_form, w.assessment(ask=A), scaled):
        asks = ", with a question" if weighed.questions else ", by a scale" if weighed.scale else ""
        raw = bodies.render(weighed).hex()
        yield vector("content", f"of {weighed.kind}{asks}", kind=weighed.kind, raw=raw)
    for name, content in _of_procedure():
        raw = bodies.render(content).hex()
        yield vector("content", f"of {content.kind}: {name}", kind=content.kind, raw=raw)
    spoken = of_rows(STORY.records["report"], left_out=(w.digest("joined"),))
    yield vector("content", "a re-run with its rows", kind=spoken.kind, raw=bodies.render(spoken).hex())
    for content in custody_contents():
        yield vector("content", f"of {content.kind}", kind=content.kind, raw=bodies.render(content).hex())
    described_as = kinds.Custody(what="A mail log", offset=-90, offset_by="Invented Time", copy="working")
    described = kinds.Seal(item=w.item("described"), splitter="lines/1", bytes=9, custody=described_as)
    yield vector(
        "content", "a seal with its custody", kind=described.kind, raw=bodies.render(described).hex()
    )


def _of_procedure() -> Iterator[tuple[str, kinds.Content]]:
    for name, record in play(scene("vectors/procedure")).items():
        assert record.value.content is not None
        yield name, record.value.content


def custody_contents() -> list[kinds.Content]:
    """One content of each kind of custody."""
    which, record = w.item("mail log"), w.digest("record")
    return [
        kinds.Transfer(item=which, to=A.id, copy="evidentiary", purpose="To be kept.", container="B-17"),
        kinds.Receive(transfer=record, item=which, condition="damaged", checked="container", text="Torn."),
        kinds.Hold(item=which, state="held", basis="A court asked."),
        kinds.Erase(item=which, copies="all", basis="The term is over."),
        kinds.EraseRecord(record=record, basis="It named a person."),
    ]


def content_of(name: str) -> dict[str, Any]:
    opening = STORY.world.bundles[STORY.records[name].value.id].opening
    assert opening is not None
    assert opening.content is not None
    return dict(json.loads(opening.content))


def content_refused() -> Made:
    claim = content_of("claim")
    seal = content_of("seal")
    shown = content_of("disclose-rows")
    yield vector("content", "of another kind", kind="evidence.seal", raw=plain(claim))
    yield vector("content", "an unknown field", kind="claim.state", raw=plain(claim | {"rank": "high"}))
    yield vector("content", "no assertion", kind="claim.state", raw=plain(claim | {"assertions": []}))
    yield vector("content", "a control character", kind="claim.state", raw=plain(claim | {"title": "a\x1bb"}))
    yield vector(
        "content", "a C1 control character", kind="claim.state", raw=plain(claim | {"title": "\x9b"})
    )
    yield vector(
        "content", "a title of 201 characters", kind="claim.state", raw=plain(claim | {"title": "a" * 201})
    )
    yield vector("content", "a default spelled out", kind="evidence.seal", raw=plain(seal | {"zone": ""}))
    yield vector("content", "a negative count", kind="evidence.seal", raw=plain(seal | {"bytes": -1}))
    yield vector("content", "true for a number", kind="evidence.seal", raw=plain(seal | {"bytes": True}))
    custody = {"custody": {"began": "2031-13-01T00:00:00Z"}}
    yield vector("content", "a date that does not exist", kind="evidence.seal", raw=plain(seal | custody))
    for name, rows in {
        "rows out of order": [[5, 1], [3, 1]],
        "rows that overlap": [[3, 3], [5, 1]],
        "rows that could be one range": [[3, 1], [4, 1]],
        "row 0": [[0, 1]],
        "a range of no rows": [[3, 0]],
    }.items():
        yield vector("content", name, kind="evidence.disclose", raw=plain(shown | {"rows": rows}))
    spoken = json.loads(bodies.render(of_rows(STORY.records["report"])))
    overlap = plain(spoken | {"rows": [[3, 3], [5, 1]]})
    yield vector("content", "a re-run over rows that overlap", kind="finding.replicate", raw=overlap)
    weighed = json.loads(bodies.render(w.assessment()))
    (judged, *_), (cluster, *_) = weighed["items"], weighed["hypotheses"]
    for name, fields in {
        "a probability above one": {"items": [judged | {"reliability": 1_000_001}]},
        "a likelihood of nothing": {
            "items": [judged | {"judgements": [{"hypothesis": "unknown", "low": 0, "high": 1}]}]
        },
        "a probability that is no integer": {"items": [judged | {"credibility": 0.5}]},
        "a number of a scale below zero": {"items": [judged | {"scaled": [-1]}]},
        "a scale of nothing": {"scale": [[0, 1]]},
        "a scale of half an interval": {"scale": [[1]]},
        "no evidence": {"items": []},
        "a single hypothesis": {"hypotheses": [cluster]},
        "a country beside a cluster": {
            "hypotheses": [cluster | {"country": "Nowhere"}, cluster | {"id": "b"}]
        },
        "a word for a figure": {"result": weighed["result"] | {"deception": "unlikely"}},
    }.items():
        yield vector("content", f"an assessment: {name}", kind="assessment.make", raw=plain(weighed | fields))
    told = {name: json.loads(bodies.render(content)) for name, content in _of_procedure()}
    for name, made, fields in (
        ("a closing without words", "close", {"text": ""}),
        ("a closing of another kind", "close", {"outcome": "won"}),
        ("an amendment of nothing", "amend", {"revisions": []}),
        ("an extension by a step more", "extend", {"step": "demands"}),
        ("a score for corrections", "correct", {"score": 3}),
        ("a statement of no sentence", "final", {"sentences": []}),
        ("a vote", "join", {"votes": 1}),
        ("an action to nobody", "propose", {"to": []}),
        ("an action against nobody's rules", "propose", {"type": "hack-back"}),
        ("an indicator for anything", "propose", {"indicators": [{"type": "a", "value": "b", "use": "any"}]}),
        ("a clause id with a slash", "table", {"clauses": [{"id": "1/2", "text": "So."}]}),
        ("a disposition without a reason", "dispose", {"reason": ""}),
        ("a position that is a vote", "position", {"position": "yes"}),
    ):
        kind = next(content.kind for other, content in _of_procedure() if other == made)
        yield vector("content", name, kind=kind, raw=plain(told[made] | fields))
    transfer, receive, hold, erase, erased = (
        json.loads(bodies.render(content)) for content in custody_contents()
    )
    for name, kind, fields in (
        ("a copy that is neither", "evidence.transfer", transfer | {"copy": "third"}),
        ("no purpose", "evidence.transfer", {k: v for k, v in transfer.items() if k != "purpose"}),
        ("a condition of another kind", "evidence.receive", receive | {"condition": "fine"}),
        ("a hold that is neither", "evidence.hold", hold | {"state": "maybe"}),
        ("an erasure without a basis", "evidence.erase", {k: v for k, v in erase.items() if k != "basis"}),
        ("an erasure of some copies", "evidence.erase", erase | {"copies": "some"}),
        ("an erasure of no record", "record.erase", erased | {"record": "a" * 63}),
        (
            "a clock that is off by centuries",
            "evidence.seal",
            seal | {"custody": {"offset": 2**31}},
        ),
    ):
        yield vector("content", f"custody: {name}", kind=kind, raw=plain(fields))
    size = bodies.CONTENT_LIMIT + 1
    yield vector("content", "larger than a content may be", kind="claim.state", raw=pad(b" ", size))


# -- envelopes, openings, bundles -----------------------------------------------------------------


def envelope_accepted() -> Made:
    for name in ("open", "claim", "response", "endorse-denial"):
        yield vector("envelope", f"of {name}", raw=STORY.records[name].value.envelope.raw.hex())
    yield vector("envelope", "of a card", raw=A.card.envelope.hex())
    yield vector("envelope", "of a key record", raw=ROTATED.rotations[0].envelope.hex())
    yield vector("envelope", "algorithm −8", raw=signed(header(l1=-8)).hex())


def envelope_refused() -> Made:
    good, envelope = BUNDLE.envelope, CLAIM.value.envelope
    iss, sub = envelope.iss, envelope.sub
    prev, keys, seq = bytes.fromhex(envelope.prev), bytes.fromhex(envelope.keys), envelope.seq
    whole = cbor2.loads(good).value
    high = envelope.signature[:32] + (int.from_bytes(envelope.signature[32:], "little") + ed25519.L).to_bytes(
        32, "little"
    )
    missing = header()
    del missing[258]
    truth = header()
    truth[True] = truth.pop(1)
    floating = header()
    floating[1.0] = floating.pop(1)
    dated = cbor2.dumps(header(), canonical=True)
    for name, raw in {
        "nothing": b"",
        "not CBOR": b"\xff",
        "cut short": good[:-1],
        "a byte behind": good + b"\0",
        "no tag": good[1:],
        "another tag": signed(header(), tag=98),
        "three parts": cbor2.dumps(cbor2.CBORTag(18, whole[:3]), canonical=True),
        "an array of open length": b"\xd2\x9f" + good[2:] + b"\xff",
        "a payload that is detached": cbor2.dumps(
            cbor2.CBORTag(18, [whole[0], {}, None, whole[3]]), canonical=True
        ),
        "an unprotected header": signed(header(), unprotected={1: -19}),
        "a payload of 31 bytes": signed(header(), payload=bytes(31)),
        "a signature of 63 bytes": cbor2.dumps(
            cbor2.CBORTag(18, [whole[0], {}, whole[2], whole[3][:63]]), canonical=True
        ),
        "S not below the group order": cbor2.dumps(
            cbor2.CBORTag(18, [whole[0], {}, whole[2], high]), canonical=True
        ),
        "a header in another order": signed(_reordered(header())),
        "a header that is no map": signed([1, 2]),
        "a label missing": signed(missing),
        "a label more": signed(header(l3="text/plain")),
        "algorithm ES256": signed(header(l1=-7)),
        "algorithm HMAC": signed(header(l1=5)),
        "another hash": signed(header(l258=-43)),
        "another content type": signed(header(l259="text/plain")),
        "kid of 31 bytes": signed(header(l4=bytes(31))),
        "kid as text": signed(header(l4="a" * 32)),
        "a claim more": signed(header(l15={1: iss, 2: sub, 6: 0})),
        "iss that is no id": signed(header(l15={1: "alder", 2: sub})),
        "sub in capitals": signed(header(l15={1: iss, 2: sub.upper()})),
        "another version": signed(header(**chain(2, seq, prev, keys))),
        "a negative seq": signed(header(**chain(1, -1, prev, keys))),
        "seq of 2^53": signed(header(**chain(1, 2**53, prev, keys))),
        "prev of 31 bytes": signed(header(**chain(1, seq, prev[:31], keys))),
        "seq 0 with a predecessor": signed(header(**chain(1, 0, prev, keys))),
        "seq 1 without one": signed(header(**chain(1, 1, bytes(32), keys))),
        "no key record": signed(header(**chain(1, seq, prev, bytes(32)))),
        "a chain of three": signed(header(**chain(1, seq, prev))),
        "a label as true": signed(truth),
        "a label as a float": signed(floating),
        "the algorithm as a float": signed(header(l1=-19.0)),
        "seq as true": signed(header(**chain(1, True, prev, keys))),
        "a header cut short": signed(dated[:-1]),
    }.items():
        yield vector("envelope", name, raw=raw.hex())
    yield vector("envelope", "larger than an entry", raw=pad(b"\0", envelopes.SIZE_LIMIT + 1))


def _reordered(value: dict[Any, Any]) -> bytes:
    return cbor2.dumps(dict(sorted(value.items(), reverse=True)))


def opening_fields(envelope: bytes, opening: Opening, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "envelope": envelope.hex(),
        "salt_f": opening.salt_f.hex(),
        "frame": opening.frame.hex(),
        "cc": opening.cc.hex(),
    }
    if opening.salt_c is not None and opening.content is not None:
        made |= {"salt_c": opening.salt_c.hex(), "content": opening.content.hex()}
    made.update(changes)
    return {k: v for k, v in made.items() if v is not ...}


def opening_accepted() -> Made:
    assert BUNDLE.opening is not None
    yield vector("opening", "whole", **opening_fields(BUNDLE.envelope, BUNDLE.opening))
    frame_only = BUNDLE.opening.without_content()
    yield vector("opening", "the frame alone", **opening_fields(BUNDLE.envelope, frame_only))


def opening_refused() -> Made:
    opening = BUNDLE.opening
    assert opening is not None
    assert CLAIM.value.frame is not None
    fields = opening_fields(BUNDLE.envelope, opening)
    yield vector("opening", "another salt for the frame", **(fields | {"salt_f": bytes(32).hex()}))
    yield vector("opening", "another salt for the content", **(fields | {"salt_c": bytes(32).hex()}))
    yield vector("opening", "a salt of 31 bytes", **(fields | {"salt_f": bytes(31).hex()}))
    yield vector(
        "opening", "a content without its salt", **opening_fields(BUNDLE.envelope, opening, salt_c=...)
    )
    yield vector("opening", "another commitment", **(fields | {"cc": bytes(32).hex()}))
    content = CLAIM.value.content
    assert content is not None
    for name, signer, moved, changes in (
        ("a frame of another author", B, {}, {}),
        ("a case record outside every case", A, {}, {"sub": kinds.NO_CASE}),
        ("a frame outside every case", A, {"case": kinds.NO_CASE}, {}),
    ):
        made = make_opening(replaced(CLAIM.value.frame, **moved), content, bytes(32), bytes(32))
        raw = resigned(signer, made, **changes)
        yield vector("opening", name, **opening_fields(raw, made))
    frame = replaced(
        CLAIM.value.frame, kind="party.card", case=kinds.NO_CASE, references=(), seen=(), audience=("public",)
    )
    made = make_opening(frame, w.World("x").card("Alder"), bytes(32), bytes(32))
    raw = resigned(A, made, sub=kinds.NO_CASE)
    yield vector("opening", "a card that is not signed as self", **opening_fields(raw, made))


def bundle_accepted() -> Made:
    opening = BUNDLE.opening
    assert opening is not None
    yield vector("bundle", "whole", raw=render_bundle(BUNDLE).hex())
    for name, made in {
        "the frame alone": Bundle(envelope=BUNDLE.envelope, opening=opening.without_content()),
        "bare": Bundle(envelope=BUNDLE.envelope, receipt=BUNDLE.receipt),
    }.items():
        yield vector("bundle", name, raw=render_bundle(made).hex())


def bundle_refused() -> Made:
    raw = render_bundle(BUNDLE)
    version, envelope, opened, receipt = cbor2.loads(raw)
    salt_f, frame, (salt_c, content) = opened

    def packed(*parts: Any) -> str:
        return cbor2.dumps(list(parts), canonical=True).hex()

    yield vector("bundle", "nothing", raw="")
    yield vector("bundle", "cut short", raw=raw[:-1].hex())
    yield vector("bundle", "a byte behind", raw=(raw + b"\0").hex())
    yield vector("bundle", "an array of open length", raw=(b"\x9f" + raw[1:] + b"\xff").hex())
    yield vector("bundle", "another version", raw=packed(2, envelope, opened, receipt))
    yield vector("bundle", "true for 1", raw=packed(True, envelope, opened, receipt))
    yield vector("bundle", "false for 0", raw=packed(1, envelope, False, receipt))
    yield vector("bundle", "a float for 1", raw=packed(1.0, envelope, opened, receipt))
    yield vector("bundle", "a part missing", raw=packed(version, envelope, opened))
    yield vector("bundle", "a map", raw=cbor2.dumps({1: envelope}, canonical=True).hex())
    flipped = bytes([frame[0] ^ 1]) + frame[1:]
    yield vector(
        "bundle", "a bit of the frame", raw=packed(1, envelope, [salt_f, flipped, [salt_c, content]], receipt)
    )
    flipped = content[:-1] + bytes([content[-1] ^ 1])
    yield vector(
        "bundle", "a bit of the content", raw=packed(1, envelope, [salt_f, frame, [salt_c, flipped]], receipt)
    )
    other = STORY.world.bundles[STORY.records["notice"].value.id].envelope
    yield vector("bundle", "the body of another record", raw=packed(1, other, opened, receipt))
