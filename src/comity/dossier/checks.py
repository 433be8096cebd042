"""The checks of a dossier's files, step by step; what fails is collected, not only the first.

The steps, numbered as in ``spec/12-dossier.md`` §5 (1 is the container, 14 to 16 are in ``verify.py``):
   2. the manifest: its form, every file with the digest listed, no file more or less
   3. the parties: cards, key chains, a card for each home
   4. the records: opening against commitment, the author's signature, the receipt of its home ledger
   5. one checkpoint for each home, by its own key; every other line on it a cosignature that holds
   6. the place of each record and key record in that checkpoint, the same as its receipt says
   7. the attestations: the ledger's signature, the leaves, the cosignatures of the case's witnesses
   8. each receipt's and attestation's (size, root) is a prefix of that checkpoint
   9. the chains: of each author and alias no seq missing, as many as the manifest says, each on the last
  10. nothing that an opened record cites is left out
  11. one case: every opened record is of it, its opening is here, and the fold has the digest listed
  12. the disclosures: named by an accepted record, rows proven in the item it names, no other rows
  13. the facts: computed again, equal byte for byte
"""

from __future__ import annotations

from comity.case.verified import (
    verify_party,
    verify_read,
)
from comity.dossier import layout
from comity.dossier.checks_of_ledgers import LedgerChecks
from comity.dossier.checks_of_the_case import CaseChecks
from comity.dossier.material import receipt_head
from comity.errors import NotVerified
from comity.records import bodies, kinds
from comity.records.bundles import Bundle, Record, parse_bundle, read_bundle


class Checker(LedgerChecks, CaseChecks):
    """The checked contents of a dossier; read its fields after ``check``. ``failures`` is empty if intact.

    ``files`` may also hold ``publish/``, which is not looked at here.
    """

    def check(self) -> None:
        """Take every step as far as it can be taken."""
        self._step_2_manifest()
        if self.manifest is None:
            return
        self._step_3_parties()
        self._step_4_records()
        self.step_5_checkpoints()
        self.step_6_places()
        self.step_7_attestations()
        self.step_8_consistency()
        self.step_9_chains(self.manifest)
        self.step_10_citations()
        self.step_11_case(self.manifest)
        self.step_12_disclosures()
        self.step_13_facts(self.manifest)
        if not self.failures:
            self.find_strays()

    # 2 -------------------------------------------------------------------------------------------

    def _step_2_manifest(self) -> None:
        raw = self.files.get(layout.MANIFEST)
        if raw is None:
            self.fail("dossier.manifest-missing", layout.MANIFEST, "there is no manifest")
            return
        with self.guard():
            self.manifest = layout.parse_manifest(raw)
        if self.manifest is None:
            return
        with self.guard():
            bodies.parse_time(self.manifest.as_of, f"{layout.MANIFEST}/as_of")
        listed = self.manifest.files
        for name in sorted(listed.keys() - self.files.keys()):
            self.fail("dossier.file-missing", name, "the manifest lists this file and it is not here")
        extra = self.files.keys() - listed.keys() - {layout.MANIFEST, *layout.PUBLISHED}
        for name in sorted(extra):
            self.fail("dossier.file-extra", name, "the manifest does not list this file")
        for name in sorted(listed.keys() & {layout.MANIFEST, *layout.PUBLISHED}):
            self.fail("dossier.file-listed", name, "the manifest lists a file that it cannot commit")
        for name in sorted(listed.keys() & self.files.keys()):
            if layout.digest_of(self.files[name]) != listed[name]:
                self.fail("dossier.digest", name, "the file is not the one that the manifest lists")
        if layout.FACTS not in listed:
            self.fail("dossier.facts-missing", layout.FACTS, "the manifest lists no facts")

    # 3 -------------------------------------------------------------------------------------------

    def _step_3_parties(self) -> None:
        cards: dict[str, tuple[Bundle, Record]] = {}
        rotations: dict[str, dict[int, Bundle]] = {}
        for name, iss in self.named("parties/", ".card"):
            with self.guard():
                bundle = parse_bundle(self.files[name], name)
                cards[iss] = bundle, read_bundle(bundle, name)
        for name in sorted(self.files):
            if name.startswith("parties/") and ".rotate." in name:
                iss, _, number = name.removeprefix("parties/").partition(".rotate.")
                with self.guard():
                    rotations.setdefault(iss, {})[int(number)] = parse_bundle(self.files[name], name)
        for iss in sorted(rotations.keys() - cards.keys()):
            self.fail("dossier.party-missing", layout.card_name(iss), "key records without their card")
        # A guest's card is proven by its home, so nodes come first.
        for iss in sorted(cards, key=lambda i: (bool(getattr(cards[i][1].content, "home", "")), i)):
            with self.guard():
                self._party(iss, *cards[iss], rotations.get(iss, {}))

    def _party(self, iss: str, card: Bundle, record: Record, rotations: dict[int, Bundle]) -> None:
        where = layout.card_name(iss)
        if sorted(rotations) != list(range(1, len(rotations) + 1)):
            raise NotVerified("dossier.rotate-gap", where, "a key record of this party is missing")
        home = self.parties.get(getattr(record.content, "home", ""))
        following = [rotations[n] for n in sorted(rotations)]
        party = verify_party(card, following, home, where)
        if party.id != iss:
            raise NotVerified("dossier.party-name", where, "this is another party's card")
        self.parties[iss] = party
        for key, bundle in zip(party.keys, (card, *following), strict=True):
            self.key_places[key.record] = party.home, key.index
            if bundle.receipt and (party.guest or bundle is not card):
                self._head(party.home, bundle.receipt, key.record, where)

    def _head(self, home: str, receipt: bytes, record: str, where: str) -> None:
        head = receipt_head(receipt, record, where)
        self.heads.setdefault((home, head.size), {}).setdefault(head.root, where)

    # 4 -------------------------------------------------------------------------------------------

    def _step_4_records(self) -> None:
        for name, record in self.named("records/", ".record"):
            self.broken.add(record)
            with self.guard():
                bundle = parse_bundle(self.files[name], name)
                read = read_bundle(bundle, name)
                if read.id != record:
                    raise NotVerified("dossier.record-name", name, "the file holds another record")
                party = self.author_of(read.envelope.iss, name)
                home = self.author_of(party.home, name)
                if read.envelope.sub == kinds.NO_CASE:
                    raise NotVerified(
                        "dossier.record-outside", name, "a key record stands outside every case"
                    )
                self.records[record] = verify_read(read, bundle.receipt, party, home, name)
                self.bundles[record] = bundle
                self.broken.discard(record)
                self._head(home.id, bundle.receipt, record, name)
