"""Two histories by one hand, seen by this node: what it can prove, and the record by which an officer does.

Seeing is automatic (the fold, the copies of others' ledgers, the witness). Saying so is an accusation, and an
officer's act.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.case.equivocation import prove_chain, prove_ledger
from comity.case.verified import Verified
from comity.errors import Refused
from comity.exchange import acts, mirroring
from comity.exchange.node import Node
from comity.ledger.witness import Split
from comity.records import kinds
from comity.records.bundles import Bundle, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What this node holds against ``party``: two envelopes at ``seq``, or a split of its ledger."""

    party: str
    of: str
    seq: int = 0
    envelopes: tuple[bytes, bytes] = (b"", b"")
    split: Split | None = None


def exposures(node: Node, case: str) -> list[Exposure]:
    """What can be proven against parties of a case, and no record of the case proves yet."""
    state = node.state(case)
    proven = {
        (r.content.party, r.content.of)
        for r in state.of("equivocation.prove")
        if isinstance(r.content, kinds.Prove)
    }
    found = []
    for author in sorted(state.forks):
        if (author, "chain") in proven:
            continue
        places: dict[tuple[str, int], list[bytes]] = {}
        for fact in state.records.values():
            envelope = fact.value.envelope
            if envelope.iss == author:
                places.setdefault((envelope.sub, envelope.seq), []).append(envelope.raw)
        doubled = {place: raws for place, raws in places.items() if len(raws) > 1}
        if doubled:  # a party under two aliases in one case forked too, but no two envelopes show it
            sub, seq = min(doubled, key=lambda place: (place[1], place[0]))
            first, second = sorted(doubled[sub, seq])[:2]
            found.append(Exposure(party=author, of="chain", seq=seq, envelopes=(first, second)))
    of_case = {fact.home for fact in state.records.values()} | set(state.members)
    for home, split in sorted(mirroring.forks(node).items()):
        if home in of_case and (home, "ledger") not in proven:
            found.append(Exposure(party=home, of="ledger", seq=split.size, split=split))
    return found


def prove_fork(node: Node, case: str, party: str) -> list[Verified[Record]]:
    """Sign ``equivocation.prove`` for all that is held against a party: each a record to every member.

    ``Refused`` (``equivocation.unseen``) where nothing is held, or all of it is proven already.
    """
    with node.lock:
        wanted = [e for e in exposures(node, case) if e.party == party]
        if not wanted:
            raise Refused(
                "equivocation.unseen", party[:12], "nothing unproven against this party is held here"
            )
        return [acts.say(node, case, _content(node, exposure)) for exposure in wanted]


def _content(node: Node, exposure: Exposure) -> kinds.Prove:
    file = node.party_file(exposure.party)
    if exposure.split is not None:
        return prove_ledger(exposure.split, exposure.party, file.card, file.rotations)
    party = node.author(exposure.party)
    home: tuple[Bundle, ...] = ()
    if party.guest:
        ledger = node.party_file(party.home)
        home = (ledger.card, *ledger.rotations)
    return prove_chain(*exposure.envelopes, exposure.party, (file.card, *file.rotations), home)
