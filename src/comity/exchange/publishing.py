"""Publishing: a case as this party holds it, made portable (``spec/12-dossier.md``).

Three steps in one verb: this party's own records are granted to the public; the dossier is drafted and its
manifest committed by a signed ``dossier.publish``; the finished bytes go to the public files. Replies to
what is published become public with it and are included verbatim, whether or not they please.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from comity.case.party_keys import read_checkpoint
from comity.case.state import State, followed
from comity.case.verified import Verified
from comity.dossier.build import Draft as DossierDraft
from comity.dossier.build import build, finish
from comity.dossier.layout import LeafPath, PublishPath
from comity.dossier.material import KeyChain, LedgerView, Material, plan_proofs, view_ledger
from comity.errors import Refused
from comity.exchange import acts, authoring, mirroring
from comity.exchange.node import Node
from comity.exchange.noticing import unnoticed
from comity.exchange.passing_on import may_pass
from comity.phrases import phrase
from comity.records import kinds
from comity.records.bundles import Bundle, Record
from comity.records.kinds_of_procedure import Extend

# Records that are about who may read, not about the incident; they need no grant to be told of.
_UNGRANTED = ("case.grant", "dossier.publish")


_FOR_FEW = ("TLP:AMBER+STRICT", "TLP:RED")


def publish(
    node: Node,
    case: str,
    *,
    without_notice: str = "",
    withhold: Collection[str] = (),
    as_of: int | None = None,
) -> tuple[Verified[Record], bytes]:
    """Publish this party's view of a case: the signed publication, and the dossier.

    ``withhold`` names records that stay closed; the dossier shows how many (``Refused``,
    ``publish.withhold``, for one that is public already); one that this party marked TLP:AMBER+STRICT or
    TLP:RED has to (``publish.marking``). An assertion of this
    party's that names another, of which no notice was given, needs ``without_notice``: a reason that is
    shown (``Refused``, ``publish.no-notice``). Ledgers of others are proven from this node's copies
    (``Refused``, ``ledger.behind``, where these do not reach far enough: sync first).
    """
    if as_of is not None and as_of > node.effects.now():
        raise Refused("publish.as-of", "", "clocks are read at an instant that has come")
    with node.lock:
        _check_withheld(node.state(case), withhold)
        own = _own(node, case, withhold) | _cited(node, case, withhold)
        _check_markings(node, case, withhold)
        _check_notice(build(material_of(node, case, as_of, release=own)), without_notice)
        state = node.state(case)
        closed = [r for r in _own(node, case, withhold) if kinds.PUBLIC not in state.audiences[r]]
        if closed:
            acts.grant(node, case, closed, [kinds.PUBLIC], reasoned=bool(without_notice))
        material = material_of(node, case, as_of, release=_cited(node, case, withhold))
        draft = build(material)
        content = kinds.Publish(manifest=draft.manifest, without_notice=without_notice)
        state = node.state(case)
        first = not any(r.author == node.party.id for r in state.accepted.values())
        references = [state.opening.id] if first and state.opening else []
        signed = authoring.author(
            node,
            case,
            authoring.Draft(content=content, audience=[kinds.PUBLIC], references=references),
        )
        dossier = _finish(node, draft, material, signed)
        name = f"dossiers/{hashlib.sha256(dossier).hexdigest()}.comity"
        node.public.write(name, dossier)
        return signed, dossier


def _check_withheld(state: State, withhold: Collection[str]) -> None:
    for record in withhold:
        if kinds.PUBLIC in state.audiences.get(record, ()):
            raise Refused(
                "publish.withhold",
                record[:12],
                "it is public already: every dossier has it, and none can close it",
            )


def publishable(node: Node, case: str) -> tuple[str, ...]:
    """This party's own records that a publication opens, unless they are withheld; in docket order."""
    own = _own(node, case, ())
    return tuple(r.id for r in node.state(case).ordered if r.id in own)


def require_notice(node: Node, case: str, without_notice: str, withhold: Collection[str] = ()) -> None:
    """Return only if a publication would say of every party it names that it was told, or why not;
    ``Refused`` (``publish.no-notice``) otherwise. Signs nothing."""
    own = _own(node, case, withhold) | _cited(node, case, withhold)
    _check_markings(node, case, withhold)
    _check_notice(build(material_of(node, case, release=own)), without_notice)


def _own(node: Node, case: str, withhold: Collection[str]) -> frozenset[str]:
    me = node.party.id
    return frozenset(
        r.id
        for r in node.state(case).ordered
        if r.author == me and r.frame.kind not in _UNGRANTED and r.id not in set(withhold)
    )


def _cited(node: Node, case: str, withhold: Collection[str]) -> frozenset[str]:
    """What this party's published records build on: requests it answered, for one. A reader cannot judge
    the answer without them, so they are opened, and labelled where their author did not release them. With
    them goes what came of them: nobody's words are shown without their author's later ones on the same,
    and no proposal without its answer."""
    state = node.state(case)
    later = _later(state)
    found: set[str] = set()
    work = list(_own(node, case, withhold))
    while work:
        record = work.pop()
        for near in (*state.accepted[record].frame.references, *later.get(record, ())):
            if near in state.accepted and near not in found:
                found.add(near)
                work.append(near)
    return frozenset(found - set(withhold))


def _later(state: State) -> dict[str, list[str]]:
    """Record → what its own author said of it later (withdrawn, amended, corrected), and what answers it
    where it proposes more time. Who may read the record may read these (``spec/05-rules.md``)."""
    found: dict[str, list[str]] = {}
    for record in state.ordered:
        before = state.accepted.get(followed(record.content))
        if before is not None and before.author == record.author:
            found.setdefault(before.id, []).append(record.id)
        if isinstance(record.content, Extend) and record.content.proposal:
            found.setdefault(record.content.proposal, []).append(record.id)
    return found


def _check_markings(node: Node, case: str, withhold: Collection[str]) -> None:
    """A record that this party itself marked for its readers alone goes to everybody by no default."""
    state = node.state(case)
    kept = [
        state.accepted[r]
        for r in sorted(_own(node, case, withhold))
        if state.accepted[r].frame.marking in _FOR_FEW and kinds.PUBLIC not in state.audiences[r]
    ]
    if kept:
        told = ", ".join(f"{r.id[:12]} ({r.frame.marking})" for r in kept)
        raise Refused(
            "publish.marking", told, phrase("marked for its readers alone by this party: withhold it")
        )


def _check_notice(draft: DossierDraft, without_notice: str) -> None:
    if draft.unnoticed and not without_notice:
        raise unnoticed(draft.unnoticed)


def material_of(
    node: Node, case: str, as_of: int | None = None, release: frozenset[str] = frozenset()
) -> Material:
    """Everything a dossier of this case by this party is made of."""
    state = node.state(case)
    bundles = tuple(node.held_bundle(h, True) for h in node.journal.held(case))
    wanted = {f.value.envelope.iss for f in state.records.values()} | {node.party.id}
    wanted |= {f.home for f in state.records.values()}
    chains = []
    for party in sorted(wanted):
        file = node.party_file(party)
        chains.append(KeyChain(card=file.card, rotations=file.rotations))
    opening = {state.opening.id} if state.opening else set()
    bare = Material(
        case=case,
        publisher=node.party.id,
        as_of=node.effects.now() if as_of is None else as_of,
        records=bundles,
        key_chains=tuple(chains),
        attestations=tuple(fact.value.raw for _, fact in sorted(state.attestations.items())),
        disclosures=_packages(node, state),
        release=frozenset(release | opening),
    )
    ledgers: dict[str, LedgerView] = {}
    for home, needed in plan_proofs(bare).items():
        least = max([*needed.sizes, *(i + 1 for i in needed.records.values())], default=0)
        tree, head = mirroring.require(node, home, least)
        ledgers[home] = view_ledger(tree, head, needed)
    return Material(
        case=bare.case,
        publisher=bare.publisher,
        as_of=bare.as_of,
        records=bare.records,
        key_chains=bare.key_chains,
        attestations=bare.attestations,
        disclosures=bare.disclosures,
        release=bare.release,
        ledgers=ledgers,
    )


def _packages(node: Node, state: State) -> tuple[bytes, ...]:
    """Row disclosures made to the public. What was shown to some is theirs, and not published here."""
    return tuple(
        node.blobs.get(r.content.package)
        for r in state.of("evidence.disclose")
        if isinstance(r.content, kinds.Disclose)
        and r.content.level == "rows"
        and node.blobs.has(r.content.package)
        and may_pass(node, state, r, kinds.PUBLIC)
    )


def _finish(node: Node, draft: DossierDraft, material: Material, signed: Verified[Record]) -> bytes:
    held = node.journal.held_record(signed.value.id)
    assert held is not None
    text = authoring.checkpoint(node)
    tree = node.tree()
    head = read_checkpoint(text, node.party)
    before = read_checkpoint(material.ledgers[node.party.id].checkpoint, node.party)
    path = PublishPath(
        leaf=LeafPath(index=signed.index, path=tuple(tree.inclusion(signed.index, head.size))),
        checkpoint=tuple(tree.consistency(before.size, head.size)),
        receipt=tuple(tree.consistency(signed.index + 1, head.size)),
    )
    bundle = Bundle(envelope=held.envelope, opening=held.opening, receipt=held.receipt)
    return finish(draft, bundle, path, text)
