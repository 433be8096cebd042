"""Assertions and positions as people write them: on the command line, or in a TOML or JSON file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import click
import msgspec

from comity.cli.inputs import read_file
from comity.cli.options import read_pairs
from comity.errors import Malformed, Refused
from comity.records.assertions import Proposition

if TYPE_CHECKING:
    from comity.case.state import State
    from comity.exchange.node import Node
    from comity.records.kinds import Assertion, LegalElement, Named, Position, Support

EXAMPLE = """\b
The FILE of --file is TOML, or JSON of the same shape:
  title = "What happened to our mail"      # claim only
  [[assertions]]
  text = "Host A was sprayed with passwords from network N."
  level = "tactical"            # tactical, operational or strategic
  stance = "claims"             # claims, denies or counters
  against = "RECORD#1"          # for denies and counters
  about = ["Name or id of a known party"]
  about_named = ["A party without a key, in words"]
  proposition = "conduct"       # event, conduct, infrastructure, person,
                                # state-link or breach: what kind of thing it states
  standard = "balance of probabilities"    # that you declare for it (comity law list)
  [[assertions.supports]]
  record = "RECORD"             # a finding, or a sealed item
  inference = "These rows are the attempts."
  [[assertions.supports]]
  cite = "Report 7, page 3"
  inference = "It names the same network."
"""

POSITIONS_EXAMPLE = """\b
A file for respond may also hold positions:
  [[positions]]
  n = 1                         # the assertion, counted from 1
  position = "disputes"         # accepts, disputes, disputes-in-part,
                                # cannot-confirm, needs-evidence, mitigated
  reasons = "The address was leased to somebody else."
  support = 2                   # one support of it only, counted from 1
  [[positions.supports]]
  record = "RECORD"
  inference = "Our lease log shows it."
"""


class SpokenSupport(msgspec.Struct, forbid_unknown_fields=True):
    """A record or a citation, and the inference from it."""

    inference: str
    record: str = ""
    cite: str = ""


class SpokenAssertion(msgspec.Struct, forbid_unknown_fields=True):
    """One assertion, with parties and records as people name them."""

    text: str
    level: Literal["tactical", "operational", "strategic"]
    stance: Literal["claims", "denies", "counters"] = "claims"
    against: str = ""
    about: list[str] = []
    about_named: list[str] = []
    standard: str = ""
    proposition: Proposition = ""
    law: list[str] = []
    supports: list[SpokenSupport] = []


PositionName: TypeAlias = Literal[
    "accepts", "disputes", "disputes-in-part", "cannot-confirm", "needs-evidence", "mitigated"
]
POSITIONS: Final = get_args(PositionName)


class SpokenPosition(msgspec.Struct, forbid_unknown_fields=True):
    """A position on assertion ``n``, or on one ``support`` of it, both counted from 1."""

    n: int
    position: PositionName
    reasons: str = ""
    support: int = 0
    supports: list[SpokenSupport] = []


class Spoken(msgspec.Struct, forbid_unknown_fields=True):
    """A file of assertions, positions, or both."""

    title: str = ""
    assertions: list[SpokenAssertion] = []
    positions: list[SpokenPosition] = []


def read_spoken(path: Path) -> Spoken:
    """The file; ``Malformed`` (``claim.file``) saying where it is wrong."""
    raw = read_file(path, 4 * 1024 * 1024)
    try:
        text = raw.decode()
        data: Any = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        return msgspec.convert(data, Spoken)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise Malformed("claim.file", str(path), str(error)[:300]) from None


def one_assertion(
    text: str,
    level: str,
    stance: str,
    against: str,
    about: Sequence[str],
    about_named: Sequence[str],
    standard: str,
    support: Sequence[str],
    cite: Sequence[str],
    law: Sequence[str] = (),
    proposition: str = "",
) -> Spoken:
    """The same from options."""
    supports = [SpokenSupport(record=r, inference=i) for r, i in read_pairs(tuple(support), "--support")]
    supports += [SpokenSupport(cite=c, inference=i) for c, i in read_pairs(tuple(cite), "--cite")]
    assertion = SpokenAssertion(
        text=text,
        level=level,  # type: ignore[arg-type]  # click.Choice
        stance=stance,  # type: ignore[arg-type]
        against=against,
        about=list(about),
        about_named=list(about_named),
        standard=standard,
        proposition=proposition,  # type: ignore[arg-type]
        law=list(law),
        supports=supports,
    )
    return Spoken(assertions=[assertion])


def name_parties(node: Node, about: Sequence[str], words: Sequence[str]) -> tuple[Named, ...]:
    """Known parties by name or id, and parties in words only."""
    from comity.records.kinds import Named

    known = [node.find_party(name) for name in about]
    return tuple(
        [Named(name=p.card.name, party=p.id) for p in known] + [Named(name=words_) for words_ in words]
    )


def make_assertions(node: Node, state: State, spoken: Spoken) -> list[Assertion]:
    """Assertions with their records and parties found; ``Refused`` for what is not there."""
    import msgspec as structs

    from comity.exchange.acts import find_target
    from comity.law.naming import name_standard
    from comity.records.kinds import Assertion

    made = []
    for said in spoken.assertions:
        target = find_target(state, said.against) if said.against else structs.UNSET
        made.append(
            Assertion(
                text=said.text,
                level=said.level,
                stance=said.stance,
                against=target,
                about=name_parties(node, said.about, said.about_named),
                supports=make_supports(state, said.supports),
                standard=name_standard(said.standard),
                proposition=said.proposition,
                law=read_law(said.law),
            )
        )
    return made


def read_law(texts: Sequence[str]) -> tuple[LegalElement, ...]:
    """``PROVISION:ELEMENT`` as the catalogue names them; ``Refused`` (``law.unknown``) for what it has not.
    A provision that is not in it is written ``other:WORDS:ELEMENT``."""
    from comity.law.naming import find_element

    made = []
    for text in texts:
        element = find_element(text)
        if element is None:
            why = "no such provision and element; see comity law show, or write other:WORDS:ELEMENT"
            raise Refused("law.unknown", text, why)
        made.append(element)
    return tuple(made)


def make_supports(state: State, supports: Sequence[SpokenSupport]) -> tuple[Support, ...]:
    """Supports on findings, items or citations."""
    from comity.exchange.acts import find_record, support_of
    from comity.records.kinds import Support

    made = []
    for said in supports:
        if bool(said.record) == bool(said.cite):
            raise Malformed("claim.support", said.inference[:60], "a support has either a record or a cite")
        if said.cite:
            made.append(Support(kind="citation", cite=said.cite, inference=said.inference))
        else:
            made.append(support_of(state, find_record(state, said.record), said.inference))
    return tuple(made)


def make_positions(state: State, spoken: Spoken) -> list[Position]:
    """Positions, with numbers as the wire counts them (from 0)."""
    from comity.records.kinds import Position

    made = []
    for said in spoken.positions:
        if said.n < 1 or said.support < 0:
            raise Malformed(
                "claim.number", f"position {said.n}", "assertions and supports are counted from 1"
            )
        made.append(
            Position(
                n=said.n - 1,
                position=said.position,
                reasons=said.reasons,
                support=said.support - 1 if said.support else msgspec.UNSET,
                supports=make_supports(state, said.supports),
            )
        )
    return made


def read_positions(texts: Sequence[str]) -> list[SpokenPosition]:
    """``N=POSITION`` or ``N=POSITION:REASONS``, N counted from 1."""
    found: list[Mapping[str, object]] = []
    for number, rest in read_pairs(tuple(texts), "--position"):
        position, _, reasons = rest.partition(":")
        if not (number.isascii() and number.isdigit()):
            raise click.BadParameter(f"{number!r}: positions are written N=POSITION:REASONS, N from 1")
        found.append({"n": int(number), "position": position.strip(), "reasons": reasons.strip()})
        if position.strip() not in POSITIONS:
            raise click.BadParameter(f"--position: {position.strip()!r} is none of {', '.join(POSITIONS)}")
    return msgspec.convert(found, list[SpokenPosition])


def find_numbers(state: State, text: str) -> tuple[str, list[int]]:
    """A record and assertions of it: ``RECORD#1,3`` or, for all of them, ``RECORD``; numbers from 0."""
    from comity.case.judging import assertions_of
    from comity.exchange.acts import find_record

    record, _, numbers = text.partition("#")
    full = find_record(state, record)
    stated = len(assertions_of(state.accepted[full].content))
    if not stated:
        raise Refused("assertion.unknown", text, "this record states no assertion")
    if not numbers:
        return full, list(range(stated))
    found = []
    for part in numbers.split(","):
        if not (part.isascii() and part.isdigit() and 1 <= int(part) <= stated):
            raise Refused("assertion.unknown", text, f"the record states {stated} assertions, counted from 1")
        found.append(int(part) - 1)
    return full, sorted(set(found))
