"""The matcher: the rules of a pack over the rows of one item, in one pass.

Rows of one kind (``logsource.Source``) share a *plan* (``plan.Plan``): what a rule says is a function of the
set of atoms that hold in a row, and of nothing else. So a rule's verdict depends on no other rule, file or
row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, islice
from types import MappingProxyType
from typing import Any, Final

from comity.findings.asking import Test, View, compile_test
from comity.findings.coded import Coding
from comity.findings.columns import Budget
from comity.findings.deriving import add_derived
from comity.findings.effort import Effort, Weights, weigh_node
from comity.findings.exports import Exports, Made
from comity.findings.finding import Hit
from comity.findings.gather import Gathering
from comity.findings.grouped import Group
from comity.findings.indicators import IndicatorList, Lookup
from comity.findings.logsource import Logsource, Source, may_be_asked, names_for, source_of
from comity.findings.needs import MadeNeeds
from comity.findings.observe import STEPS, ExhaustedError, Observer
from comity.findings.pack import Pack, fields_asked
from comity.findings.plan import Plan
from comity.findings.rows import ItemInfo, Row, Value
from comity.findings.sieve import Block, Columns, PlacedPart, Sieve
from comity.findings.sigma import Rule
from comity.findings.stix import StixPattern
from comity.findings.stix_objects import objects_of
from comity.findings.sweep import DEEP, Sweep, rows_of
from comity.findings.taxonomy import Renames
from comity.findings.telling import mark_of
from comity.findings.windows import Windows, fields_of_part

PARTLY: Final = "it needs all rows of the item, and not all of each was asked"
"""Why a rule that needs more than one row gives no verdict on an item."""
KINDS = 128
"""Of how many sets of kinds of rows it is remembered which rules are asked in them."""
BATCH = 8192
"""How many rows are looked at together."""

_NO_NAMES: Renames = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """What a run over one item gave: ``matches`` sorted, and the counts beside them.

    ``counts`` is by rule digest, with a zero for each rule that was asked and matched nothing; ``not_asked``
    are the rules that no row's logsource called for; ``untold`` those that were asked of rows of which
    nothing tells what they are a log of, ``untold_rows`` how many such rows there are, and ``wordless`` in
    how many of these no line of text is kept. ``undated`` counts, by rule, the rows that it would have
    correlated but that have no readable time; ``refused`` are the rules that give no verdict on this item,
    with the reason. ``partly`` are the rows of which not all was asked, by why.
    """

    item: str
    rows: int
    matches: tuple[Hit, ...]
    counts: Mapping[str, int]
    not_asked: tuple[str, ...]
    undated: Mapping[str, int]
    refused: Mapping[str, str]
    untold: frozenset[str] = frozenset()
    untold_rows: int = 0
    wordless: int = 0
    partly: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Leg:
    """A part of a rule whose verdict needs more than one row: its rows are set aside. A part without a
    ``logsource`` asks for objects that rows tell of."""

    rule: str
    part: int
    logsource: Logsource | None


class Asked:
    """The rules asked of one kind of rows: their ``digests``, and what is made of them once wanted."""

    def __init__(
        self,
        blocks: Sequence[Block],
        digests: frozenset[str],
        parts: Sequence[PlacedPart],
        columns: Columns,
        budget: Budget,
    ) -> None:
        self.digests = digests
        self._blocks = blocks
        self._parts = parts
        self._columns = columns
        self._budget = budget
        self._parted: dict[int, tuple[Asked, Sequence[tuple[int, str]]]] = {}

    @cached_property
    def sieve(self) -> Sieve:
        """For rows by the batch."""
        return Sieve(self._blocks, self._parts, self._columns, self._budget)

    @cached_property
    def plan(self) -> Plan:
        """For rows one by one."""
        sieve = self.sieve
        return Plan([(sieve.name_of(n), sieve.node_of(n)) for n in sieve.asked], self._budget)

    @cached_property
    def weights(self) -> Sequence[tuple[int, str, Weights]]:
        """Of those that search for expressions: the number in the sieve, the rule, and how much they need."""
        told = [
            (number, self.sieve.name_of(number).partition(":")[0], weigh_node(self.sieve.node_of(number)))
            for number in self.sieve.asked
        ]
        return [one for one in told if one[2]]

    def part(self, least: int) -> tuple[Asked, Sequence[tuple[int, str]]]:
        """The rules of which no detection's expressions need so many instructions (rounded down to a power of
        four), as rules that are asked alone; and the detections of the others, by number and rule. What is
        made so depends on no row, so there are a handful of it, whatever rows refuse."""
        size = 1 << (least.bit_length() - 1 & ~1)
        known = self._parted.get(size)
        if known is None:
            told = ((digest, sum(weights.values())) for _, digest, weights in self.weights)
            heavy = {digest for digest, weight in told if weight >= size}
            names = ((number, self.sieve.name_of(number).partition(":")[0]) for number in self.sieve.asked)
            numbers = [(number, digest) for number, digest in names if digest in heavy]
            known = self._parted[size] = self._make_without(heavy), numbers
        return known

    def _make_without(self, digests: Collection[str]) -> Asked:
        left = [self.sieve.asked_at(number) for number in self.sieve.asked]
        left = [(place, block) for place, block in left if self._parts[place][0].digest not in digests]
        parts = [self._parts[place] for place, _ in left]
        needs = MadeNeeds(part for _, _, part in parts)
        ways: dict[tuple[int, bool], tuple[Block, set[int]]] = {}
        for place, (_, block) in enumerate(left):
            ways.setdefault((id(block.names), block.whole), (block, set()))[1].add(place)
        blocks = [
            Block(group, block.names, block.whole, active)
            for block, places in ways.values()
            for group in needs.groups
            if (active := sum(1 << n for n, place in enumerate(group.places) if place in places))
        ]
        asked = frozenset(rule.digest for rule, _, _ in parts)
        return Asked(blocks, asked, parts, Columns(needs), Budget())


class Scanner:
    """A pack made ready to run; plans are made when a kind of row is first met, and kept.

    One scanner serves any number of items. Not safe for use from several threads at once.
    """

    def __init__(self, pack: Pack) -> None:
        self._sigma = [rule for rule in pack.rules if isinstance(rule, Rule)]
        self.lists = [(rule.digest, Lookup(rule)) for rule in pack.rules if isinstance(rule, IndicatorList)]
        self._fields = pack.fields
        self._all = sorted(pack.rule_digests)
        together = [rule for rule in self._sigma if rule.digest in pack.whole_rules]
        # A part is asked under a name of its own: the rule's digest, a colon and its number.
        self._legs = {
            f"{rule.digest}:{n}": _Leg(rule.digest, n, part.logsource)
            for rule in together
            for n, part in enumerate(rule.parts)
        }
        self._joined: dict[str, tuple[Rule | StixPattern, list[tuple[str, ...]]]] = {
            rule.digest: (rule, fields_of_part(rule.correlations, len(rule.parts))) for rule in together
        }
        self.patterns = [rule for rule in pack.rules if isinstance(rule, StixPattern)]
        self._objects: Plan | None = None
        for pattern in self.patterns:
            if pattern.whole:
                self._joined[pattern.digest] = pattern, [()] * len(pattern.observations)
                for n in range(len(pattern.observations)):
                    self._legs[f"{pattern.digest}:{n}"] = _Leg(pattern.digest, n, None)
        self._parts = [(rule, m, part) for rule in self._sigma for m, part in enumerate(rule.parts)]
        self._together = frozenset(
            place for place, (rule, _, _) in enumerate(self._parts if together else ()) if rule.whole
        )
        self._needs = pack.needs
        self._listed = frozenset(digest for digest, _ in self.lists)
        self._every = int.from_bytes(bytes([1]) * len(self._all))
        self._masks: dict[frozenset[str], int] = {}
        self._concluded: dict[frozenset[frozenset[str]], tuple[dict[str, int], tuple[str, ...]]] = {}
        self._plans: dict[Source, Asked] = {}
        self._same: dict[tuple[object, ...], Asked] = {}
        self._budget = Budget()
        self._codings: dict[tuple[str, tuple[tuple[str, str], ...]], Coding] = {}
        self.whole: Any = None
        """What languages that ask whole items keep from item to item."""
        self.walkers: dict[str, Any] = {}
        """What reads rows by their shapes, by format, kept from item to item by whoever reads."""
        self.walked = 0
        """How many bytes were read that could have been walked."""
        self._asked_too: dict[frozenset[str], frozenset[str]] = {}

    @property
    def timed(self) -> bool:
        """Whether a rule of the pack needs the time of rows (:attr:`Row.time`)."""
        return bool(self._legs)

    @property
    def codable(self) -> bool:
        """Whether rows can be asked by codes (:mod:`comity.findings.coded`)."""
        return bool(self._sigma) and not (self._legs or self.lists or self.patterns)

    def coding_of(self, item: ItemInfo) -> Coding:
        """What is remembered of rows by codes, for items of one format that declare the same."""
        key = item.format, tuple(sorted(item.logsource.items()))
        known = self._codings.get(key)
        if known is None:
            self._columns.compile()  # such rows are many, or what compiles is loaded
            known = self._codings[key] = Coding(self, item)
        return known

    @property
    def lists_alone(self) -> bool:
        """Whether the pack holds lists of indicators and nothing that asks for fields."""
        return not self._sigma and not self.patterns

    @cached_property
    def exports(self) -> Exports:
        """How rows are read for the fields that rules of the pack ask for."""
        told = self._fields
        return Exports(fields_asked([*self._sigma, *self.patterns]) if told is None else told)

    def asked_of(self, source: Source) -> Asked:
        """What is asked of rows of a kind."""
        known = self._plans.get(source)
        if known is not None:
            return known
        chosen = [
            (number, names)
            for number, (logsource, group) in enumerate(self._groups)
            if may_be_asked(logsource, source, group.reads)
            for names in names_for(logsource, source)
        ]
        key = tuple((number, id(names)) for number, names in chosen)
        asked = self._same.get(key)
        if asked is None:
            asked = self._same[key] = self._ask(chosen)
        self._plans[source] = asked
        return asked

    @cached_property
    def _groups(self) -> Sequence[tuple[Logsource, Group]]:
        """The detections of the pack with what they are asked of: thousands share a hundred log sources."""
        return [(self._parts[group.places[0]][2].logsource, group) for group in self._columns.needs.groups]

    def _ask(self, chosen: Iterable[tuple[int, Renames]]) -> Asked:
        """What is asked of rows of a kind, by the numbers of groups and the names that fields have there."""
        blocks: list[Block] = []
        digests: set[str] = set()
        for number, names in chosen:
            group = self._groups[number][1]
            digests.update([self._parts[place][0].digest for place in group.places])
            every = (1 << len(group.places)) - 1
            if self._together.isdisjoint(group.places):
                blocks.append(Block(group, names, whole=False, active=every))
                continue
            whole = [n for n, place in enumerate(group.places) if place in self._together]
            hidden = sum(1 << n for n in whole if not self._parts[group.places[n]][2].shown)
            blocks.append(Block(group, names, whole=False, active=every & ~hidden))
            blocks.append(Block(group, names, whole=True, active=sum(1 << n for n in whole)))
        return Asked(blocks, frozenset(digests), self._parts, self._columns, self._budget)

    @cached_property
    def _columns(self) -> Columns:
        return Columns(self._needs or MadeNeeds(part for _, _, part in self._parts))

    def scan(self, item: ItemInfo, rows: Iterable[Row]) -> Iterator[tuple[Row, tuple[str, ...]]]:
        """Each row with the digests of the rules that match it by itself, in the order given."""
        for row, digests, _ in self._scan(item, rows, {}):
            yield row, digests

    def _scan(
        self, item: ItemInfo, rows: Iterable[Row], aside: dict[str, Gathering], deep: int = 0
    ) -> Iterator[tuple[Row, tuple[str, ...], frozenset[str]]]:
        kinds: dict[tuple[object, ...], Source] = {}
        for row in rows:
            told = self.exports.read(row.fields)
            digests, asked = self._ask_reading(item, row, told, kinds, aside)
            for each in told.apart if isinstance(told, Made) else ():
                more, others = self._ask_reading(item, row, each, kinds, aside)
                digests = tuple(sorted({*digests, *more}))
                asked |= others
            if self.lists:
                listed = [d for d, lookup in self.lists if lookup.matches(row.text, row.fields)]
                if listed:
                    digests = tuple(sorted((*digests, *listed)))
            if told.__class__ is Made and (inside := told.inside) and deep < DEEP:
                rows = (Row(index=row.index, text="", fields=each, time=row.time) for each in inside)
                for _, more, others in self._scan(item, rows, aside, deep + 1):
                    digests = tuple(sorted({*digests, *more}))
                    asked |= others
            yield row, digests, asked

    def _ask_reading(
        self,
        item: ItemInfo,
        row: Row,
        told: Mapping[str, Value],
        kinds: dict[tuple[object, ...], Source],
        aside: dict[str, Gathering],
    ) -> tuple[tuple[str, ...], frozenset[str]]:
        """What a row matches as it was read in one way, and what was asked of it; ``kinds`` are those of rows
        met before, by their marks."""
        mark = mark_of(told)
        source = kinds.get(mark)
        if source is None:
            if len(kinds) > 4096:
                kinds.clear()
            source = kinds[mark] = source_of(item, told)
        rules = self.asked_of(source)
        plan, asked = rules.plan, rules.digests
        fields = add_derived(source, told)
        digests = plan.verdict(plan.atoms_held(row.text, fields))
        if self.patterns:
            digests, asked = self.observe(fields, digests, asked)
        if self._legs and digests:
            digests = self.set_aside(digests, aside, source, row, fields)
        return digests, asked

    def set_aside(
        self,
        digests: tuple[str, ...],
        aside: dict[str, Gathering],
        source: Source,
        row: Row,
        fields: Mapping[str, Value],
    ) -> tuple[str, ...]:
        """Set the row aside for each part of a rule that it matches; what remains are rules."""
        for name in digests:
            leg = self._legs.get(name)
            if leg is not None:
                if leg.rule not in aside:
                    aside[leg.rule] = Gathering(self._joined[leg.rule][1])
                known = (_NO_NAMES,) if leg.logsource is None else names_for(leg.logsource, source)
                for names in known:
                    aside[leg.rule].take(leg.part, row, fields, names, source.format == "w3c/1")
        return tuple(name for name in digests if name not in self._legs)

    def observe(
        self, fields: Mapping[str, Value], digests: tuple[str, ...], asked: frozenset[str]
    ) -> tuple[tuple[str, ...], frozenset[str]]:
        """What patterns over objects say of a row; they are asked of rows that tell of any."""
        objects = objects_of(fields)
        if not objects:
            return digests, asked
        if self._objects is None:
            self._objects = Plan(
                [
                    (f"{pattern.digest}:{n}" if pattern.whole else pattern.digest, node)
                    for pattern in self.patterns
                    for n, node in enumerate(pattern.observations)
                ],
                self._budget,
            )
        found = self._objects.verdict(self._objects.atoms_held("", objects))
        together = self._asked_too.get(asked)
        if together is None:
            together = self._asked_too[asked] = asked | {pattern.digest for pattern in self.patterns}
        return (tuple(sorted((*digests, *found))) if found else digests), together

    @cached_property
    def _observed(self) -> list[tuple[StixPattern, list[tuple[Weights, Test]]]]:
        """Each pattern with the weights and the test of each of its observations."""
        return [
            (pattern, [(weigh_node(node), compile_test(node)) for node in pattern.observations])
            for pattern in self.patterns
        ]

    def weigh_objects(self, fields: Mapping[str, Value]) -> set[str]:
        """The patterns over objects that would need too much for a row."""
        objects = objects_of(fields) if self.patterns else None
        if not objects:
            return set()
        effort = Effort(View(str, objects))
        return {
            pattern.digest
            for pattern, tests in self._observed
            if any(effort.is_too_much(weights) for weights, _ in tests)
        }

    def observe_long(
        self, fields: Mapping[str, Value], refused: Mapping[str, str]
    ) -> tuple[tuple[str, ...], frozenset[str]]:
        """What patterns over objects say of a row for which some that are ``refused`` would need too much,
        each other asked by itself. And which were asked."""
        objects = objects_of(fields)
        if not objects:
            return (), frozenset()
        view = View(str, objects)
        found = []
        for pattern, tests in self._observed:
            if pattern.digest in refused:
                continue
            for n, (_, test) in enumerate(tests):
                if test(view):
                    found.append(f"{pattern.digest}:{n}" if pattern.whole else pattern.digest)
        return tuple(sorted(set(found))), frozenset(pattern.digest for pattern in self.patterns)

    def gather(self, item: ItemInfo, rows: Iterable[Row]) -> Mapping[str, Gathering]:
        """What rules that need more than one row set aside, by rule."""
        aside: dict[str, Gathering] = {}
        for _ in self._scan(item, rows, aside):
            pass
        return aside

    def run(self, item: ItemInfo, rows: Iterable[Row]) -> ItemResult:
        """Run every rule over the rows of one item (see :class:`ItemResult`)."""
        sweep = Sweep(self, item)
        waiting = iter(rows)
        while some := list(islice(waiting, BATCH)):
            sweep.take(rows_of(some))
        return self.conclude(sweep)

    def _asked_in_all(self, asked: frozenset[frozenset[str]]) -> tuple[dict[str, int], tuple[str, ...]]:
        """A zero for each rule asked of some kind of row, and the rules asked of none; both sorted."""
        known = self._concluded.get(asked)
        if known is None:
            mask = 0
            for some in (*asked, self._listed):
                if some not in self._masks:
                    self._masks[some] = int.from_bytes(map(some.__contains__, self._all))
                mask |= self._masks[some]
            told = mask.to_bytes(len(self._all))
            others = (mask ^ self._every).to_bytes(len(self._all))
            known = dict.fromkeys(compress(self._all, told), 0), tuple(compress(self._all, others))
            if len(self._concluded) >= KINDS:
                self._concluded.clear()
                self._masks.clear()
            self._concluded[asked] = known
        return known

    def conclude(self, sweep: Sweep) -> ItemResult:
        """The result of a sweep over all rows of its item."""
        zeros, not_asked = self._asked_in_all(frozenset(sweep.asked))
        counts = zeros.copy()
        for digest in sweep.refused:
            sweep.aside.pop(digest, None)
        matches = [hit for hit in sweep.matches if hit[0] not in sweep.refused]
        for digest, _ in matches:
            counts[digest] += 1
        for digest, gathered in sweep.aside.items():
            # A row that one of its detections shows by itself is counted already.
            before = {row for found, row in matches if found == digest}
            joined = _join(self._joined[digest][0], gathered) - before
            counts[digest] += len(joined)
            matches += [(digest, row) for row in joined]
        aside = sweep.aside
        refused = sweep.refused | {digest: each.refused for digest, each in aside.items() if each.refused}
        if sweep.partly:
            # What needs every row has not seen these whole.
            refused |= {digest: PARTLY for digest in self._joined if digest in counts}
            matches = [hit for hit in matches if hit[0] not in refused]
            counts |= dict.fromkeys(refused, 0)
        return ItemResult(
            item=sweep.item.ref,
            rows=sweep.rows,
            matches=tuple(sorted(set(matches))),
            counts=counts,
            not_asked=not_asked,
            undated={digest: each.undated for digest, each in sorted(aside.items()) if each.undated},
            refused=dict(sorted(refused.items())),
            untold=frozenset().union(*(asked for asked, _ in sweep.untold)),
            untold_rows=sum(sweep.untold.values()),
            wordless=sum(rows for (_, worded), rows in sweep.untold.items() if not worded),
            partly={why: tuple(sorted(found)) for why, found in sorted(sweep.partly.items())},
        )


def _join(rule: Rule | StixPattern, gathered: Gathering) -> set[int]:
    """The rows that a rule matches, of those that it set aside."""
    if isinstance(rule, Rule):
        return Windows(rule.correlations, gathered.events).rows()
    assert rule.tree is not None
    try:
        return Observer(rule.tree, gathered.events).rows()
    except ExhaustedError:
        gathered.refuse(f"finding which rows go together takes more than {STEPS} steps")
        return set()


def run(pack: Pack, item: ItemInfo, rows: Iterable[Row]) -> ItemResult:
    """Run a pack over the rows of one item. For many items, keep one :class:`Scanner`."""
    return Scanner(pack).run(item, rows)
