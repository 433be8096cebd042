"""What a claim's assertions are said to bear on: for each provision, element by element.

An author declares that an assertion bears on an element. This module lays the declarations out, and beside
each what the records say of the assertion. It never says that an element is met, and nothing is added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comity.case.support import AssertionFacts
from comity.law.catalogue import Element, Provision, catalogue
from comity.records.kinds import Assertion, Target

# contested | supported | stated | withdrawn | not-addressed
Status = str

STATUS_WORDS: Mapping[Status, str] = {
    "contested": "contested",
    "supported": "supports are named",
    "stated": "stated without support",
    "withdrawn": "withdrawn",
    "not-addressed": "not addressed",
}
"""What each status is called. None of them says that anything is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One element of a provision in one claim, and the assertions said to bear on it. ``kind`` and ``text``
    are "" for an element that the catalogue does not know; then the id is the author's. ``variants``: as
    ``Element.variants``."""

    element: str
    kind: str
    text: str
    optional: bool
    variants: tuple[str, ...]
    status: Status
    assertions: tuple[Target, ...]
    standards: tuple[str, ...]
    """What the authors declare, each once (``declared``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """One provision in one record of assertions. ``known``: the catalogue has it."""

    record: str
    author: str
    provision: str
    known: bool
    cells: tuple[Cell, ...]


def lay_out(facts: Sequence[AssertionFacts], provisions: Mapping[str, Provision]) -> tuple[Matrix, ...]:
    """For each record of assertions and each provision named in it: every element, addressed or not."""
    by_record: dict[str, list[AssertionFacts]] = {}
    for fact in facts:
        by_record.setdefault(fact.target.record, []).append(fact)
    found = []
    for record, stated in by_record.items():
        named = dict.fromkeys(x.provision for f in stated for x in f.assertion.law)
        found += [_matrix(record, stated, name, provisions.get(name)) for name in named]
    return tuple(found)


def _matrix(record: str, stated: Sequence[AssertionFacts], name: str, provision: Provision | None) -> Matrix:
    bearing: dict[str, list[AssertionFacts]] = {}
    for fact in stated:
        for x in fact.assertion.law:
            if x.provision == name:
                bearing.setdefault(x.element, []).append(fact)
    known = {e.id: e for e in provision.elements} if provision else {}
    wanted = dict.fromkeys([*known, *bearing])
    return Matrix(
        record=record,
        author=stated[0].author,
        provision=name,
        known=provision is not None,
        cells=tuple(_cell(element, known.get(element), bearing.get(element, [])) for element in wanted),
    )


def _cell(name: str, element: Element | None, bearing: Sequence[AssertionFacts]) -> Cell:
    return Cell(
        element=name,
        kind=element.kind if element else "",
        text=element.text if element else "",
        optional=bool(element and element.optional),
        variants=element.variants if element else (),
        status=status_of(bearing),
        assertions=tuple(f.target for f in bearing),
        standards=tuple(dict.fromkeys(filter(None, (declared(f.assertion) for f in bearing)))),
    )


def declared(assertion: Assertion) -> str:
    """The standard of proof that an author declares, and the kind of proposition that it is declared for; ""
    where neither is. Words, for people: nothing is computed from them."""
    if not assertion.proposition:
        return assertion.standard
    words = catalogue().propositions[assertion.proposition]
    return f"{assertion.standard or 'none'} (proposition: {words})"


def status_of(bearing: Sequence[AssertionFacts]) -> Status:
    """Where the assertions on one element stand together: one that is contested makes it so."""
    standing = [f for f in bearing if not f.withdrawn]
    if not standing:
        return "withdrawn" if bearing else "not-addressed"
    if any("contested" in f.marks for f in standing):
        return "contested"
    return "supported" if any(f.supports for f in standing) else "stated"
