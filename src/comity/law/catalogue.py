"""The catalogue of law: one file a provision, in our own words, each with its source and how it was checked.

That an instrument stands here implies nothing: not that it applies, that it binds anyone, or that it is
better than one that is missing. A claim's author says which element an assertion bears on; the software never
does. Adding a provision is adding a file to ``catalogue/`` (``comity law check FILE`` reads it the same way).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from comity.errors import Malformed

Id = Annotated[str, Meta(pattern=r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", max_length=60)]
Line = Annotated[str, Meta(min_length=1, max_length=300)]
Words = Annotated[str, Meta(max_length=2000)]
Date = Annotated[str, Meta(pattern=r"\A(\d{4}-\d{2}-\d{2})?\Z")]
ElementKind = Literal["conduct", "object", "authorisation", "mental", "consequence", "threshold", "nexus"]
Kind = Literal["offence", "procedure", "norm", "responsibility"]

_T = TypeVar("_T", bound=msgspec.Struct)
NOT_CHECKED = "not checked"
FILE_LIMIT = 64 * 1024


class Element(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that has to be shown; ``optional`` where only some who apply the provision ask for it.

    ``variants`` names the variants of the provision that ask for the element, where one of several variants
    is enough ("(A)", "adoption"); none: all of them do.
    """

    id: Id
    kind: ElementKind
    text: Line
    optional: bool = False
    variants: tuple[Line, ...] = ()


class Provision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A provision, norm or rule: what it says in our own words, where it stands, and who looked.

    ``checked_on`` is the day on which the text was compared with ``checked_against``; "" where nobody did.
    ``valid_from`` and ``valid_to`` are inclusive days, "" where open or not stated. ``clock`` is the time
    that an instrument sets, in words.
    """

    id: Id
    kind: Kind
    instrument: Line
    provision: Line
    title: Line
    jurisdiction: Line
    source: Line
    summary: Annotated[str, Meta(min_length=1, max_length=2000)]
    valid_from: Date = ""
    valid_to: Date = ""
    checked_on: Date = ""
    checked_against: Words = ""
    note: Words = ""
    clock: Words = ""
    elements: tuple[Element, ...] = ()

    @property
    def variants(self) -> tuple[str, ...]:
        """The variants of which one is enough, as they first stand in the elements; () where none."""
        return tuple(dict.fromkeys(name for each in self.elements for name in each.variants))

    @property
    def checked(self) -> str:
        """How the text was checked, in words; never silent where it was not."""
        return f"{self.checked_on}, against {self.checked_against}" if self.checked_on else NOT_CHECKED

    def in_force(self, day: str) -> bool:
        """Whether a day (``2026-01-31``) lies within the days stated here."""
        return (not self.valid_from or self.valid_from <= day) and (not self.valid_to or day <= self.valid_to)


class Standard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A standard of proof by its name, with a case that uses it. Not ranked against any other."""

    id: Id
    name: Line
    anchor: Words = ""


class _Standards(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    standards: tuple[Standard, ...]
    propositions: dict[str, Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Provisions by id, standards of proof in no order that means anything, and kinds of proposition."""

    provisions: Mapping[str, Provision]
    standards: tuple[Standard, ...]
    propositions: Mapping[str, str]


def parse_provision(raw: bytes, where: str = "provision") -> Provision:
    """One file; ``Malformed`` (``law.form``) saying what is wrong with it: unknown or missing fields, ids
    that stand twice, days that do not exist, a check without what it was against."""
    found = _parse(raw, where, Provision)
    if len({e.id for e in found.elements}) != len(found.elements):
        raise Malformed("law.form", where, "an element stands twice")
    for day in (found.valid_from, found.valid_to, found.checked_on):
        _require_day(day, where)
    if found.valid_from and found.valid_to and found.valid_to < found.valid_from:
        raise Malformed("law.form", where, "valid_to is before valid_from")
    if bool(found.checked_on) != bool(found.checked_against):
        raise Malformed("law.form", where, "a check has a day and what it was against, or there was none")
    if len(found.variants) == 1 or any(len(set(e.variants)) != len(e.variants) for e in found.elements):
        raise Malformed("law.form", where, "variants are two or more, and stand once at an element")
    if found.kind == "offence" and not found.elements and not found.note:
        raise Malformed("law.form", where, "an offence has elements, or a note that says why not")
    return found


def _parse(raw: bytes, where: str, into: type[_T]) -> _T:
    if len(raw) > FILE_LIMIT:
        raise Malformed("law.form", where, f"longer than {FILE_LIMIT} bytes")
    try:
        return msgspec.convert(tomllib.loads(raw.decode()), into)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, msgspec.ValidationError) as error:
        raise Malformed("law.form", where, str(error)[:300]) from None


def _require_day(day: str, where: str) -> None:
    try:
        if day:
            date.fromisoformat(day)
    except ValueError:
        raise Malformed("law.form", where, f"no such day: {day}") from None


def add_provisions(base: Catalogue, more: Iterable[tuple[str, bytes]]) -> Catalogue:
    """The catalogue with more files, each ``(name, bytes)``; the name is the id and ``.toml``.

    ``Malformed``: ``law.form``, ``law.name``, and ``law.duplicate`` where an id is taken.
    """
    found = dict(base.provisions)
    for name, raw in more:
        provision = parse_provision(raw, name)
        if re.split(r"[\\/]", name)[-1] != f"{provision.id}.toml":
            raise Malformed("law.name", name, f"the file of this provision is {provision.id}.toml")
        if provision.id in found:
            raise Malformed("law.duplicate", name, f"{provision.id} is in the catalogue already")
        found[provision.id] = provision
    return Catalogue(
        provisions=MappingProxyType(dict(sorted(found.items()))),
        standards=base.standards,
        propositions=base.propositions,
    )


@cache
def catalogue() -> Catalogue:
    """What the software comes with. Part of the program like its modules: read once, the same everywhere."""
    here = files(__package__)
    told = _parse(here.joinpath("standards.toml").read_bytes(), "standards.toml", _Standards)
    empty = Catalogue(provisions={}, standards=told.standards, propositions=told.propositions)
    folder = sorted(here.joinpath("catalogue").iterdir(), key=lambda each: each.name)
    return add_provisions(empty, ((each.name, each.read_bytes()) for each in folder))
