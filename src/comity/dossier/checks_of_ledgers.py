"""The checks of a dossier that speak of ledgers: steps 5 to 8 of ``spec/12-dossier.md`` §5."""

from __future__ import annotations

from comity.case.party_keys import counted_keys, noted_key
from comity.case.verified import (
    attestation_id,
    verify_attestation,
)
from comity.dossier import layout
from comity.dossier.checking import Collected
from comity.dossier.material import all_witness_keys, attested_head
from comity.errors import Malformed, NotVerified
from comity.ledger import merkle, note
from comity.records.parties import Party


class LedgerChecks(Collected):
    """One checkpoint for each home, the place of every record in it, and what else ledgers signed."""

    # 5 -------------------------------------------------------------------------------------------

    def step_5_checkpoints(self) -> None:
        for name, home in self.named("checkpoints/", ".note"):
            with self.guard():
                text = decode_note(self.files[name], name)
                self.checkpoints[home] = text, self.check_note(text, self.author_of(home, name), name)
        used = {fact.home for fact in self.records.values()} | {home for home, _ in self.key_places.values()}
        for name in sorted(layout.checkpoint_name(home) for home in used):
            if name not in self.files:
                self.fail("dossier.checkpoint-missing", name, "the checkpoint of this ledger is left out")

    def check_note(self, text: str, home: Party, where: str) -> note.Checkpoint:
        """The checkpoint of ``home``; every line must be its own or a cosignature by a witness known here."""
        if not home.card.checkpoint:
            raise NotVerified("dossier.checkpoint-key", where, "this party keeps no ledger")
        own = noted_key(text, home, where)
        head = note.verify_checkpoint(text, own, where)
        witnesses = {
            (vkey.name, vkey.key_hash): vkey
            for vkey in map(
                note.Vkey.parse,
                all_witness_keys(self.parties.values(), self.policies),
            )
        }
        for line in note.open_note(text, where)[1]:
            place = line.name, line.key_hash
            if place == (own.name, own.key_hash):
                continue
            if place not in witnesses:
                raise NotVerified(
                    "dossier.note-line", where, f"a signature that nobody can check: {line.name}"
                )
            note.verify_cosignature(text, witnesses[place], where)
        return head

    # 6 -------------------------------------------------------------------------------------------

    def step_6_places(self) -> None:
        places = dict(self.key_places)
        places.update({record: (fact.home, fact.index) for record, fact in self.records.items()})
        for record, (home, index) in sorted(places.items()):
            name = layout.path_name(record)
            if home not in self.checkpoints:
                continue
            if name not in self.files:
                self.fail(
                    "dossier.path-missing", name, "nothing shows this record in its ledger's checkpoint"
                )
                continue
            head = self.checkpoints[home][1]
            with self.guard():
                leaf = layout.parse_path(self.files[name], name)
                if leaf.index != index:
                    raise NotVerified(
                        "dossier.path-index", name, "the receipt names another place in the ledger"
                    )
                merkle.verify_inclusion(bytes.fromhex(record), index, head.size, leaf.path, head.root, name)

    def find_strays(self) -> None:
        """Proofs that nothing here needs: a reader might take them for records that are."""
        for name, record in self.named("proofs/", ".path"):
            if record not in self.records and record not in self.key_places:
                self.fail("dossier.stray", name, "a proof of a record that is not here")
        for name, which in self.named("proofs/", ".consistency"):
            home, _, size = which.partition(".")
            head = self.checkpoints.get(home)
            if (home, int(size)) not in self.heads or head is None or int(size) == head[1].size:
                self.fail("dossier.stray", name, "a proof that nothing here needs")

    # 7 -------------------------------------------------------------------------------------------

    def step_7_attestations(self) -> None:
        ledgers = {}
        for iss, party in self.parties.items():
            if party.card.checkpoint:
                with self.guard():
                    ledgers[note.Vkey.parse(party.card.checkpoint).name] = iss
        named = [(w.vkey, w.party) for policy in self.policies for w in policy.witnesses]
        witnesses = counted_keys(named, self.parties)
        for name, attestation in self.named("attestations/", ".attestation"):
            with self.guard():
                raw = self.files[name]
                if attestation_id(raw) != attestation:
                    raise NotVerified("dossier.attestation-name", name, "the file holds another attestation")
                origin, _ = attested_head(raw, name)
                if origin not in ledgers:
                    raise NotVerified("dossier.party-missing", name, f"no card for the ledger {origin}")
                fact = verify_attestation(raw, self.parties[ledgers[origin]], witnesses, name)
                self.attestations[attestation] = fact
                head = self.heads.setdefault((fact.value.home, fact.value.size), {})
                head.setdefault(fact.value.root, name)

    # 8 -------------------------------------------------------------------------------------------

    def step_8_consistency(self) -> None:
        for (home, size), roots in sorted(self.heads.items()):
            if home not in self.checkpoints:
                continue
            final = self.checkpoints[home][1]
            first = min(roots.values())
            if len(roots) > 1:
                self.fail("dossier.split", first, f"the ledger {home[:16]}… signed two roots for size {size}")
            elif size > final.size:
                why = f"it speaks of size {size}, the ledger's checkpoint here is older"
                self.fail("dossier.checkpoint-behind", first, why)
            elif size == final.size:
                if final.root not in roots:
                    why = f"another root for size {size} than the ledger's checkpoint here"
                    self.fail("dossier.split", first, why)
            else:
                name = layout.consistency_name(home, size)
                if name not in self.files:
                    self.fail("dossier.consistency-missing", name, f"nothing ties {first} to the checkpoint")
                    continue
                with self.guard():
                    path = layout.parse_consistency(self.files[name], name)
                    root = next(iter(roots))
                    merkle.verify_consistency(size, final.size, root, final.root, path, name)


def decode_note(raw: bytes, where: str) -> str:
    """The text of a note file."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("note.text", where, "not valid UTF-8") from None
