"""What the acts of the story have in common: who speaks, what was said where, and the small steps.

Whatever is narrated of a fact is read from a node's state here, never assumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from comity.case.support import AssertionFacts, assertions
from comity.evidence.seal import Declared
from comity.exchange import evidence, findings, handing_over
from comity.exchange.node import Node
from comity.findings.finding import Comparison, Parameters
from comity.records import kinds
from comity.records.kinds import Assertion, LegalElement, Named, Support, Target
from demo.cast import ASSERTIONS, INFERENCES, Role, sentence, speak
from demo.evidence import RULES, EvidenceFile, Manifest
from demo.feed import Feed
from demo.stage import Seat, Stage

SINCE, UNTIL = "2026-10-03T22:00:00Z", "2026-10-04T04:00:00Z"
CLAIMED = tuple(s for s in ASSERTIONS if s.by == "claimant")
DENIED = tuple(s for s in ASSERTIONS if s.by == "respondent")
STANCE = {"claim": "claims", "denial": "denies", "counter-claim": "counters"}
"""The words of the cast, as records spell them."""


@dataclass(slots=True)
class Told:
    """Records of the story by the name that the story gives them, and the files it leaves."""

    case: str = ""
    records: dict[str, str] = field(default_factory=dict)
    dossiers: list[Path] = field(default_factory=list)
    trust: Path = Path()


class _File:
    """A file on disk as chunks that can be read again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while chunk := file.read(1 << 20):
                yield chunk


class Teller:
    """Speaks for each party, and remembers which record said what."""

    def __init__(self, stage: Stage, feed: Feed, manifest: Manifest, folder: Path) -> None:
        self.stage = stage
        self.feed = feed
        self.manifest = manifest
        self.evidence = folder
        self.told = Told()

    # -- words ------------------------------------------------------------------------------------

    def seat(self, role: Role) -> Seat:
        return self.stage.seats[role]

    def node(self, role: Role) -> Node:
        return self.seat(role).node

    @property
    def case(self) -> str:
        return self.told.case

    def say(self, role: Role, text: str, record: str = "") -> None:
        self.stage.check()
        link = f"/record/{record}" if record else f"/case/{self.case}" if self.case else "/"
        self.feed.say(speak(text, self.stage.cast), self.seat(role).name, link)

    def aside(self, text: str) -> None:
        self.feed.say(speak(text, self.stage.cast))

    def named(self, role: Role) -> Named:
        party = self.stage.cast.of(role)
        seat = self.stage.seats.get(role)
        return Named(name=party.office, party=seat.id if seat else "")

    def facts(self, role: Role, key: str) -> AssertionFacts:
        """What a party's node computes of an assertion, by its key in the cast."""
        target = self.target(key)
        return next(a for a in assertions(self.node(role).state(self.case)) if a.target == target)

    def target(self, key: str) -> Target:
        """Where the story stated this sentence."""
        claimed = [s.key for s in CLAIMED]
        if key in claimed:
            return Target(record=self.told.records["claim"], n=claimed.index(key))
        return Target(record=self.told.records["response"], n=[s.key for s in DENIED].index(key))

    def keep(self, name: str, record: str) -> str:
        self.told.records[name] = record
        return record

    # -- acts -------------------------------------------------------------------------------------

    def seal_file(self, role: Role, file: EvidenceFile) -> None:
        record, sealed = evidence.seal_item(
            self.node(role),
            self.case,
            _File(self.evidence / file.path),
            Path(file.path).name,
            file.format,
            Declared(zone=file.declared_zone, origin=file.origin),
            custody=kinds.Custody(by=self.seat(role).name, system=file.origin, method="export"),
        )
        self.keep(file.path, record.value.id)
        self.say(
            role,
            f"seals {sealed.name}: {sealed.rows:,} rows, {sealed.bytes / 1e6:.1f} MB, root {sealed.item[:16]}…",
            record.value.id,
        )

    def report(self, role: Role, rule: str, path: str, since: str = "", until: str = "") -> None:
        file = self.manifest.file(path)
        told = Parameters(
            zone=file.declared_zone,
            since=since or None,
            until=until or None,
            logsource=tuple(sorted(file.logsource.items())),
        )
        sources = [(rule, (RULES / rule).read_bytes())]
        record, run = findings.report(self.node(role), self.case, self.told.records[path], sources, told)
        self.keep(rule, record.value.id)
        window = f", window {since} to {until}, zone {file.declared_zone}" if since else ""
        self.say(
            role,
            f"runs {rule} over {Path(path).name}{window}: {len(run.finding.rows):,} rows match, result "
            f"{run.finding.result_digest[:16]}…",
            record.value.id,
        )

    def assertion(self, key: str, supports: Sequence[Support], against: Target | None = None) -> Assertion:
        one = sentence(key)
        about = tuple(self.named(r) for r in self.about(key))
        text = speak(one.text, self.stage.cast)
        stance = STANCE[one.stance]
        assert one.level is not None
        law = tuple(LegalElement(provision=provision, element=element) for provision, element in one.law)
        said = Assertion(
            text=text,
            level=one.level,
            about=about,
            supports=tuple(supports),
            standard=one.standard,
            law=law,
        )
        if against is None:
            return said
        return msgspec.structs.replace(
            said, stance="denies" if stance == "denies" else "counters", against=against
        )

    def about(self, key: str) -> tuple[Role, ...]:
        """Whom a sentence names besides its author: each of them is told."""
        one = sentence(key)
        roles: tuple[Role, ...] = ("claimant", "respondent", "third", "fourth")
        return tuple(r for r in roles if r != one.by and f"{{{r}" in one.text)

    def supports(self, rules: Sequence[str]) -> list[Support]:
        return [
            Support(
                kind="finding",
                record=self.told.records[rule],
                inference=INFERENCES[rule],
            )
            for rule in rules
            if rule in self.told.records
        ]

    def show_everyone(self, role: Role, rule: str, path: str) -> None:
        node = self.node(role)
        rows = findings.rows_matched(findings.reported_at(node.state(self.case), self.told.records[rule]))
        record = handing_over.disclose_rows(
            node,
            self.case,
            self.told.records[path],
            rows,
            to=[kinds.PUBLIC],
            use="information",
            basis="For the published dossier.",
            onward="yes",
        )
        self.say(
            role,
            f"shows the {len(rows)} rows that {rule} matches to everyone, so that a reader can run it again.",
            record.value.id,
        )
        self.stage.send(role)


def count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number or 'no'} {what}s"


def differs(comparison: Comparison) -> str:
    return (
        f"{comparison.verdict}, cause: {comparison.cause} ({', '.join(comparison.parts)}); "
        f"{len(comparison.only_there)} rows only in the finding, {len(comparison.only_here)} only in the re-run."
    )
