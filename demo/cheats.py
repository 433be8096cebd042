"""The claimant cheats, five times, with its own real keys; each time something that nobody can talk away shows it.

The cheating is done on a copy of its node, so that the story's nodes stay as they were.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from comity.adapters.memory_journal import MemoryJournal
from comity.adapters.public_files import PublicFiles
from comity.case.clocks import notices
from comity.case.support import assertions
from comity.case.time import intervals
from comity.dossier import container, layout
from comity.dossier.verify import verify
from comity.errors import Refused, Unavailable
from comity.exchange import acts, authoring, guests
from comity.exchange.node import Node
from comity.exchange.notices import forms
from comity.exchange.ports import Write
from comity.ledger import note, witness
from comity.records import bodies, kinds
from comity.records.bundles import render_bundle
from demo.feed import Feed
from demo.stage import Stage
from demo.teller import CLAIMED, Told

TWO_WEEKS = 14 * 86_400


class _Clock:
    """The claimant's own clock, set as it pleases."""

    def __init__(self, real: Node, back: int = 0) -> None:
        self._real = real
        self._back = back

    def exclusive(self) -> AbstractContextManager[object]:
        return threading.RLock()

    def now(self) -> int:
        return self._real.effects.now() - self._back

    def random(self, count: int) -> bytes:
        return self._real.effects.random(count)


class Cheats:
    """Tries each cheat and tells what exposes it."""

    def __init__(self, stage: Stage, feed: Feed, told: Told, folder: Path) -> None:
        self.stage = stage
        self.feed = feed
        self.told = told
        self.folder = folder
        self.claimant = stage.seats["claimant"]

    def try_all(self) -> bool:
        """Whether every cheat was exposed."""
        self.feed.chapter("14. Now the demo cheats")
        tricks: tuple[Callable[[], bool], ...] = (
            self.back_date_a_notice,
            self.hide_a_reply,
            self.multiply_a_source,
            self.flip_a_byte,
            self.fork_the_chain,
        )
        exposed = [trick() for trick in tricks]  # every one is tried, whatever became of the others
        return all(exposed)

    def tell(self, exposed: bool, trick: str, reason: str) -> bool:
        self.feed.say(f"{'✗' if exposed else '!! NOT EXPOSED:'} {trick} → {reason}")
        return exposed

    def copy(self, name: str, *, leaves: int | None = None, back: int = 0) -> Node:
        """A copy of the claimant's node, with its keys: its first ``leaves`` leaves, its clock set back."""
        node = self.claimant.node
        count = node.journal.size() if leaves is None else leaves
        kept = node.journal.leaves(0, count)
        mine = {leaf.id for leaf in node.journal.leaves(0, node.journal.size())}
        ids = {leaf.id for leaf in kept}
        journal = MemoryJournal()
        journal.write(
            Write(
                expected=0,
                leaves=kept,
                held=[h for h in node.journal.held(self.told.case) if h.id in ids or h.id not in mine],
                attestations=[
                    (self.told.case, i, raw) for i, raw in node.journal.attestations(self.told.case)
                ]
                if leaves is None
                else [],
                notes=node.journal.notes(""),
            )
        )
        return Node(
            journal=journal,
            blobs=node.blobs,
            public=PublicFiles(self.folder / name),
            signer=node.signer,
            boxes=node.boxes,
            effects=_Clock(node, back),
        )

    def back_date_a_notice(self) -> bool:
        """A notice signed after publication, with a date two weeks before it."""
        node = self.copy("back-dated", back=TWO_WEEKS)
        case = self.told.case
        state = node.state(case)
        quay = kinds.Named(name=self.stage.cast.fourth.office)
        claim = acts.state_claim(
            node,
            case,
            "A late addition",
            [kinds.Assertion(text="Its customer ran the relay.", level="operational", about=(quay,))],
        )
        record = acts.give_notice(node, case, claim.value.id, [0], quay, "You are named.")
        state = node.state(case)
        said = bodies.parse_time(state.accepted[record.value.id].frame.at)
        proven = intervals(state)[record.value.id].not_before
        told = next(n for n in notices(state, node.parties()) if n.target.record == claim.value.id)
        exposed = proven is not None and proven > said and not told.published
        return self.tell(
            exposed,
            f"It back-dates a notice to {bodies.time_text(said)}",
            f"the notice cites heads that others cosigned: proven not before {bodies.time_text(proven or 0)}. "
            "A claimed time decides nothing, and the publication does not build on this notice.",
        )

    def hide_a_reply(self) -> bool:
        """A dossier without the respondent's answer, its manifest made anew and signed again."""
        files = dict(container.unpack(self.told.dossiers[0].read_bytes()))
        reply = self.told.records["response"]
        for name in (layout.record_name(reply), layout.path_name(reply)):
            del files[name]
        manifest = layout.parse_manifest(files[layout.MANIFEST])
        kept = {name: digest for name, digest in manifest.files.items() if name in files}
        forged = self._sign_again(files, msgspec.structs.replace(manifest, files=kept))
        failures = verify(forged).failures
        cites = [f for f in failures if reply in f.why or reply in f.where] or failures
        return self.tell(
            bool(failures),
            "It leaves the answer out of its dossier and signs the rest anew",
            f"{cites[0].why} [{cites[0].code}]" if cites else "nothing",
        )

    def _sign_again(self, files: dict[str, bytes], manifest: layout.Manifest) -> bytes:
        node = self.copy("hidden")
        files[layout.MANIFEST] = layout.render_manifest(manifest)
        digest = layout.digest_of(files[layout.MANIFEST])
        draft = authoring.Draft(
            content=kinds.Publish(manifest=digest), audience=[kinds.PUBLIC], marking="TLP:CLEAR"
        )
        signed = authoring.author(node, self.told.case, draft)
        held = node.journal.held_record(signed.value.id)
        assert held is not None
        text = authoring.checkpoint(node)
        tree = node.tree()
        vkey = note.Vkey.parse(node.party.card.checkpoint)
        before = note.verify_checkpoint(files[layout.checkpoint_name(node.party.id)].decode(), vkey)
        path = layout.PublishPath(
            leaf=layout.LeafPath(index=signed.index, path=tuple(tree.inclusion(signed.index))),
            checkpoint=tuple(tree.consistency(before.size)),
            receipt=tuple(tree.consistency(signed.index + 1)),
        )
        files[layout.PUBLISH_RECORD] = render_bundle(node.held_bundle(held, True))
        files[layout.PUBLISH_PATH] = layout.render_publish_path(path)
        files[layout.PUBLISH_NOTE] = text.encode()
        return container.pack(files)

    def multiply_a_source(self) -> bool:
        """Three keys that the claimant made itself endorse its claim, having "reviewed" its evidence."""
        node = self.copy("puppets")
        case = self.told.case
        number = [s.key for s in CLAIMED].index("A2")
        place = kinds.Target(record=self.told.records["claim"], n=number)
        before = next(a for a in assertions(node.state(case)) if a.target == place)
        raw = forms.write_text(forms.notice_data(node, case, self.told.records["notice"]), "en")
        for puppet in range(3):
            reply = guests.answer_notice(
                raw,
                name=f"Friendly Agency {puppet + 1}",
                seed=node.effects.random(32),
                effects=node.effects,
                endorse=[guests.Endorsed(n=number, basis="reviewed", why="We looked at it.")],
            )
            guests.take_reply(node, reply)
        after = next(a for a in assertions(node.state(case)) if a.target == place)
        exposed = len(after.endorsements) == len(before.endorsements) + 3 and after.origins == before.origins
        return self.tell(
            exposed,
            "It turns one source into three endorsements",
            f"{len(after.endorsements)} endorsements, and as before {len(after.origins)} declared origins: who "
            "reviewed the claimant's evidence adds a voice and no source.",
        )

    def flip_a_byte(self) -> bool:
        """One bit of one record in the published dossier."""
        raw = bytearray(self.told.dossiers[0].read_bytes())
        files = container.unpack(bytes(raw))
        name = layout.record_name(self.told.records["claim"])
        at = bytes(raw).index(files[name]) + len(files[name]) // 2
        raw[at] ^= 1
        failures = verify(bytes(raw)).failures
        first = failures[0] if failures else None
        return self.tell(
            bool(failures),
            f"It flips one bit, at byte {at:,} of {len(raw):,}",
            f"{first.where[:40]}…: {first.why} [{first.code}]" if first else "nothing",
        )

    def fork_the_chain(self) -> bool:
        """A second history in which nothing was withdrawn, under the same keys."""
        genuine = self.claimant.node
        case = self.told.case
        withdrawn = next(r for r in genuine.state(case).of("claim.withdraw"))
        node = self.copy("forked", leaves=withdrawn.index)
        size = genuine.journal.size() + 2
        while node.journal.size() < size:
            acts.say(node, case, kinds.State(title="As if", assertions=(_sentence(),)), to=[node.party.id])
        refusal = self._ask_witness(node)
        ours = genuine.state(case).records[withdrawn.id].value.envelope
        other = next(
            leaf for leaf in node.journal.leaves(0, size) if (leaf.sub, leaf.seq) == (ours.sub, ours.seq)
        )
        exposed = bool(refusal) and other.id != ours.id
        return self.tell(
            exposed,
            "It forks its own chain: a second history without the withdrawal",
            "the respondent's witness declines to cosign it, as it does not lead on from the head that it cosigned before "
            f"({refusal}); and two of its signatures stand at the same "
            f"place, number {ours.seq}: proof against it that anyone can check.",
        )

    def _ask_witness(self, node: Node) -> str:
        """Why a witness of the other side declines the forked head; "" if it cosigns.

        Raises what keeps it from answering at all: silence exposes nothing.
        """
        seat = self.stage.seats["respondent"]
        text = authoring.checkpoint(node)
        head = note.verify_checkpoint(text, note.Vkey.parse(node.party.card.checkpoint))
        old = self.claimant.node.journal.size()
        for tries_left in reversed(range(5)):
            body = witness.format_add_checkpoint(old, node.tree().consistency(old, head.size), text)
            try:
                self.claimant.peers.post(seat.url, "/add-checkpoint", body.encode())
            except Refused as refused:
                if refused.code != "peer.conflict" or not refused.where.isdigit():
                    return f"{refused.why} [{refused.code}]"
                old = int(refused.where)
            except Unavailable:
                if not tries_left:
                    raise
                time.sleep(1)
            else:
                return ""
        return "the witness keeps to the head that it has seen"


def _sentence() -> kinds.Assertion:
    return kinds.Assertion(text="Nothing was withdrawn.", level="tactical")
