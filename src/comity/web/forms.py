"""Forms as values: what a template lays out, for every act alike.

A form says before anything else who will speak and that it cannot be taken back; its review shows the exact
record. One template renders all of them, so that no act looks more, or less, serious than another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar, cast, get_args

from comity.case.verified import Verified
from comity.errors import Malformed
from comity.exchange.node import Node
from comity.exchange.rehearsing import Act
from comity.records.bundles import Record
from comity.records.kinds import Content, Disclose, Marking
from comity.web.desk import Desk, Option
from comity.web.plain import show
from comity.web.reading import Who
from comity.web.typed import Typed, Wrong
from comity.web.wording import Wording

_C = TypeVar("_C")

_MARKINGS: tuple[str, ...] = get_args(Marking)

Told = tuple[tuple[str, str], ...]
"""Names and words, as a review lists them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of several values: what is sent, and the words for it."""

    value: str
    words: str
    aside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. ``kind`` is how it is filled in, ``values`` what is in it now; ``apart`` begins a group.
    ``link`` leads to a page that lists what can be written there: its address and its words."""

    name: str
    label: str
    kind: Literal["line", "text", "pick", "radio", "checks", "instant", "told"]
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    values: tuple[str, ...] = ()
    required: bool = False
    rows: int = 4
    apart: bool = False
    link: tuple[str, str] = ("", "")

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """Words of a record that the act is about: whose, which, and what they say."""

    by: Who
    what: str
    text: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Fields that belong together. ``more`` adds one of their kind: which count, its next value, words.
    ``fill`` are the words of a button that has the act fill in other fields from these."""

    title: str
    fields: tuple[Field, ...]
    legend: str = ""
    about: Quoted | None = None
    more: tuple[str, int, str] | None = None
    fill: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A page with a form. ``effect`` are sentences on what the act does and does not do."""

    title: str
    lead: str
    sections: tuple[Section, ...]
    about: tuple[Quoted, ...] = ()
    effect: tuple[str, ...] = ()
    button: str = "Read it once more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposing:
    """A disclosure that others approve before it is signed: what of, and how it is drafted."""

    seal: str
    draft: Callable[[Node], Disclose]
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """A form that was taken: the verb to run, what it will say in words, and what else the review shows.

    ``agreed`` stands for what a person agrees to, where the record itself is not final before it is signed;
    ``everyone`` where more becomes public than that record. ``rows`` are rows of evidence, each with
    whether it leaves; ``wording`` is what the review reads for its wording; ``outcome`` tells what the act
    found out by being tried; ``propose`` is there where nothing is signed before others approve it.
    """

    act: Act
    said: Told
    agreed: str = ""
    everyone: bool = False
    notes: tuple[str, ...] = ()
    rows: tuple[tuple[int, str, bool], ...] = ()
    rows_caption: str = ""
    wording: Wording | None = None
    outcome: Callable[[Content], Told] | None = None
    propose: Proposing | None = None


def sign_by(verb: Callable[[Node, str, _C], Verified[Record]], case: str, content: _C) -> Act:
    """The act of saying ``content`` in a case by a verb of ``exchange``."""
    return lambda node: verb(node, case, content)


def marking_of(typed: Typed) -> Marking | None:
    """What was chosen in the review for how far the record may be passed on, None where nothing was;
    ``Malformed`` (``page.form``) for a word that is no marking."""
    chosen = typed.one("marking")
    if chosen and chosen not in _MARKINGS:
        raise Malformed("page.form", "marking", "not a marking of TLP 2.0")
    return cast(Marking, chosen) if chosen else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActForm:
    """One act: its name in addresses, how its form is laid out, and how it is taken. ``fill`` gives back what
    was typed with more filled in, where the form has a button for that; ``NotTaken`` where it cannot."""

    name: str
    lay_out: Callable[[Desk, Typed], Form]
    take: Callable[[Desk, Typed], Making]
    fill: Callable[[Desk, Typed], Typed] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A form as the template shows it: with what was typed, what is wrong, and hidden fields."""

    form: Form
    action: str
    hidden: tuple[tuple[str, str], ...]
    wrong: tuple[Wrong, ...] = ()
    case_title: str = ""
    case_link: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


def errors_of(wrong: Sequence[Wrong]) -> dict[str, str]:
    """The first mistake of each field."""
    found: dict[str, str] = {}
    for each in wrong:
        found.setdefault(each.field, each.why)
    return found


def line(typed: Typed, name: str, label: str, **more: object) -> Field:
    """A field of one line, with what was typed."""
    return Field(name=name, label=label, kind="line", values=(typed.one(name),), **more)  # type: ignore[arg-type]


def text(typed: Typed, name: str, label: str, **more: object) -> Field:
    """A field of several lines, with what was typed."""
    return Field(name=name, label=label, kind="text", values=(typed.one(name),), **more)  # type: ignore[arg-type]


def instant(typed: Typed, name: str, label: str, **more: object) -> Field:
    """A field for an instant in UTC, with what was typed."""
    return Field(name=name, label=label, kind="instant", values=(typed.one(name),), **more)  # type: ignore[arg-type]


def pick(
    typed: Typed, name: str, label: str, choices: Iterable[Choice], default: str = "", **more: object
) -> Field:
    """A list to choose one from."""
    values = (typed.one(name, default) or default,)
    return Field(name=name, label=label, kind="pick", choices=tuple(choices), values=values, **more)  # type: ignore[arg-type]


def radio(
    typed: Typed, name: str, label: str, choices: Iterable[Choice], default: str = "", **more: object
) -> Field:
    """Buttons of which one is chosen."""
    values = (typed.one(name, default) or default,)
    return Field(name=name, label=label, kind="radio", choices=tuple(choices), values=values, **more)  # type: ignore[arg-type]


def checks(
    typed: Typed,
    name: str,
    label: str,
    choices: Iterable[Choice],
    default: Iterable[str] = (),
    **more: object,
) -> Field:
    """Boxes of which any are chosen; ``default`` where the form is fresh."""
    values = typed.many(name) if typed.said("laid-out") else tuple(default)
    return Field(name=name, label=label, kind="checks", choices=tuple(choices), values=values, **more)  # type: ignore[arg-type]


def options(found: Iterable[Option]) -> tuple[Choice, ...]:
    """What a desk offers, as choices."""
    return tuple(Choice(value=v, words=w, aside=a) for v, w, a in found)


def short(text: str, most: int = 90) -> str:
    """The beginning of a text in one line."""
    shown = " ".join(show(text).split())
    return shown if len(shown) <= most else f"{shown[: most - 2]}…"


def quote_record(desk: Desk, record: str, what: str, words: str) -> Quoted:
    """Words of an accepted record of the case."""
    return Quoted(by=desk.author_of(record), what=what, text=words, link=f"/record/{record}")


def utc(instant_: str) -> str:
    """An instant of a record, as people read it."""
    return f"{instant_[:16].replace('T', ' ')} UTC"
