"""The page of law of a case: element by element, which assertions are said to bear on it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from comity.law.catalogue import catalogue
from comity.law.matrix import Cell, Matrix, lay_out
from comity.web import words
from comity.web.cases import Head, view_head
from comity.web.reading import Named, Reading, Who
from comity.web.words import Label, label

_NUMBERS = re.compile("([0-9]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CellView:
    """One element: what it asks, and what is said to bear on it."""

    element: str
    kind: str
    text: str
    optional: bool
    variants: tuple[str, ...]
    status: Label
    assertions: tuple[Named, ...]
    standards: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionView:
    """One provision as one party names it in one record; ``checked`` says who compared our summary."""

    by: Who
    id: str
    title: str
    place: str
    source: str
    checked: str
    summary: str
    known: bool
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LawView:
    """All of it, under the head of the case."""

    head: Head
    provisions: tuple[ProvisionView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nameable:
    """A provision of the catalogue, with each element as a form takes it: ``write``, its words, its kind,
    whether only some ask for it."""

    id: str
    place: str
    title: str
    summary: str
    source: str
    checked: str
    elements: tuple[tuple[str, str, str, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueView:
    """What can be named: provisions by instrument, and standards of proof, ranked against none."""

    instruments: tuple[tuple[str, tuple[Nameable, ...]], ...]
    standards: tuple[tuple[str, str], ...]


def view_catalogue() -> CatalogueView:
    """The catalogue that Comity comes with."""
    by_instrument: dict[str, list[Nameable]] = {}
    for each in catalogue().provisions.values():
        by_instrument.setdefault(each.instrument, []).append(
            Nameable(
                id=each.id,
                place=each.provision,
                title=each.title,
                summary=each.summary,
                source=each.source,
                checked=each.checked,
                elements=tuple((f"{each.id}:{e.id}", e.text, e.kind, e.optional) for e in each.elements),
            )
        )
    return CatalogueView(
        instruments=tuple(
            (name, tuple(sorted(found, key=lambda each: _by_number(each.place))))
            for name, found in sorted(by_instrument.items())
        ),
        standards=tuple((s.name, s.anchor) for s in catalogue().standards),
    )


def _by_number(place: str) -> list[tuple[int, str]]:
    """Articles as they are numbered: 2 before 16."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in _NUMBERS.split(place)]


def view_law(reading: Reading) -> LawView:
    """The page, with the provisions that Comity comes with."""
    found = lay_out(reading.facts, catalogue().provisions)
    return LawView(head=view_head(reading), provisions=tuple(_provision(reading, m) for m in found))


def _provision(reading: Reading, matrix: Matrix) -> ProvisionView:
    known = catalogue().provisions.get(matrix.provision)
    return ProvisionView(
        by=reading.who(matrix.author),
        id=matrix.provision,
        title=known.title if known else matrix.provision,
        place=f"{known.instrument}, {known.provision}" if known else "",
        source=known.source if known else "",
        checked=known.checked if known else "",
        summary=known.summary if known else "",
        known=matrix.known,
        cells=tuple(_cell(reading, cell) for cell in matrix.cells),
    )


def _cell(reading: Reading, cell: Cell) -> CellView:
    return CellView(
        element=cell.element,
        kind=words.ELEMENTS.get(cell.kind, cell.kind),
        text=cell.text,
        optional=cell.optional,
        variants=cell.variants,
        status=label(words.BEARING, cell.status),
        assertions=tuple(reading.assertion(target) for target in cell.assertions),
        standards=cell.standards,
    )
