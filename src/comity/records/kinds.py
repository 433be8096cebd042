"""What a party may say: the frame, and one content type per kind (rules 1; ``spec/03-kinds.md``).

This module knows the shape of every record and nothing of what follows from it: whether a record
is admissible is ``case/rules.py``; what a reader sees is ``case/support.py`` and its neighbours.
Every text is shown as plain text, never interpreted. Ids are 64 lower-case hex digits.
"""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

RULES = 1
PUBLIC = "public"
NO_CASE = "0" * 64
SELF = "self"

Id = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Hex32 = Id
# One time form: UTC, whole seconds. Calendar sense is checked in ``bodies.py``.
Time = Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")]
Zone = Annotated[str, Meta(pattern=r"\A[+-][0-9]{2}:[0-9]{2}\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(min_length=1, max_length=20_000)]
Count = Annotated[int, Meta(ge=0, lt=2**53)]
# An audience member is a party or the word "public".
Member = Annotated[str, Meta(pattern=r"\A([0-9a-f]{64}|public)\Z")]
# A reference is a record id, or "t:" and the id of an attestation (which bears on time only).
Reference = Annotated[str, Meta(pattern=r"\A(t:)?[0-9a-f]{64}\Z")]
Marking = Literal["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]
Use = Literal["information", "defence", "proceedings"]
Onward = Literal["no", "ask", "yes"]
Level = Literal["rows", "whole"]
Stand = Literal["accepts", "disputes", "disputes-in-part", "cannot-confirm", "needs-evidence", "mitigated"]
Basis = Literal["own-evidence", "reviewed", "trust", "undeclared"]
Scope = Literal["whole", "rows"]
Outcome = Literal["same", "shown-rows-match", "different", "not-possible"]
# Rows as sorted, disjoint, non-adjacent [first, count] pairs; row 1 is an item's first row.
Range = tuple[Annotated[int, Meta(ge=1, lt=2**53)], Annotated[int, Meta(ge=1, lt=2**53)]]
Ranges = tuple[Range, ...]


class _Value(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Base of every value on the wire: immutable, no unknown fields, unset fields absent."""


class Frame(_Value, frozen=True):
    """The part of a body that rules may read of any record: ids and enumerations, no free text.

    ``author`` is the party id (``self`` in a party's card); ``seen`` names the newest record of each other
    author that this author held (never transitive, see ``spec/05-rules.md``); ``references`` what the
    record is about; ``at`` is the author's own clock and decides nothing.
    """

    kind: str
    author: Annotated[str, Meta(pattern=r"\A([0-9a-f]{64}|self)\Z")]
    case: Id
    at: Time
    marking: Marking
    audience: tuple[Member, ...]
    rules: Annotated[int, Meta(ge=1, le=1)]
    seen: tuple[Id, ...] = ()
    references: tuple[Reference, ...] = ()


# -- parties ----------------------------------------------------------------------------------


class Contact(_Value, frozen=True):
    """A way to reach an office: kind and address, as the party itself states them."""

    kind: Literal["mail", "web", "phone", "node"]
    address: Name


class Keys(_Value, frozen=True):
    """Public keys by purpose. Ed25519 keys are raw hex; ``age`` is an age recipient."""

    statement: Hex32
    receipt: Hex32
    checkpoint: Name
    witness: Name
    age: Name


class Card(_Value, frozen=True):
    """``party.card``: who signs here. A guest has only a statement key and names its home ledger."""

    kind: ClassVar[str] = "party.card"
    name: Name
    statement: Hex32
    contacts: tuple[Contact, ...] = ()
    home: Id = ""
    receipt: Hex32 = ""
    checkpoint: Name = ""
    witness: Name = ""
    age: Name = ""
    recovery: Hex32 = ""


class Rotate(_Value, frozen=True):
    """``party.rotate``: a new statement key, signed by the old (the envelope) and by the new (``proof``)."""

    kind: ClassVar[str] = "party.rotate"
    statement: Hex32
    proof: Annotated[str, Meta(pattern=r"\A[0-9a-f]{128}\Z")]
    reason: Text = ""


# -- the case ---------------------------------------------------------------------------------


class Witness(_Value, frozen=True):
    """A witness the time policy counts: its party id if it is a party, and its cosignature vkey."""

    vkey: Name
    party: Id = ""


class Authority(_Value, frozen=True):
    """A timestamp authority (RFC 3161) the time policy counts: the SHA-256 of a certificate, in DER, that
    its tokens lead to (an anchor, or the signer's own), and what the opener calls it."""

    certificate: Hex32
    name: Name


class Policy(_Value, frozen=True):
    """Which witnesses and authorities, and how many of them, make an instant proven."""

    quorum: Annotated[int, Meta(ge=1, le=64)]
    witnesses: tuple[Witness, ...]
    authorities: tuple[Authority, ...] = ()


class Open(_Value, frozen=True):
    """``case.open``: fixes rules version and time policy; ``title`` is the author's own, attributed."""

    kind: ClassVar[str] = "case.open"
    key_hash: Hex32
    date: Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
    policy: Policy
    title: Name = ""


class Invite(_Value, frozen=True):
    """``case.invite``: brings a party in; the case key travels sealed to its age key."""

    kind: ClassVar[str] = "case.invite"
    to: Id
    sealed_key: Annotated[str, Meta(max_length=4000)] = ""


class Grant(_Value, frozen=True):
    """``case.grant``: lets more readers open the grantor's own records (those in ``references``)."""

    kind: ClassVar[str] = "case.grant"
    to: tuple[Member, ...]


# -- evidence ---------------------------------------------------------------------------------


class Item(_Value, frozen=True):
    """A sealed item: the (size, root) of its row tree; size counts the metadata row."""

    root: Hex32
    size: Annotated[int, Meta(ge=1, lt=2**53)]


class Custody(_Value, frozen=True):
    """How the item came to be held, as far as declared."""

    by: Name = ""
    system: Name = ""
    method: Literal["", "live", "dead", "remote", "export"] = ""
    tool: Name = ""
    authority: Name = ""
    began: Time = ""
    ended: Time = ""


class Seal(_Value, frozen=True):
    """``evidence.seal``: commits an item row by row. ``origin`` is the declared source it traces to."""

    kind: ClassVar[str] = "evidence.seal"
    item: Item
    splitter: Name
    bytes: Count
    origin: Name = ""
    name: Name = ""
    zone: Zone = ""
    custody: Custody = Custody()


class Derive(_Value, frozen=True):
    """``evidence.derive``: the second item was made from the first; references: both seals."""

    kind: ClassVar[str] = "evidence.derive"
    source: Item
    result: Item
    tool: Name
    version: Name


class Disclose(_Value, frozen=True):
    """``evidence.disclose``: rows with proofs, or the whole item, go to ``to``. Reference: the seal.

    That something was shown, to whom and on what terms, may be known more widely than the rows.
    """

    kind: ClassVar[str] = "evidence.disclose"
    item: Item
    level: Level
    to: Annotated[tuple[Member, ...], Meta(min_length=1)]
    package: Hex32
    bytes: Count
    use: Use
    basis: Text
    onward: Onward
    rows: Ranges = ()


# -- findings ---------------------------------------------------------------------------------


class Rule(_Value, frozen=True):
    """A rule as run: the digest and exact text of its source, so that anyone can run it again."""

    digest: Hex32
    name: Name
    source: Annotated[str, Meta(max_length=200_000)]


class Parameters(_Value, frozen=True):
    """What a run was told beside rules and rows: the item's time zone and a window of UTC instants."""

    zone: Zone = ""
    since: Time = ""
    until: Time = ""


class Match(_Value, frozen=True):
    """The rows that one rule matched."""

    rule: Hex32
    rows: Ranges


class Report(_Value, frozen=True):
    """``finding.report``: these rules over this item match these rows. Reference: the seal."""

    kind: ClassVar[str] = "finding.report"
    item: Item
    rules: tuple[Rule, ...]
    pack: Hex32
    semantics: Name
    inputs: Hex32
    matches: tuple[Match, ...]
    result: Hex32
    engine: Name
    parameters: Parameters = Parameters()
    logsource: tuple[tuple[Name, Name], ...] = ()


class Replicate(_Value, frozen=True):
    """``finding.replicate``: its author ran a finding again. Reference: the finding."""

    kind: ClassVar[str] = "finding.replicate"
    finding: Id
    scope: Scope
    verdict: Outcome
    inputs: Hex32
    result: Hex32
    engine: Name
    parameters: Parameters = Parameters()
    cause: Literal["", "identity", "parameters", "evidence", "engine"] = ""
    part: Name = ""
    note: Text = ""
    matches: tuple[Match, ...] = ()


# -- claims and answers -----------------------------------------------------------------------


class Target(_Value, frozen=True):
    """One assertion: the record that states it and its number there, from 0."""

    record: Id
    n: Annotated[int, Meta(ge=0, le=999)]


class Named(_Value, frozen=True):
    """A party an assertion names: by id, or by words where it has no key yet."""

    name: Name
    party: Id = ""


class Support(_Value, frozen=True):
    """What an author rests an assertion on, and the inference that links them (signed, in words)."""

    kind: Literal["finding", "item", "citation"]
    inference: Text
    record: Id = ""
    cite: Text = ""


class LegalElement(_Value, frozen=True):
    """A provision and the element of it that the author says the assertion bears on."""

    provision: Name
    element: Name


class Assertion(_Value, frozen=True):
    """One checkable sentence. ``stance`` says whether it claims, denies or counter-claims ``against``."""

    text: Text
    level: Literal["tactical", "operational", "strategic"]
    stance: Literal["claims", "denies", "counters"] = "claims"
    against: Target | msgspec.UnsetType = msgspec.UNSET
    about: tuple[Named, ...] = ()
    supports: tuple[Support, ...] = ()
    standard: Name = ""
    law: tuple[LegalElement, ...] = ()


class State(_Value, frozen=True):
    """``claim.state``: assertions by one party, claimed, denied or counter-claimed."""

    kind: ClassVar[str] = "claim.state"
    title: Name
    assertions: Annotated[tuple[Assertion, ...], Meta(min_length=1, max_length=100)]


class Withdraw(_Value, frozen=True):
    """``claim.withdraw``: the author takes back assertions of the record in ``references``."""

    kind: ClassVar[str] = "claim.withdraw"
    target: Id
    assertions: Annotated[tuple[int, ...], Meta(min_length=1)]
    reason: Text


class Give(_Value, frozen=True):
    """``notice.give``: tells a party of assertions that name it. Reference: the record that states them."""

    kind: ClassVar[str] = "notice.give"
    to: Named
    target: Id
    assertions: Annotated[tuple[int, ...], Meta(min_length=1)]
    text: Text
    language: Annotated[str, Meta(pattern=r"\A[a-z]{2,3}\Z")] = "en"


class Acknowledge(_Value, frozen=True):
    """``notice.acknowledge``: an officer's act; concedes nothing. Reference: the notice."""

    kind: ClassVar[str] = "notice.acknowledge"
    notice: Id
    text: Text = ""


class Received(_Value, frozen=True):
    """``record.received``: automatic; says that bytes arrived and nothing else."""

    kind: ClassVar[str] = "record.received"
    record: Id


class Request(_Value, frozen=True):
    """``request.make``: asks a party for something by an instant; the clock is *asked* until agreed."""

    kind: ClassVar[str] = "request.make"
    to: Id
    type: Literal["evidence", "clarify", "preserve", "assist", "consult"]
    text: Text
    due: Time
    about: Target | msgspec.UnsetType = msgspec.UNSET
    items: tuple[Id, ...] = ()
    levels: tuple[Level, ...] = ()


class Answer(_Value, frozen=True):
    """``request.answer``: ``agrees`` repeats the due instant it accepts; ``due`` proposes another."""

    kind: ClassVar[str] = "request.answer"
    request: Id
    disposition: Literal["accepted", "partial", "refused", "clarify", "fulfilled"]
    text: Text = ""
    ground: Name = ""
    agrees: Time = ""
    due: Time = ""
    fulfils: tuple[Id, ...] = ()


class Position(_Value, frozen=True):
    """What the respondent says of one assertion, or of one support of it."""

    n: Annotated[int, Meta(ge=0, le=999)]
    position: Stand
    reasons: Text = ""
    support: Annotated[int, Meta(ge=0, le=999)] | msgspec.UnsetType = msgspec.UNSET
    supports: tuple[Support, ...] = ()


class Response(_Value, frozen=True):
    """``response.make``: positions on another's assertions, and assertions of its own."""

    kind: ClassVar[str] = "response.make"
    target: Id
    positions: tuple[Position, ...] = ()
    assertions: Annotated[tuple[Assertion, ...], Meta(max_length=100)] = ()


class Endorse(_Value, frozen=True):
    """``endorsement.make``: supports an assertion of another party, on a declared basis."""

    kind: ClassVar[str] = "endorsement.make"
    target: Target
    basis: Basis
    supports: tuple[Support, ...] = ()
    origins: tuple[Name, ...] = ()
    reservation: Text = ""


class Publish(_Value, frozen=True):
    """``dossier.publish``: commits a dossier's manifest; states why, where no notice was given."""

    kind: ClassVar[str] = "dossier.publish"
    manifest: Hex32
    without_notice: Text = ""


Content = (
    Card
    | Rotate
    | Open
    | Invite
    | Grant
    | Seal
    | Derive
    | Disclose
    | Report
    | Replicate
    | State
    | Withdraw
    | Give
    | Acknowledge
    | Received
    | Request
    | Answer
    | Response
    | Endorse
    | Publish
)

KINDS: dict[str, type[Content]] = {
    kind.kind: kind
    for kind in (
        Card,
        Rotate,
        Open,
        Invite,
        Grant,
        Seal,
        Derive,
        Disclose,
        Report,
        Replicate,
        State,
        Withdraw,
        Give,
        Acknowledge,
        Received,
        Request,
        Answer,
        Response,
        Endorse,
        Publish,
    )
}

# Kinds that are about the party itself: public, outside every case.
PARTY_KINDS = frozenset({"party.card", "party.rotate"})

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def ranges_of(rows: list[int] | tuple[int, ...]) -> Ranges:
    """Sorted distinct row numbers as [first, count] pairs."""
    out: list[tuple[int, int]] = []
    for row in sorted(set(rows)):
        if out and out[-1][0] + out[-1][1] == row:
            out[-1] = (out[-1][0], out[-1][1] + 1)
        else:
            out.append((row, 1))
    return tuple(out)


def rows_of(ranges: Ranges) -> list[int]:
    """The row numbers of [first, count] pairs."""
    return [row for first, count in ranges for row in range(first, first + count)]


def has_control(text: str) -> bool:
    """Whether a text holds control characters other than tab and line feed."""
    return _CONTROL.search(text) is not None
