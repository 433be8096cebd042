"""The checks of a dossier that speak of its case: steps 9 to 13 of ``spec/12-dossier.md`` §5."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from comity.case.fold import Fact, fold
from comity.case.reruns import splitter_of
from comity.case.state import State
from comity.dossier import layout
from comity.dossier.checking import Collected
from comity.dossier.facts import NEWEST, derive_facts
from comity.errors import NotVerified
from comity.evidence.disclose import VerifiedRows, check_disclosure, parse_disclosure
from comity.evidence.formats import name_format
from comity.evidence.rows import is_header
from comity.evidence.seal import ItemRef
from comity.records import bodies, canonical
from comity.records.bundles import Record
from comity.records.kinds import Disclose


class CaseChecks(Collected):
    """The chains of the authors, what records cite, their fold, the rows disclosed, and the facts."""

    # 9 -------------------------------------------------------------------------------------------

    def step_9_chains(self, manifest: layout.Manifest) -> None:
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

    def step_10_citations(self) -> None:
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

    def step_11_case(self, manifest: layout.Manifest) -> None:
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

    def step_12_disclosures(self) -> None:
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

    def step_13_facts(self, manifest: layout.Manifest) -> None:
        raw = self.files.get(layout.FACTS)
        if raw is None or self.state is None:
            return
        with self.guard():
            stated = canonical.parse(raw, layout.FACTS)
            if self.failures:
                return  # facts of records that do not hold would only fail again
            version = stated.get("version") if isinstance(stated, Mapping) else None
            at_most = version if isinstance(version, int) else NEWEST
            at = bodies.parse_time(manifest.as_of)
            derived = derive_facts(self.state, self.parties, manifest.publisher, at, version=at_most)
            if raw != derived:
                place = first_difference(stated, canonical.parse(derived), layout.FACTS)
                raise NotVerified(
                    "dossier.facts", place, "the records give another fact than the file states"
                )


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
