"""What a rule is judged with: the record, what it references, and the ways to say that a rule is broken.

The rules themselves are in ``rules.py`` and in the ``rules_of_*.py`` beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from comity.case.state import Accepted
from comity.phrases import phrase
from comity.records import kinds
from comity.records.kinds import Assertion, Content, Frame, Support, Target
from comity.records.kinds_of_procedure import Amend


class Broken(Exception):
    """A rule is broken; the fold turns this into a ``Refusal``, which is data."""

    def __init__(self, rule: int, why: str) -> None:
        super().__init__(rule, why)
        self.rule = rule
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What a rule may read: the record, its referenced records (accepted ones), and its own past.

    ``seen_seq`` gives (author, seq) of each record named in ``seen``; ``earlier`` yields the vectors
    (author → seq) that earlier own records with at least this audience had seen. ``opened`` gives the opening
    that the author's chain begins with, or references where it begins, if that asks for approvals.
    """

    case: str
    seq: int
    frame: Frame
    content: Content
    references: dict[str, Accepted]
    seen_seq: tuple[tuple[str, int], ...]
    earlier: Callable[[], Iterator[dict[str, int]]]
    opened: Callable[[], Accepted | None]

    @property
    def author(self) -> str:
        return self.frame.author

    def audience_of(self, record: Accepted) -> frozenset[str]:
        """Frame audience, and the grants by the record's author that this record itself references.

        A grant opens what it covers to those whom it names, so it may be told to them.
        """
        audience = set(record.frame.audience)
        if isinstance(self.content, kinds.Grant) and record.author == self.author:
            audience.update(self.content.to)
        for grant in self.references.values():
            if (
                isinstance(grant.content, kinds.Grant)
                and grant.author == record.author
                and record.id in grant.frame.references
            ):
                audience.update(grant.content.to)
        if isinstance(self.content, kinds.Grant) and record.author == self.author:
            audience.update(self.content.to)  # this grant opens what it names
        return frozenset(audience)

    def reference(self, record: str, rule: int, *wanted: str) -> Accepted:
        """The referenced record of one of the wanted kinds, or the rule is broken."""
        found = self.references.get(record)
        if found is None:
            raise Broken(5, phrase("content names {}…, which the frame does not reference", record[:12]))
        if wanted and found.frame.kind not in wanted:
            raise Broken(
                rule, phrase("{}… is {}, not {}", record[:12], found.frame.kind, " or ".join(wanted))
            )
        return found


def missing_from(wanted: Iterable[str], audience: Iterable[str]) -> list[str]:
    """Whom of ``wanted`` an audience leaves out."""
    have = set(audience)
    return [] if kinds.PUBLIC in have else [w for w in wanted if w not in have]


def short_names(members: list[str]) -> str:
    """Members as a reason names them."""
    return ", ".join(m if m == kinds.PUBLIC else f"{m[:12]}…" for m in members)


def require_reach(j: Judging, rule: int, target: Accepted, what: str) -> None:
    """Answers, corrections and re-runs reach at least those whom their target reached."""
    missing = missing_from((j.audience_of(target) | {target.author}) - {j.author}, j.frame.audience)
    if missing:
        raise Broken(
            rule, phrase("{} reaches fewer readers than its target: not {}", what, short_names(missing))
        )


STATING = ("claim.state", "response.make", "claim.amend")
"""The kinds that state assertions."""


def assertions_of(content: Content) -> tuple[Assertion, ...]:
    """The assertions that a record states: those of a claim, of a response, or of an amendment."""
    if isinstance(content, Amend):
        return tuple(revision.assertion for revision in content.revisions)
    return content.assertions if isinstance(content, kinds.State | kinds.Response) else ()


def require_target(j: Judging, rule: int, target: Target) -> Accepted:
    """The referenced record that states the assertion, or the rule is broken."""
    record = j.reference(target.record, rule, *STATING)
    if target.n >= len(assertions_of(record.content)):
        raise Broken(rule, phrase("{}… states no assertion number {}", target.record[:12], target.n + 1))
    return record


def require_numbers(rule: int, numbers: tuple[int, ...], record: Accepted) -> None:
    """Assertion numbers ascend and exist, or the rule is broken."""
    if list(numbers) != sorted(set(numbers)):
        raise Broken(rule, "assertion numbers are not sorted, or one stands twice")
    if numbers[0] < 0 or numbers[-1] >= len(assertions_of(record.content)):
        raise Broken(rule, "names an assertion that the record does not state")


def require_supports(j: Judging, rule: int, supports: tuple[Support, ...]) -> None:
    """Each support is a finding, an item or a citation, or the rule is broken."""
    for support in supports:
        if support.kind == "citation":
            if not support.cite or support.record:
                raise Broken(rule, "a citation says what it cites, and is not a record")
        else:
            wanted = "finding.report" if support.kind == "finding" else "evidence.seal"
            j.reference(support.record, rule, wanted)
            if support.cite:
                raise Broken(rule, "only a citation cites in words")


def require_assertions(j: Judging, rule: int, assertions: tuple[Assertion, ...]) -> None:
    """Supports as they must be, and exactly denials and counter-claims name what they are against."""
    for assertion in assertions:
        _require_proposition(j, assertion)
        require_supports(j, rule, assertion.supports)
        against = assertion.against
        if (assertion.stance == "claims") != (not isinstance(against, Target)):
            raise Broken(rule, "a denial or counter-claim, and only that, names what it is against")
        if isinstance(against, Target):
            require_target(j, rule, against)


def _require_proposition(j: Judging, assertion: Assertion) -> None:
    """53. An assertion names the kind of its proposition under rules 2 or later only."""
    if assertion.proposition and j.frame.rules < 2:
        raise Broken(53, "an assertion that names the kind of its proposition needs rules 2")


def require_matches(rule: int, matches: tuple[kinds.Match, ...], rules: list[str], size: int) -> None:
    """Matches by ascending rule, each of a rule that was run, with rows of an item of so many leaves."""
    digests = [m.rule for m in matches]
    if digests != sorted(set(digests)):
        raise Broken(rule, "matches are not sorted by rule, or a rule stands twice")
    for match in matches:
        if match.rule not in rules:
            raise Broken(rule, phrase("matches a rule {}… that was not run", match.rule[:12]))
        if not match.rows or any(first + count > size for first, count in match.rows):
            raise Broken(rule, "a match has no rows, or a row beyond the item")


def require_parties(j: Judging, rule: int, parties: tuple[str, ...], what: str) -> None:
    """Parties named as asked: sorted, none twice, other ones than the author, and readers of the record."""
    if list(parties) != sorted(set(parties)):
        raise Broken(rule, phrase("the parties {} are not sorted, or one stands twice", what))
    if j.author in parties:
        raise Broken(rule, phrase("its own author is among the parties {}", what))
    missing = missing_from(parties, j.frame.audience)
    if missing:
        raise Broken(rule, phrase("of the parties {}, {} may not read it", what, short_names(missing)))


def require_reader(j: Judging, rule: int, party: str, what: str) -> None:
    """A party that the record answers or tells may read it, unless it is its author."""
    if party != j.author and missing_from([party], j.frame.audience):
        raise Broken(rule, phrase("{} may not read it", what))
