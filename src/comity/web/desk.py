"""Where an act begins: one case as this node reads it, and what of it can be named in a form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from comity.case.judging import assertions_of
from comity.errors import Refused
from comity.exchange import acts
from comity.exchange.node import Node
from comity.records import kinds
from comity.records.kinds import Named, Support, Target
from comity.web.phrases import count_of, phrase
from comity.web.reading import Reading, Who

Option = tuple[str, str, str]
"""A value, the words for it, and an aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An assertion as a form names it."""

    target: Target
    by: Who
    number: int
    text: str
    about: tuple[Named, ...]
    withdrawn: bool
    later: tuple[int, ...] = ()
    """Numbers of the versions in which its author says it otherwise since."""

    @property
    def value(self) -> str:
        return f"{self.target.record}.{self.target.n}"


class Desk:
    """One case, before an act. ``settings_url`` is the node's own address, as others write to it."""

    def __init__(self, node: Node, case: str) -> None:
        self.node = node
        self.case = case
        self.reading = Reading(node, case)

    @property
    def own(self) -> str:
        return self.node.party.id

    @cached_property
    def others(self) -> tuple[Option, ...]:
        """Members of the case beside this party."""
        whos = [self.reading.who(m) for m in self.reading.state.members if m != self.own]
        return tuple((w.id, w.name, phrase("a guest") if w.guest else "") for w in whos)

    @cached_property
    def assertions(self) -> tuple[Said, ...]:
        """Every assertion of the case, in its order."""
        found = []
        numbers = {facts.target: number for number, facts in enumerate(self.reading.facts, 1)}
        for number, facts in enumerate(self.reading.facts, 1):
            accepted = self.reading.state.accepted[facts.target.record]
            stated = assertions_of(accepted.content)[facts.target.n]
            found.append(
                Said(
                    target=facts.target,
                    by=self.reading.who(accepted.author),
                    number=number,
                    text=stated.text,
                    about=stated.about,
                    withdrawn=bool(facts.withdrawn),
                    later=tuple(numbers[target] for target in facts.amended_by),
                )
            )
        return tuple(found)

    def said_in(self, record: str) -> tuple[Said, ...]:
        """The assertions that one record states; ``Refused`` where it states none."""
        found = tuple(said for said in self.assertions if said.target.record == record)
        if not found:
            raise Refused("assertion.unknown", record[:12], "no accepted record of this case states one here")
        return found

    def said_as(self, value: str) -> Said:
        """The assertion of a form's value; ``Refused`` where there is none."""
        for said in self.assertions:
            if said.value == value:
                return said
        raise Refused("assertion.unknown", value[:12], "no such assertion is held in this case")

    @cached_property
    def supports(self) -> tuple[Option, ...]:
        """Findings and sealed items that an assertion can rest on, newest first."""
        state = self.reading.state
        found: list[Option] = []
        for record in reversed(state.ordered):
            content = record.content
            by = self.reading.who(record.author).name
            number = self.reading.numbers[record.id]
            if isinstance(content, kinds.Report):
                count = sum(n for match in content.matches for _, n in match.rows)
                name = self.reading.item_name(content.item)
                words_of = phrase("№ {} Finding over {}: {}", number, name, count_of(count, "row"))
                found.append((record.id, words_of, by))
            elif isinstance(content, kinds.Seal):
                name = self.reading.item_name(content.item)
                found.append((record.id, phrase("№ {} Sealed item {}", number, name), by))
        return tuple(found)

    def support(self, record: str, inference: str) -> Support:
        """A support on one of them."""
        return acts.support_of(self.reading.state, record, inference)

    def accepted(self, record: str, kind: type[kinds.Content], what: str) -> kinds.Content:
        """The content of an accepted record of a kind; ``Refused`` (``record.unknown``) if it is another."""
        found = self.reading.state.accepted.get(record)
        if found is None or not isinstance(found.content, kind):
            raise Refused("record.unknown", record[:12], f"not {what} of this case")
        return found.content

    def author_of(self, record: str) -> Who:
        """Who signed a record of the case."""
        return self.reading.who(self.reading.state.accepted[record].author)

    def named(self, party: str) -> Named:
        """A member of the case, as an assertion names it."""
        return Named(name=self.reading.who(party).name, party=party)
