"""Building a dossier from what a publisher holds (``spec/12-dossier.md`` §7).

Two steps, because the publication commits the manifest and stands in a ledger itself: ``build`` gives a
draft with the digest to publish, ``finish`` takes the signed publication and gives the bytes. Neither
gives anything that would not verify.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from comity.case import clocks as case_clocks
from comity.case.fold import Fact, fold
from comity.case.party_keys import checkpoint_keys, counted_keys
from comity.case.state import State
from comity.case.verified import (
    Verified,
    attestation_id,
    verify_attestation,
    verify_party,
    verify_read,
)
from comity.dossier import container, layout
from comity.dossier.checks import Checker
from comity.dossier.facts import chains_of, derive_facts, readers_of
from comity.dossier.layout import PublishPath
from comity.dossier.material import (
    KeyChain,
    LedgerView,
    Material,
    Needed,
    all_witness_keys,
    attested_head,
    known_lines,
    plan_proofs,
)
from comity.dossier.verify import Verdict, verify
from comity.errors import NotVerified, Refused
from comity.ledger import note
from comity.records import bodies, kinds
from comity.records.bundles import Bundle, Record, read_bundle, render_bundle
from comity.records.kinds import Card, Disclose, Open, Policy, Target
from comity.records.parties import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A dossier that lacks its publication. ``manifest`` is the digest for ``dossier.publish`` to commit.

    ``withheld`` counts, by author, records that stay closed. ``closed`` are those of them that would be open
    but for what they cite, which is not held here (or was never made). ``waiting`` are opened records that
    cannot be judged because what they build on stays closed. ``unnoticed`` are the publisher's assertions
    about others that no notice here tells them of, so that the publication should state a reason.
    """

    files: Mapping[str, bytes]
    manifest: str
    case: str
    publisher: str
    checkpoint_keys: frozenset[str]
    withheld: Mapping[str, int]
    closed: tuple[str, ...]
    waiting: tuple[str, ...]
    unnoticed: tuple[Target, ...]


def build(material: Material) -> Draft:
    """The draft of a dossier; ``Refused`` (``dossier.build``) with the first check that it would fail.

    Opened are: what the public may read, the opening of the case where it is the publisher's, and what
    ``material.release`` names. Everything else held stands in it as a bare envelope.
    """
    parties, key_chains = _verify_parties(material)
    bundles, held = _verify_records(material, parties)
    policies = _policies(material.case, held)
    facts: list[Fact] = [*held.values()]
    witnesses = counted_keys([(w.vkey, w.party) for p in policies for w in p.witnesses], parties)
    attestations = {attestation_id(raw): raw for raw in material.attestations}
    attested: list[Fact] = [
        verify_attestation(raw, _ledger_of(raw, parties), witnesses, layout.attestation_name(which))
        for which, raw in sorted(attestations.items())
    ]
    wanted = _choose_opened(fold([*facts, *attested], State(case=material.case)), material)
    complete, opened = _close_what_hangs(material.case, held, wanted, attestations.keys())
    bundles = {record: bundle for record, bundle in bundles.items() if record in complete}
    shown = {
        record: bundle if record in opened else Bundle(envelope=bundle.envelope, receipt=bundle.receipt)
        for record, bundle in bundles.items()
    }
    reduced: list[Fact] = [
        held[record] if record in opened else _verify(shown[record], parties, record) for record in shown
    ]
    state = fold([*reduced, *attested], State(case=material.case))
    files = _files(parties, key_chains, shown)
    files |= {layout.attestation_name(which): raw for which, raw in attestations.items()}
    files |= _disclosures(material, state)
    keys = all_witness_keys(parties.values(), policies)
    kept = replace(material, records=tuple(bundles.values()))
    for home, needed in plan_proofs(kept).items():
        if home in material.ledgers and home in parties:
            files |= _proofs(home, material.ledgers[home], needed, keys | _own_keys(parties[home]))
    files[layout.FACTS] = derive_facts(state, parties, material.publisher, material.as_of)
    files[layout.MANIFEST] = layout.render_manifest(
        layout.Manifest(
            version=1,
            case=material.case,
            publisher=material.publisher,
            as_of=bodies.time_text(material.as_of),
            state=state.digest(),
            authors=chains_of(state),
            files={name: layout.digest_of(data) for name, data in files.items()},
        )
    )
    checker = Checker(files)
    checker.check()
    for failure in checker.failures:
        raise Refused("dossier.build", failure.where, f"{failure.why} [{failure.code}]")
    publisher = _party(parties, material.publisher)
    return Draft(
        files=files,
        manifest=layout.digest_of(files[layout.MANIFEST]),
        case=material.case,
        publisher=publisher.id,
        checkpoint_keys=_own_keys(_party(parties, publisher.home)),
        withheld=_withheld(state),
        closed=tuple(sorted(wanted - opened)),
        waiting=tuple(sorted(state.waiting)),
        unnoticed=tuple(
            n.target
            for n in case_clocks.notices(state, parties)
            if n.author == publisher.id and n.state == "none"
        ),
    )


def finish(draft: Draft, publication: Bundle, path: PublishPath, checkpoint: str) -> bytes:
    """The dossier: the draft with the signed ``dossier.publish``, its place, and the note it stands in.

    ``Refused`` (``dossier.build``) where it would not verify: most often because the case moved on since the
    draft was built, and a new one is due.
    """
    files = dict(draft.files)
    files[layout.PUBLISH_RECORD] = render_bundle(publication)
    files[layout.PUBLISH_PATH] = layout.render_publish_path(path)
    own = known_lines(checkpoint, draft.checkpoint_keys)
    files[layout.PUBLISH_NOTE] = own.encode()
    raw = container.pack(files)
    verdict: Verdict = verify(raw)
    for failure in verdict.failures:
        raise Refused("dossier.build", failure.where, f"{failure.why} [{failure.code}]")
    return raw


def _verify_parties(material: Material) -> tuple[dict[str, Party], dict[str, KeyChain]]:
    parties: dict[str, Party] = {}
    chains: dict[str, KeyChain] = {}
    cards = [(chain, read_bundle(chain.card, "card").content) for chain in material.key_chains]
    for chain, card in sorted(cards, key=lambda c: bool(getattr(c[1], "home", ""))):
        home = parties.get(card.home) if isinstance(card, Card) and card.home else None
        party = verify_party(chain.card, chain.rotations, home)
        parties[party.id], chains[party.id] = party, chain
    return parties, chains


def _verify(bundle: Bundle, parties: Mapping[str, Party], where: str) -> Verified[Record]:
    record = read_bundle(bundle, where)
    party = _party(parties, record.envelope.iss)
    return verify_read(record, bundle.receipt, party, _party(parties, party.home), where)


def _verify_records(
    material: Material, parties: Mapping[str, Party]
) -> tuple[dict[str, Bundle], dict[str, Verified[Record]]]:
    bundles: dict[str, Bundle] = {}
    held: dict[str, Verified[Record]] = {}
    for n, bundle in enumerate(material.records):
        fact = _verify(bundle, parties, f"records[{n}]")
        bundles[fact.value.id], held[fact.value.id] = bundle, fact
    return bundles, held


def _proofs(home: str, view: LedgerView, needed: Needed, keys: frozenset[str]) -> dict[str, bytes]:
    """The files of one ledger, with the proofs that are needed and no others."""
    files = {layout.checkpoint_name(home): known_lines(view.checkpoint, keys).encode()}
    for record in needed.records.keys() & view.paths.keys():
        files[layout.path_name(record)] = layout.render_path(view.paths[record])
    for size in needed.sizes & view.consistency.keys():
        files[layout.consistency_name(home, size)] = layout.render_consistency(view.consistency[size])
    return files


def _party(parties: Mapping[str, Party], iss: str) -> Party:
    party = parties.get(iss)
    if party is None:
        raise NotVerified("dossier.party-missing", layout.card_name(iss), "the card of a party is missing")
    return party


def _own_keys(party: Party) -> frozenset[str]:
    return frozenset(map(str, checkpoint_keys(party)))


def _ledger_of(raw: bytes, parties: Mapping[str, Party]) -> Party:
    origin, _ = attested_head(raw)
    for party in parties.values():
        if party.card.checkpoint and note.Vkey.parse(party.card.checkpoint).name == origin:
            return party
    raise NotVerified("dossier.party-missing", "attestations", f"no card for the ledger {origin}")


def _policies(case: str, held: Mapping[str, Verified[Record]]) -> tuple[Policy, ...]:
    return tuple(
        fact.value.content.policy
        for fact in held.values()
        if isinstance(fact.value.content, Open) and fact.value.frame and fact.value.frame.case == case
    )


def _choose_opened(state: State, material: Material) -> set[str]:
    """Ids of the records that the dossier opens."""
    opened = {record for record in state.records if kinds.PUBLIC in readers_of(state, record)}
    opened |= material.release & state.records.keys()
    if state.opening and state.opening.author == material.publisher:
        opened.add(state.opening.id)
    for grant in state.of("case.grant"):
        # Without the grant nobody sees why what it opens is open.
        if isinstance(grant.content, kinds.Grant) and kinds.PUBLIC in grant.content.to:
            opened.add(grant.id)
    return opened


def _close_what_hangs(
    case: str, held: Mapping[str, Verified[Record]], wanted: Set[str], attestations: Set[str]
) -> tuple[set[str], set[str]]:
    """The records that can stand in a dossier, and those of ``wanted`` that can be opened in it.

    Nobody can make this party's case unpublishable by what it signs: a record whose chain has a gap here is
    left out, with those behind it; one that cites what is not here, or names another case, stays closed.
    """
    complete: set[str] = set()
    opened = set(wanted)
    for record, fact in sorted(held.items(), key=lambda item: item[1].value.envelope.seq):
        envelope = fact.value.envelope
        before = held[envelope.prev].value.envelope if envelope.prev in complete else None
        place = (envelope.iss, envelope.sub, envelope.seq - 1)
        if envelope.seq == 0 or (before and (before.iss, before.sub, before.seq) == place):
            complete.add(record)
    while True:
        shown = (held[r].value for r in opened & complete)
        chains = {(r.envelope.iss, r.envelope.sub) for r in shown if r.frame is not None}
        aliases: dict[str, set[str]] = {}
        for record in complete:
            aliases.setdefault(held[record].value.envelope.iss, set()).add(held[record].value.envelope.sub)
        strangers = {
            record
            for record in complete
            for e in (held[record].value.envelope,)
            if len(aliases[e.iss]) > 1 and (e.iss, e.sub) not in chains
        }
        hanging = {
            r for r in opened if r not in complete or not _stands(held[r], case, complete, attestations)
        }
        if not strangers and not hanging:
            return complete, opened
        complete -= strangers
        opened -= hanging


def _stands(fact: Verified[Record], case: str, records: Set[str], attestations: Set[str]) -> bool:
    frame = fact.value.frame
    return frame is None or (
        frame.case == case
        and all(
            cited[2:] in attestations if cited.startswith("t:") else cited in records
            for cited in (*frame.seen, *frame.references)
        )
    )


def _files(
    parties: Mapping[str, Party], key_chains: Mapping[str, KeyChain], shown: Mapping[str, Bundle]
) -> dict[str, bytes]:
    files = {layout.record_name(record): render_bundle(bundle) for record, bundle in shown.items()}
    for iss in parties:
        files[layout.card_name(iss)] = render_bundle(key_chains[iss].card)
        for number, rotation in enumerate(key_chains[iss].rotations, 1):
            files[layout.rotate_name(iss, number)] = render_bundle(rotation)
    return files


def _disclosures(material: Material, state: State) -> dict[str, bytes]:
    """Packages whose rows may go on to everyone: shown to the public, by the publisher itself, or to the
    publisher with leave to pass them on. Others stay out, even where their record is opened."""
    named = set()
    for record in state.of("evidence.disclose"):
        content = record.content
        if isinstance(content, Disclose) and content.level == "rows":
            leave = content.onward == "yes" and material.publisher in content.to
            if leave or kinds.PUBLIC in content.to or record.author == material.publisher:
                named.add(content.package)
    packages = {layout.digest_of(raw): raw for raw in material.disclosures}
    return {layout.disclosure_name(d): raw for d, raw in packages.items() if d in named}


def _withheld(state: State) -> dict[str, int]:
    found: dict[str, int] = {}
    for fact in state.records.values():
        if fact.value.content is None:
            found[fact.value.envelope.iss] = found.get(fact.value.envelope.iss, 0) + 1
    return found
