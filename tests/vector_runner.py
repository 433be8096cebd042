"""Runs one vector: the fields of a vector in, what a verifier finds out, or an error of Comity."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from comity.case.attempts import open_contacts
from comity.case.equivocation import ChainFork, verify_equivocation
from comity.case.fold import Fact
from comity.case.verified import verify_attestation, verify_party, verify_record
from comity.dossier.identity import parse_trust
from comity.dossier.rerun import run_rules
from comity.errors import Refused, Unavailable
from comity.evidence import event_text
from comity.evidence.disclose import check_whole, open_disclosure, parse_whole
from comity.evidence.event_xml import read_events
from comity.evidence.formats import name_format
from comity.evidence.json_values import read_objects
from comity.evidence.object_xml import read_shell_objects
from comity.evidence.otlp import read_records
from comity.evidence.rows import join_rows, read_rows, split_rows
from comity.evidence.seal import ItemRef
from comity.evidence.seal_file import parse_seal
from comity.findings import SEMANTICS
from comity.findings.finding import Finding, Parameters, check_finding
from comity.findings.link import link
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack, compile_source, pack_digest
from comity.findings.pack_file import check_pack, read_pack
from comity.findings.sigma import Unusable
from comity.findings.whole import whole_rules_of
from comity.ledger import note
from comity.ledger.merkle import verify_consistency
from comity.ledger.policy import parse_policy
from comity.ledger.receipt import open_consistency_receipt, open_receipt
from comity.ledger.tiles import decode_entries, rebuild
from comity.ledger.witness import WitnessState, advance, parse_add_checkpoint
from comity.matching import packages, voprf
from comity.matching.indicators import canonical as canonical_indicator
from comity.records import bodies, canonical, ed25519, kinds
from comity.records.approvals import check_approvals
from comity.records.bundles import Opening, open_record, parse_bundle, read_bundle
from comity.records.envelopes import open_envelope
from comity.records.parties import Party, contacts_of, suspect_keys
from tests.world import fold_case

Vector = Mapping[str, Any]


def unhex(value: Any) -> bytes:
    """Bytes of hex, of a pattern that is repeated (``{"hex": …, "repeat": n}``), or of several of these."""
    if isinstance(value, list):
        return b"".join(map(unhex, value))
    if isinstance(value, str):
        return bytes.fromhex(value)
    pattern: str = value["hex"]
    return bytes.fromhex(pattern) * int(value["repeat"])


def party_of(file: Vector) -> Party:
    """The party of a card, the key records behind it, and for a guest the party of its home ledger."""
    home = party_of(file["home"]) if "home" in file else None
    rotations = [parse_bundle(unhex(r)) for r in file["rotations"]]
    return verify_party(parse_bundle(unhex(file["card"])), rotations, home)


def _canonical(v: Vector) -> object:
    canonical.parse(unhex(v["raw"]))
    return {}


def _frame(v: Vector) -> object:
    bodies.parse_frame(unhex(v["raw"]))
    return {}


def _content(v: Vector) -> object:
    bodies.parse_content(v["kind"], unhex(v["raw"]))
    return {}


def _envelope(v: Vector) -> object:
    found = open_envelope(unhex(v["raw"]))
    return {
        "id": found.id,
        "iss": found.iss,
        "sub": found.sub,
        "seq": found.seq,
        "prev": found.prev,
        "keys": found.keys,
        "kid": found.kid.hex(),
        "payload": found.payload.hex(),
    }


def _opening(v: Vector) -> object:
    opening = Opening(
        salt_f=unhex(v["salt_f"]),
        frame=unhex(v["frame"]),
        cc=unhex(v["cc"]),
        salt_c=unhex(v["salt_c"]) if "salt_c" in v else None,
        content=unhex(v["content"]) if "content" in v else None,
    )
    found = open_record(open_envelope(unhex(v["envelope"])), opening)
    return {"id": found.id}


def _bundle(v: Vector) -> object:
    found = read_bundle(parse_bundle(unhex(v["raw"])))
    depth = ("bare", "frame", "whole")[(found.frame is not None) + (found.content is not None)]
    return {"id": found.id, "depth": depth}


def _equivocation(v: Vector) -> object:
    content = bodies.parse_content("equivocation.prove", unhex(v["raw"]))
    assert isinstance(content, kinds.Prove)
    found = verify_equivocation(content)
    at = found.seq if isinstance(found, ChainFork) else found.size
    return {"party": content.party, "of": content.of, "at": at}


def _attempt(v: Vector) -> object:
    content = bodies.parse_content("delivery.attempt", unhex(v["raw"]))
    assert isinstance(content, kinds.Attempt)
    return {"contacts": [[c.kind, c.address] for c in open_contacts(content)]}


def _key(v: Vector) -> object:
    ed25519.load_public(unhex(v["key"]))
    return {"thumbprint": ed25519.thumbprint(unhex(v["key"])).hex()}


def _signature(v: Vector) -> object:
    ed25519.verify(unhex(v["key"]), unhex(v["signature"]), unhex(v["message"]))
    return {}


def _party(v: Vector) -> object:
    found = party_of(v)
    keys = [{"record": k.record, "key": k.key.hex(), "index": k.index} for k in found.keys]
    suspect = [
        {"purpose": purpose, "key": key.hex(), "from": since}
        for (purpose, key), since in sorted(suspect_keys(found).items())
    ]
    gives: dict[str, object] = {"id": found.id, "keys": keys}
    if suspect:
        gives["suspect"] = suspect
    if any(k.contacts is not None for k in found.keys):
        gives["contacts"] = [[c.kind, c.address] for c in contacts_of(found)]
    return gives


def _record(v: Vector) -> object:
    party = party_of(v["party"])
    home = party_of(v["home"]) if "home" in v else party
    found = verify_record(parse_bundle(unhex(v["bundle"])), party, home)
    gives = {"id": found.value.id, "home": found.home, "index": found.index, "stale": found.stale}
    return gives | ({"suspect": True} if found.suspect else {})


def _attestation(v: Vector) -> object:
    found = verify_attestation(unhex(v["raw"]), party_of(v["home"]), v["witnesses"]).value
    return {
        "id": found.id,
        "size": found.size,
        "root": found.root.hex(),
        "records": list(found.records),
        "seen_by": dict(found.seen_by),
        "stamps": [
            {"chain": list(s.chain), "earliest": s.earliest, "latest": s.latest} for s in found.stamps
        ],
    }


def _receipt(v: Vector) -> object:
    found = open_receipt(unhex(v["receipt"]), unhex(v["leaf"]), unhex(v["key"]))
    return {"index": found.index, "size": found.size, "root": found.root.hex()}


def _growth(v: Vector) -> object:
    found = open_consistency_receipt(unhex(v["receipt"]), unhex(v["old_root"]), unhex(v["key"]))
    return {"old_size": found.old_size, "size": found.size, "root": found.root.hex()}


def _checkpoint(v: Vector) -> object:
    found = note.verify_checkpoint(v["note"], note.Vkey.parse(v["vkey"]))
    return {"origin": found.origin, "size": found.size, "root": found.root.hex()}


def _cosignature(v: Vector) -> object:
    return {"time": note.verify_cosignature(v["note"], note.Vkey.parse(v["vkey"]))}


def _entries(v: Vector) -> object:
    return {"count": len(decode_entries(unhex(v["raw"])))}


def _consistency(v: Vector) -> object:
    path = [unhex(p) for p in v["path"]]
    verify_consistency(v["old_size"], v["size"], unhex(v["old_root"]), unhex(v["root"]), path)
    return {}


def _rows(v: Vector) -> object:
    item = ItemRef(size=v["item"]["size"], root=unhex(v["item"]["root"]))
    found = open_disclosure(unhex(v["raw"]), item=item)
    return {"rows": {str(n): row.hex() for n, row in found.rows.items()}}


def _splitter(v: Vector) -> object:
    """The rows of a file, whatever the pieces in which it comes."""
    form, raw = name_format(v["format"]), unhex(v["bytes"])

    def cut(size: int) -> list[bytes]:
        pieces = (raw[at : at + size] for at in range(0, len(raw), size))
        return [row for rows in split_rows(form, pieces) for row in rows]

    rows = cut(max(1, len(raw)))
    assert len(raw) > 1000 or all(cut(size) == rows for size in (1, 2, 7))
    assert join_rows(rows, raw.endswith(b"\n")) == raw or form == "opaque/1"
    return {"rows": [row.hex() for row in rows]}


def _whole(v: Vector) -> object:
    item = ItemRef(size=v["item"]["size"], root=unhex(v["item"]["root"]))
    whole = parse_whole(unhex(v["raw"]))
    check_whole(whole, [unhex(v["bytes"])], item)
    return {"metadata": json.loads(whole.metadata)}


def _seal(v: Vector) -> object:
    return {"items": [str(entry.ref) for entry in parse_seal(v["raw"].encode())]}


def _policy(v: Vector) -> object:
    found = parse_policy(v["text"].encode())
    return {
        "logs": [str(log.vkey) for log in found.logs],
        "witnesses": {each.name: str(each.vkey) for each in found.witnesses},
        "groups": {each.name: [each.k, *each.members] for each in found.groups},
        "quorum": found.quorum,
    }


def _trust(v: Vector) -> object:
    return {"trusted": [[each.fingerprint, each.name] for each in parse_trust(v["text"])]}


def _tiles(v: Vector) -> object:
    def read(path: str) -> bytes:
        if path not in v["tiles"]:
            raise Unavailable("tile.missing", path, "not there")
        return unhex(v["tiles"][path])

    return {"root": rebuild(read, v["size"]).root().hex()}


def _add_checkpoint(v: Vector) -> object:
    """What a witness remembers after it was asked; ``state`` is absent before the first time."""
    before = v.get("state")
    log = note.Vkey.parse(v["vkey"])
    state = before and WitnessState(origin=log.name, size=before["size"], root=unhex(before["root"]))
    found = advance(state, parse_add_checkpoint(v["body"]), log)
    return {"size": found.size, "root": found.root.hex()}


def _approval(v: Vector) -> object:
    content = bodies.parse_content("evidence.disclose", unhex(v["raw"]))
    known = bodies.parse_content("disclosure.approvers", unhex(v["approvers"]))
    assert isinstance(content, kinds.Disclose)
    assert isinstance(known, kinds.Approvers)
    return {"offices": list(check_approvals(v["case"], v["author"], content, content.approvals, known))}


def _voprf(v: Vector) -> object:
    key = voprf.derive_key(unhex(v["seed"]), unhex(v["info"]))
    inputs = [unhex(i) for i in v.get("inputs", ())]
    blinds = [unhex(b) for b in v.get("blinds", ())]
    asked = [unhex(b) for b in v["blinded"]] if "blinded" in v else list(map(voprf.blind, inputs, blinds))
    told, proof = voprf.answer_with(key, asked, unhex(v["random"]))
    return {
        "key": voprf.public_of(key).hex(),
        "blinded": [b.hex() for b in asked],
        "evaluated": [e.hex() for e in told],
        "proof": proof.hex(),
        "outputs": [o.hex() for o in voprf.finalize(inputs, blinds, told)],
    }


def _voprf_proof(v: Vector) -> object:
    asked, told = ([unhex(e) for e in v[part]] for part in ("blinded", "evaluated"))
    voprf.verify_evaluation(unhex(v["key"]), asked, told, unhex(v["proof"]))
    return {}


def _match_list(v: Vector) -> object:
    return {"tokens": [t.hex() for t in packages.open_list(unhex(v["raw"]), v["count"], v["root"]).parts]}


def _match_elements(v: Vector) -> object:
    found = packages.open_elements(unhex(v["raw"]), v["count"], v["root"])
    return {"elements": [e.hex() for e in found.parts]}


def _parted(v: Vector) -> object:
    linked = link([(name, text.encode()) for name, text in v["sources"].items()])
    made = [compile_source(name, raw) for name, raw in linked.sources]
    for each in made:
        if isinstance(each, Unusable):
            raise Refused("rule.unusable", each.source_name, each.reason)
    return {
        "rules": {each.source_name: each.digest for each in made},
        "withdrawn": sorted(name for name, _ in linked.notes.withdrawn),
        "periods": {digest: [p.since, p.until] for digest, p in linked.notes.periods},
    }


def _indicator(v: Vector) -> object:
    found = canonical_indicator(v["text"])
    return {"type": found.type, "value": found.value, "data": found.data.hex()}


def _fold(v: Vector) -> object:
    parties = {(party := party_of(file)).id: party for file in v["parties"]}
    facts: list[Fact] = []
    vkeys: set[str] = set()
    for raw in v["bundles"]:
        bundle = parse_bundle(unhex(raw))
        party = parties[open_envelope(bundle.envelope).iss]
        record = verify_record(bundle, party, parties[party.home])
        facts.append(record)
        content = record.value.content
        if isinstance(content, kinds.Open):
            vkeys |= {w.vkey for w in content.policy.witnesses}
    facts += [verify_attestation(unhex(a["raw"]), parties[a["home"]], vkeys) for a in v["attestations"]]
    state = fold_case(v["case"], facts)
    return {"state": json.loads(state.canonical()), "digest": state.digest()}


def _rule(v: Vector) -> object:
    made = compile_source(v["source_name"], v["source"].encode())
    if isinstance(made, Unusable):
        raise Refused("rule.unusable", v["source_name"], made.reason)
    return {"digest": made.digest, "pack": pack_digest([made]), "compiled": made.to_json()}


def _pack(v: Vector) -> object:
    # As it stands in a file: canonical, whatever order a rule is said in.
    text = json.dumps(v["file"], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    stated, sources = read_pack(text.encode() + b"\n", "a pack")
    pack = compile_pack(sources)
    check_pack(pack, stated, "a pack")
    return {"digest": pack.digest, "rules": list(pack.rule_digests), "whole": sorted(pack.whole_rules)}


def _finding(v: Vector) -> object:
    told = v["parameters"]
    parameters = Parameters(
        zone=told.get("zone"),
        since=told.get("since"),
        until=told.get("until"),
        logsource=tuple((key, value) for key, value in told.get("logsource", ())),
    )
    if "stated" in v:
        stated = v["stated"]
        finding = Finding(
            rules=tuple(stated["rules"]),
            pack=stated["pack"],
            item=v["item"],
            parameters=parameters,
            semantics=SEMANTICS,
            inputs_digest=stated["inputs"],
            rows=tuple((rule, row) for rule, row in stated["rows"]),
            result_digest=stated["result"],
        )
        check_finding(finding)
    pack = compile_pack((name, source.encode()) for name, source in v["sources"].items())
    form = name_format(v["format"])
    raw = unhex(v["bytes"])
    source = read_rows(form, [raw])
    run = run_rules(Scanner(pack), pack, v["item"], form, source, parameters, raw.endswith(b"\n"))
    return {
        "pack": run.finding.pack,
        "inputs": run.finding.inputs_digest,
        "result": run.finding.result_digest,
        "rows": [list(hit) for hit in run.finding.rows],
        "whole": sorted(whole_rules_of(pack, form)),
    }


def _derived(v: Vector) -> object:
    """The lines that a derivation writes, whatever the pieces in which it reads."""
    readers: dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
        "comity-json 1": partial(read_objects, version="1"),
        "comity-json 2": partial(read_objects, version="2"),
        "comity-json 3": partial(read_objects, version="3"),
        "comity-json 4": read_objects,
        "comity-event-xml 1": partial(read_events, version="1"),
        "comity-event-xml 2": read_events,
        "comity-event-text 1": partial(event_text.read_events, version="1"),
        "comity-event-text 2": partial(event_text.read_events, version="2"),
        "comity-event-text 3": event_text.read_events,
        "comity-object-xml 1": read_shell_objects,
        "comity-otlp 1": read_records,
    }
    read = readers[v["parser"]]
    raw = unhex(v["bytes"])
    told = list(read([raw]))
    for size in (1, 7, 64):
        assert list(read(raw[at : at + size] for at in range(0, len(raw), size))) == told
    return {"lines": [line.decode() for line in told]}


RUN: dict[str, Callable[[Vector], object]] = {
    "add_checkpoint": _add_checkpoint,
    "policy": _policy,
    "seal": _seal,
    "splitter": _splitter,
    "tiles": _tiles,
    "trust": _trust,
    "whole": _whole,
    "approval": _approval,
    "attempt": _attempt,
    "attestation": _attestation,
    "bundle": _bundle,
    "canonical": _canonical,
    "content": _content,
    "envelope": _envelope,
    "equivocation": _equivocation,
    "fold": _fold,
    "frame": _frame,
    "key": _key,
    "opening": _opening,
    "checkpoint": _checkpoint,
    "consistency": _consistency,
    "cosignature": _cosignature,
    "derived": _derived,
    "entries": _entries,
    "finding": _finding,
    "growth": _growth,
    "indicator": _indicator,
    "match_elements": _match_elements,
    "match_list": _match_list,
    "pack": _pack,
    "parted": _parted,
    "party": _party,
    "receipt": _receipt,
    "record": _record,
    "rows": _rows,
    "rule": _rule,
    "signature": _signature,
    "voprf": _voprf,
    "voprf_proof": _voprf_proof,
}


def run_vector(vector: Vector) -> object:
    """What the check named in ``vector["check"]`` finds, as JSON; a ``ComityError`` where it refuses."""
    return RUN[vector["check"]](vector)
