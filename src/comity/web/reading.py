"""One reading of a case for one page: the state, what is computed from it, and how things are called.

Records are numbered as in a docket, causes before effects; assertions by the order in which they were
stated. Both numberings are this node's and follow from what it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from comity.case.clocks import Clock, NoticeFacts, clocks, notices
from comity.case.custody import erased_records
from comity.case.support import AssertionFacts, assertions, recount
from comity.case.time import intervals
from comity.dossier.rerun_checks import RerunCheck
from comity.dossier.rows_here import Effort
from comity.exchange.acts import neutral_title
from comity.exchange.confirming import authentication
from comity.exchange.node import Node
from comity.exchange.rerun_checks import WAITED, check_here
from comity.records import kinds
from comity.records.kinds import Target
from comity.records.parties import grouped
from comity.web.phrases import phrase
from comity.web.rechecking import Rechecking
from comity.web.spans import spans_of, write_spans
from comity.web.words import WAYS
from comity.weighing.in_the_case import call_by_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A party as pages name it; ``own`` where it is the one that runs this node; ``confirmed`` is
    how this node learned whose key a guest's is. ``id`` is "" for a party
    that is named in words only, and ``public`` for everyone."""

    id: str
    name: str
    own: bool = False
    guest: bool = False
    confirmed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """A record as pages name it: its number in the docket (0 where it is not in it), its kind, its author."""

    id: str
    number: int
    kind: str
    by: Who | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An assertion as other parts of a page name it: ``number`` from 1, 0 if it is not held here."""

    number: int
    record: str
    n: int
    by: Who | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When a record can be shown to have existed, in seconds since 1970 UTC, and what shows it."""

    not_before: int | None
    not_after: int | None
    before_why: str
    after_why: str


def tell_number(reading: Reading, record: str) -> str:
    """What a page calls a record in a sentence: its number in the docket, or the beginning of its id."""
    number = reading.ref(record).number
    return phrase("№ {}", f"{number:,}") if number else call_by_id(record)


class Names:
    """How one node calls parties."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._parties = node.parties()
        self.own = node.party.id

    def who(self, party: str) -> Who:
        """A party by id, or ``public``."""
        if party == kinds.PUBLIC:
            return Who(id=party, name=phrase("everyone"))
        known = self._parties.get(party)
        name = known.card.name if known else phrase("unknown party {}…", party[:12])
        guest = bool(known and known.guest)
        found = authentication(self._node, party).confirmed if guest else None
        way = WAYS[found.way] if found else ""
        return Who(id=party, name=name, own=party == self.own, guest=guest, confirmed=way)

    def named(self, named: kinds.Named) -> Who:
        """A party as an assertion names it: by its card where there is one, else in the author's words."""
        return self.who(named.party) if named.party in self._parties else Who(id="", name=named.name)


class Reading:
    """A case as this node holds it now, with clocks as of an instant: now, where none is given."""

    def __init__(self, node: Node, case: str, as_of: int | None = None) -> None:
        self.node = node
        self.case = case
        self.names = Names(node)
        self.state = node.state(case)
        self.as_of = node.effects.now() if as_of is None else as_of

    @cached_property
    def title(self) -> str:
        return neutral_title(self.state)

    @cached_property
    def erased(self) -> Mapping[str, str]:
        """Records whose content was erased, each with the record that says so."""
        return erased_records(self.state)

    @cached_property
    def rechecking(self) -> Rechecking:
        """What computing the assessments of this page again gives."""
        return Rechecking()

    @cached_property
    def _effort(self) -> Effort:
        return Effort(WAITED)

    @cached_property
    def _reruns(self) -> dict[str, dict[str, RerunCheck]]:
        return {}

    def check_reruns(self, finding: str) -> dict[str, RerunCheck]:
        """The re-runs of a finding, held against it and what is here, as far as one page may take."""
        if finding not in self._reruns:
            # To look again would take what is left from those that were not looked at.
            self._reruns[finding] = check_here(self.node, self.state, finding, self._effort)
        return self._reruns[finding]

    @cached_property
    def facts(self) -> tuple[AssertionFacts, ...]:
        """What stands behind each assertion; a re-run that does not hold here counts nothing."""
        return tuple(self.recounted(facts) for facts in assertions(self.state))

    def recounted(self, facts: AssertionFacts, finding: str = "") -> AssertionFacts:
        """One of them, by the re-runs of one finding or of all that it rests on."""
        tried = [
            support.support.record
            for support in facts.supports
            if support.reruns and finding in ("", support.support.record)
        ]
        checks = (check for record in tried for check in self.check_reruns(record).values())
        return recount(facts, {check.record for check in checks if check.faults})

    @cached_property
    def clocks(self) -> tuple[Clock, ...]:
        return clocks(self.state, self.as_of)

    @cached_property
    def notices(self) -> tuple[NoticeFacts, ...]:
        return notices(self.state, self.node.parties())

    @cached_property
    def _intervals(self) -> dict[str, Span]:
        found = {}
        for record, interval in intervals(self.state).items():
            after = self.state.attestations.get(interval.by_after)
            found[record] = Span(
                not_before=interval.not_before,
                not_after=interval.not_after,
                before_why=""
                if interval.not_before is None
                else phrase("builds on attestation {}…", interval.by_before[:8]),
                after_why=""
                if interval.not_after is None or after is None
                else phrase(
                    "ledger of {} at {}", self.names.who(after.value.home).name, f"{after.value.size:,}"
                ),
            )
        return found

    def span(self, record: str) -> Span:
        """The proven interval of a record, with its reasons in words."""
        return self._intervals.get(record) or Span(
            not_before=None, not_after=None, before_why="", after_why=""
        )

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Docket numbers of accepted records, from 1."""
        return {record.id: n for n, record in enumerate(self.state.ordered, 1)}

    @cached_property
    def assertion_numbers(self) -> dict[tuple[str, int], int]:
        """Numbers of assertions, from 1."""
        return {(f.target.record, f.target.n): n for n, f in enumerate(self.facts, 1)}

    def who(self, party: str) -> Who:
        """A party by id, or ``public``."""
        return self.names.who(party)

    def whos(self, parties: Iterable[str]) -> tuple[Who, ...]:
        """Several parties, in the order in which the case took them in; others after them, by name."""
        return tuple(self.who(p) for p in sorted(set(parties), key=self.place))

    def member_names(self) -> tuple[str, ...]:
        """What the members of the case are called, in the order in which it took them in."""
        return tuple(self.who(party).name for party in self.state.members)

    def place(self, party: str) -> tuple[int, str, str]:
        """Sorts parties as the case took them in, others after them by name."""
        members = self.state.members
        return (members.index(party) if party in members else len(members), self.who(party).name, party)

    def ref(self, record: str) -> Ref:
        """A record by id."""
        held = self.state.records.get(record)
        frame = held.value.frame if held else None
        by = self.who(held.value.envelope.iss) if held else None
        return Ref(id=record, number=self.numbers.get(record, 0), kind=frame.kind if frame else "", by=by)

    def refs(self, records: Iterable[str]) -> tuple[Ref, ...]:
        """Several records, in docket order."""
        return tuple(sorted((self.ref(r) for r in set(records)), key=lambda r: (r.number, r.id)))

    def assertion(self, target: Target) -> Named:
        """An assertion by the record that states it."""
        accepted = self.state.accepted.get(target.record)
        return Named(
            number=self.assertion_numbers.get((target.record, target.n), 0),
            record=target.record,
            n=target.n,
            by=self.who(accepted.author) if accepted else None,
        )

    def given_name(self, item: kinds.Item) -> str:
        """The name that a seal of the item gives it, or ""."""
        for seal in self.state.of("evidence.seal"):
            if isinstance(seal.content, kinds.Seal) and seal.content.item == item and seal.content.name:
                return seal.content.name
        return ""

    def item_name(self, item: kinds.Item) -> str:
        """What an item is called: by the name in its seal, else by the beginning of its root."""
        return self.given_name(item) or phrase("item {}…", grouped(item.root[:16]))


def rows_shown_here(reading: Reading, record: str) -> bool:
    """Whether a record discloses rows and its package came to this node."""
    accepted = reading.state.accepted.get(record)
    content = accepted.content if accepted else None
    if not isinstance(content, kinds.Disclose) or content.level != "rows":
        return False
    return reading.node.blobs.has(content.package)


def write_rows(ranges: Iterable[kinds.Ranges]) -> str:
    """``rows 3–4, 9``, or ``row 7``."""
    spans = spans_of(ranges)
    one = len(spans) == 1 and spans[0][0] == spans[0][1]
    return phrase("row {}" if one else "rows {}", write_spans(spans))
