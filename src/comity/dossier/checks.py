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

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType

from comity.case.fold import Fact, fold
from comity.case.party_keys import counted_keys, noted_key
from comity.case.reruns import splitter_of
from comity.case.state import State
from comity.case.verified import (
    Attestation,
    Verified,
    attestation_id,
    verify_attestation,
    verify_party,
    verify_read,
)
from comity.dossier import layout
from comity.dossier.facts import derive_facts
from comity.dossier.material import all_witness_keys, attested_head, receipt_head
from comity.errors import ComityError, Malformed, NotVerified
from comity.evidence.disclose import VerifiedRows, check_disclosure, parse_disclosure
from comity.evidence.formats import name_format
from comity.evidence.rows import is_header
from comity.evidence.seal import ItemRef
from comity.ledger import merkle, note
from comity.records import bodies, canonical, kinds
from comity.records.bundles import Bundle, Record, parse_bundle, read_bundle
from comity.records.kinds import Disclose, Item, Open
from comity.records.parties import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One check that a dossier fails: a stable code, the place, and one sentence."""

    code: str
    where: str
    why: str


class Guard:
    """Lets the checks go on behind one that fails: an error inside becomes a ``Failure``, once."""

    def __init__(self, failures: list[Failure]) -> None:
        self._failures = failures

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, ComityError):
            return False
        failure = Failure(code=error.code, where=error.where, why=error.why)
        if failure not in self._failures:
            self._failures.append(failure)
        return True


class Checker:
    """The checked contents of a dossier; read its fields after ``check``. ``failures`` is empty if intact.

    ``files`` may also hold ``publish/``, which is not looked at here.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.failures: list[Failure] = []
        self.manifest: layout.Manifest | None = None
        self.parties: dict[str, Party] = {}
        self.bundles: dict[str, Bundle] = {}
        self.records: dict[str, Verified[Record]] = {}
        # Ids of records that are here and do not hold: they are not missing as well.
        self.broken: set[str] = set()
        self.checkpoints: dict[str, tuple[str, note.Checkpoint]] = {}
        self.attestations: dict[str, Verified[Attestation]] = {}
        self.state: State | None = None
        self.shown: dict[Item, list[VerifiedRows]] = {}
        # (home, size) → the root said to be the tree's at that size, and who says so.
        self.heads: dict[tuple[str, int], dict[bytes, str]] = {}
        # Key records: id → (home, leaf index).
        self.key_places: dict[str, tuple[str, int]] = {}

    def check(self) -> None:
        """Take every step as far as it can be taken."""
        self._step_2_manifest()
        if self.manifest is None:
            return
        self._step_3_parties()
        self._step_4_records()
        self._step_5_checkpoints()
        self._step_6_places()
        self._step_7_attestations()
        self._step_8_consistency()
        self._step_9_chains(self.manifest)
        self._step_10_citations()
        self._step_11_case(self.manifest)
        self._step_12_disclosures()
        self._step_13_facts(self.manifest)
        if not self.failures:
            self._find_strays()

    def guard(self) -> Guard:
        """Turn an error inside the ``with`` into a failure."""
        return Guard(self.failures)

    def fail(self, code: str, where: str, why: str) -> None:
        """Collect a failure that stops nothing."""
        with self.guard():
            raise NotVerified(code, where, why)

    def named(self, folder: str, ending: str) -> Iterator[tuple[str, str]]:
        """Files of a folder: (name, what stands between folder and ending), sorted."""
        for name in sorted(self.files):
            if name.startswith(folder) and name.endswith(ending):
                yield name, name[len(folder) : len(name) - len(ending)]

    @property
    def policies(self) -> tuple[kinds.Policy, ...]:
        """The time policies of openings of this case."""
        found = []
        for fact in self.records.values():
            content, frame = fact.value.content, fact.value.frame
            if isinstance(content, Open) and self.manifest and frame and frame.case == self.manifest.case:
                found.append(content.policy)
        return tuple(found)

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
                party = self._author(read.envelope.iss, name)
                home = self._author(party.home, name)
                if read.envelope.sub == kinds.NO_CASE:
                    raise NotVerified(
                        "dossier.record-outside", name, "a key record stands outside every case"
                    )
                self.records[record] = verify_read(read, bundle.receipt, party, home, name)
                self.bundles[record] = bundle
                self.broken.discard(record)
                self._head(home.id, bundle.receipt, record, name)

    def _author(self, iss: str, where: str) -> Party:
        party = self.parties.get(iss)
        if party is None:
            raise NotVerified("dossier.party-missing", where, f"no card that holds for {iss[:16]}…")
        return party

    # 5 -------------------------------------------------------------------------------------------

    def _step_5_checkpoints(self) -> None:
        for name, home in self.named("checkpoints/", ".note"):
            with self.guard():
                text = decode_note(self.files[name], name)
                self.checkpoints[home] = text, self.check_note(text, self._author(home, name), name)
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

    def _step_6_places(self) -> None:
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

    def _find_strays(self) -> None:
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

    def _step_7_attestations(self) -> None:
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

    def _step_8_consistency(self) -> None:
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

    # 9 -------------------------------------------------------------------------------------------

    def _step_9_chains(self, manifest: layout.Manifest) -> None:
        chains: dict[tuple[str, str], dict[int, list[str]]] = {}
        opened: set[tuple[str, str]] = set()
        for record, fact in self.records.items():
            envelope = fact.value.envelope
            chains.setdefault((envelope.iss, envelope.sub), {}).setdefault(envelope.seq, []).append(record)
            if fact.value.frame is not None:
                opened.add((envelope.iss, envelope.sub))
        for (iss, sub), seqs in sorted(chains.items()):
            where = f"records of {iss[:16]}…"
            # What reached this dossier without a readable record of the case might be of another case.
            if (iss, sub) not in opened and sum(author == iss for author, _ in chains) > 1:
                self.fail("dossier.alias", where, f"nothing here shows that {sub[:16]}… is of this case")
            missing = next((n for n in range(max(seqs)) if n not in seqs), None)
            if missing is not None and not self.broken:
                self.fail("dossier.gap", where, f"record {missing} of this author is left out")
            for seq, found in sorted(seqs.items()):
                for record in found if seq else ():
                    prev = self.records[record].value.envelope.prev
                    if prev not in seqs.get(seq - 1, ()) and missing is None and not self.broken:
                        why = "does not follow the record before it, which is left out"
                        self.fail("dossier.prev", layout.record_name(record), why)
        counted = {
            iss: {
                sub: layout.Chain(newest=max(seqs), count=sum(map(len, seqs.values())))
                for (author, sub), seqs in chains.items()
                if author == iss
            }
            for iss in {author for author, _ in chains}
        }
        if counted != manifest.authors and not self.failures:
            different = sorted(
                iss
                for iss in counted.keys() | manifest.authors.keys()
                if counted.get(iss) != manifest.authors.get(iss)
            )
            where = f"{layout.MANIFEST}/authors/{different[0]}"
            self.fail(
                "dossier.chain-count", where, "the manifest tells of more or fewer records than are here"
            )

    # 10 ------------------------------------------------------------------------------------------

    def _step_10_citations(self) -> None:
        for record, fact in sorted(self.records.items()):
            if fact.value.frame is None:
                continue
            self.cites_here(fact.value, layout.record_name(record))

    def cites_here(self, record: Record, where: str) -> None:
        """Fail for everything that an opened record names and this dossier leaves out."""
        frame = record.frame
        assert frame is not None
        for cited in (*frame.seen, *frame.references):
            if cited.startswith("t:"):
                if cited[2:] not in self.attestations:
                    why = f"cites the attestation {cited[2:18]}…, which is left out"
                    self.fail("dossier.omitted-attestation", where, why)
            elif cited not in self.records and cited not in self.broken:
                self.fail("dossier.omitted", where, f"cites the record {cited[:16]}…, which is left out")

    # 11 ------------------------------------------------------------------------------------------

    def _step_11_case(self, manifest: layout.Manifest) -> None:
        for record, fact in sorted(self.records.items()):
            frame = fact.value.frame
            if frame is not None and frame.case != manifest.case:
                self.fail("dossier.other-case", layout.record_name(record), "a record of another case")
        facts: list[Fact] = [*self.records.values(), *self.attestations.values()]
        self.state = fold(facts, State(case=manifest.case))
        if self.state.opening is None:
            self.fail(
                "dossier.case-open", layout.MANIFEST, "the opening of the case is not here, or not opened"
            )
        if not self.failures and self.state.digest() != manifest.state:
            where = f"{layout.MANIFEST}/state"
            self.fail("dossier.state", where, "the records give another state than the manifest lists")

    # 12 ------------------------------------------------------------------------------------------

    def _step_12_disclosures(self) -> None:
        if self.state is None:
            return
        disclosing: dict[str, list[Disclose]] = {}
        for accepted in self.state.of("evidence.disclose"):
            if isinstance(accepted.content, Disclose) and accepted.content.level == "rows":
                disclosing.setdefault(accepted.content.package, []).append(accepted.content)
        for name, digest in self.named("disclosures/", ".rows"):
            with self.guard():
                raw = self.files[name]
                if layout.digest_of(raw) != digest:
                    raise NotVerified("dossier.disclosure-name", name, "the file holds another disclosure")
                if digest not in disclosing:
                    if self.failures:
                        continue  # the record that discloses them may be one that does not hold
                    raise NotVerified("dossier.disclosure-stray", name, "no record here discloses these rows")
                parsed = parse_disclosure(raw, name)
                for content in disclosing[digest]:
                    ref = ItemRef(size=content.item.size, root=bytes.fromhex(content.item.root))
                    rows = check_disclosure(parsed, ref, name)
                    self._rows_as_said(rows, content, name)
                    self.shown.setdefault(content.item, []).append(rows)

    def _rows_as_said(self, rows: VerifiedRows, content: Disclose, where: str) -> None:
        firsts = [first for first, _ in content.rows]

        def is_said(number: int) -> bool:
            at = bisect_right(firsts, number) - 1
            return at >= 0 and number < sum(content.rows[at])

        # Counted, not listed: a range may claim more rows than any memory holds.
        extra = {number for number in rows.rows if not is_said(number)}
        if len(rows.rows) - len(extra) != sum(count for _, count in content.rows):
            raise NotVerified(
                "dossier.disclosure-rows", where, "rows that the record discloses are not shown"
            )
        splitter = splitter_of(self.state, content.item) if self.state else None
        for number in sorted(extra):
            # A row's header travels with it.
            if splitter is None or not is_header(name_format(splitter), number, rows.rows[number]):
                raise NotVerified(
                    "dossier.disclosure-rows", where, f"row {number} is shown, which no record discloses"
                )

    # 13 ------------------------------------------------------------------------------------------

    def _step_13_facts(self, manifest: layout.Manifest) -> None:
        raw = self.files.get(layout.FACTS)
        if raw is None or self.state is None:
            return
        with self.guard():
            stated = canonical.parse(raw, layout.FACTS)
            if self.failures:
                return  # facts of records that do not hold would only fail again
            derived = derive_facts(
                self.state, self.parties, manifest.publisher, bodies.parse_time(manifest.as_of)
            )
            if raw != derived:
                place = first_difference(stated, canonical.parse(derived), layout.FACTS)
                raise NotVerified(
                    "dossier.facts", place, "the records give another fact than the file states"
                )


def decode_note(raw: bytes, where: str) -> str:
    """The text of a note file."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("note.text", where, "not valid UTF-8") from None


def first_difference(stated: canonical.Json, derived: canonical.Json, where: str) -> str:
    """The path at which two JSON values first differ, members in order of their names."""
    if isinstance(stated, Mapping) and isinstance(derived, Mapping):
        for key in sorted(stated.keys() | derived.keys()):
            if stated.get(key) != derived.get(key):
                if key in stated and key in derived:
                    return first_difference(stated[key], derived[key], f"{where}/{key}")
                return f"{where}/{key}"
    if isinstance(stated, list) and isinstance(derived, list):
        for n, (a, b) in enumerate(zip(stated, derived, strict=False)):
            if a != b:
                return first_difference(a, b, f"{where}[{n}]")
        return f"{where}[{min(len(stated), len(derived))}]"
    return where
