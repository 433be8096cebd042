"""What a party may say: one content type per kind (``spec/03-kinds.md``); the frame is in ``wire.py``.

This module knows the shape of every record and nothing of what follows from it: whether a record
is admissible is ``case/rules.py``; what a reader sees is ``case/support.py`` and its neighbours.
Every text is shown as plain text, never interpreted. Ids are 64 lower-case hex digits.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from comity.records.assertions import Assertion, LegalElement, Named, Support
from comity.records.kinds_of_actions import ACTIONS, Action
from comity.records.kinds_of_cases import Authority, Grant, Invite, Open, Policy, Witness
from comity.records.kinds_of_conduct import Attempt, Prove
from comity.records.kinds_of_consultation import CONSULTATION, Consultation
from comity.records.kinds_of_custody import (
    Custody,
    Erase,
    EraseRecord,
    Hold,
    Item,
    Receive,
    Transfer,
)
from comity.records.kinds_of_disclosure import Accept, Approval, Approver, Approvers, Checked, Terms
from comity.records.kinds_of_findings import Match, Parameters, Replicate, Report, Rule
from comity.records.kinds_of_matching import Ask, Matched, Offer
from comity.records.kinds_of_parties import (
    PURPOSES,
    Bind,
    Card,
    Contact,
    Keys,
    Purpose,
    Reach,
    Recipient,
    Revoke,
    Rotate,
    Taken,
)
from comity.records.kinds_of_procedure import PROCEDURE, Procedure
from comity.records.kinds_of_statements import STATEMENTS, Statement
from comity.records.kinds_of_weighing import Assess
from comity.records.wire import (
    NO_CASE,
    PUBLIC,
    RULES,
    SELF,
    Basis,
    Count,
    Frame,
    Hex32,
    Id,
    Level,
    Marking,
    Member,
    Name,
    Onward,
    Outcome,
    Range,
    Ranges,
    Reference,
    Scope,
    Stand,
    Target,
    Text,
    Time,
    Use,
    Value,
    Zone,
    has_control,
    ranges_of,
    rows_of,
)

# The types and values of the wire are read from here too.
__all__ = [
    "KINDS",
    "NO_CASE",
    "PARTY_KINDS",
    "PUBLIC",
    "PURPOSES",
    "RULES",
    "SELF",
    "Accept",
    "Acknowledge",
    "Answer",
    "Approval",
    "Approver",
    "Approvers",
    "Ask",
    "Assertion",
    "Assess",
    "Attempt",
    "Authority",
    "Basis",
    "Bind",
    "Card",
    "Checked",
    "Contact",
    "Content",
    "Count",
    "Custody",
    "Derive",
    "Disclose",
    "Endorse",
    "Erase",
    "EraseRecord",
    "Frame",
    "Give",
    "Grant",
    "Hex32",
    "Hold",
    "Id",
    "Invite",
    "Item",
    "Keys",
    "LegalElement",
    "Level",
    "Marking",
    "Match",
    "Matched",
    "Member",
    "Name",
    "Named",
    "Offer",
    "Onward",
    "Open",
    "Outcome",
    "Parameters",
    "Policy",
    "Position",
    "Prove",
    "Publish",
    "Purpose",
    "Range",
    "Ranges",
    "Reach",
    "Receive",
    "Received",
    "Recipient",
    "Reference",
    "Replicate",
    "Report",
    "Request",
    "Response",
    "Revoke",
    "Rotate",
    "Rule",
    "Scope",
    "Seal",
    "Stand",
    "State",
    "Support",
    "Taken",
    "Target",
    "Terms",
    "Text",
    "Time",
    "Transfer",
    "Use",
    "Withdraw",
    "Witness",
    "Zone",
    "has_control",
    "ranges_of",
    "rows_of",
    "rules_needed",
]

# -- evidence ---------------------------------------------------------------------------------


class Seal(Value, frozen=True):
    """``evidence.seal``: commits an item row by row. ``origin`` is the declared source it traces to."""

    kind: ClassVar[str] = "evidence.seal"
    item: Item
    splitter: Name
    bytes: Count
    origin: Name = ""
    name: Name = ""
    zone: Zone = ""
    custody: Custody = Custody()


class Derive(Value, frozen=True):
    """``evidence.derive``: the second item was made from the first; references: both seals."""

    kind: ClassVar[str] = "evidence.derive"
    source: Item
    result: Item
    tool: Name
    version: Name


class Disclose(Value, frozen=True):
    """``evidence.disclose``: rows with proofs, or the whole item, go to ``to``. Reference: the seal.

    That something was shown, to whom and on what terms, may be known more widely than the rows. ``terms`` and
    ``approvals`` came with rules 2; approvals are under the ``disclosure.approvers`` that it references.
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
    terms: Terms | msgspec.UnsetType = msgspec.UNSET
    approvals: Annotated[tuple[Approval, ...], Meta(max_length=16)] = ()


# -- claims and answers -----------------------------------------------------------------------


class State(Value, frozen=True):
    """``claim.state``: assertions by one party, claimed, denied or counter-claimed."""

    kind: ClassVar[str] = "claim.state"
    title: Name
    assertions: Annotated[tuple[Assertion, ...], Meta(min_length=1, max_length=100)]


class Withdraw(Value, frozen=True):
    """``claim.withdraw``: the author takes back assertions of the record in ``references``."""

    kind: ClassVar[str] = "claim.withdraw"
    target: Id
    assertions: Annotated[tuple[int, ...], Meta(min_length=1)]
    reason: Text


class Give(Value, frozen=True):
    """``notice.give``: tells a party of assertions that name it. Reference: the record that states them."""

    kind: ClassVar[str] = "notice.give"
    to: Named
    target: Id
    assertions: Annotated[tuple[int, ...], Meta(min_length=1)]
    text: Text
    language: Annotated[str, Meta(pattern=r"\A[a-z]{2,3}\Z")] = "en"


class Acknowledge(Value, frozen=True):
    """``notice.acknowledge``: an officer's act; concedes nothing. Reference: the notice."""

    kind: ClassVar[str] = "notice.acknowledge"
    notice: Id
    text: Text = ""


class Received(Value, frozen=True):
    """``record.received``: automatic; says that bytes arrived and nothing else."""

    kind: ClassVar[str] = "record.received"
    record: Id


class Request(Value, frozen=True):
    """``request.make``: asks a party for something by an instant; the clock is *asked* until agreed.

    ``instrument`` names what the time is said to follow from (rules 2); it binds nobody by being named."""

    kind: ClassVar[str] = "request.make"
    to: Id
    type: Literal["evidence", "clarify", "preserve", "assist", "consult"]
    text: Text
    due: Time
    about: Target | msgspec.UnsetType = msgspec.UNSET
    items: tuple[Id, ...] = ()
    levels: tuple[Level, ...] = ()
    instrument: Name = ""


class Answer(Value, frozen=True):
    """``request.answer``: ``agrees`` repeats the due instant it accepts; ``due`` proposes another."""

    kind: ClassVar[str] = "request.answer"
    request: Id
    disposition: Literal["accepted", "partial", "refused", "clarify", "fulfilled"]
    text: Text = ""
    ground: Name = ""
    agrees: Time = ""
    due: Time = ""
    fulfils: tuple[Id, ...] = ()


class Position(Value, frozen=True):
    """What the respondent says of one assertion, or of one support of it."""

    n: Annotated[int, Meta(ge=0, le=999)]
    position: Stand
    reasons: Text = ""
    support: Annotated[int, Meta(ge=0, le=999)] | msgspec.UnsetType = msgspec.UNSET
    supports: tuple[Support, ...] = ()


class Response(Value, frozen=True):
    """``response.make``: positions on another's assertions, and assertions of its own."""

    kind: ClassVar[str] = "response.make"
    target: Id
    positions: tuple[Position, ...] = ()
    assertions: Annotated[tuple[Assertion, ...], Meta(max_length=100)] = ()


class Endorse(Value, frozen=True):
    """``endorsement.make``: supports an assertion of another party, on a declared basis."""

    kind: ClassVar[str] = "endorsement.make"
    target: Target
    basis: Basis
    supports: tuple[Support, ...] = ()
    origins: tuple[Name, ...] = ()
    reservation: Text = ""


class Publish(Value, frozen=True):
    """``dossier.publish``: commits a dossier's manifest; states why, where no notice was given."""

    kind: ClassVar[str] = "dossier.publish"
    manifest: Hex32
    without_notice: Text = ""


Content = (
    Card
    | Rotate
    | Revoke
    | Bind
    | Reach
    | Recipient
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
    | Prove
    | Attempt
    | Assess
    | Procedure
    | Statement
    | Action
    | Consultation
    | Offer
    | Ask
    | Matched
    | Transfer
    | Receive
    | Hold
    | Erase
    | EraseRecord
    | Approvers
    | Accept
    | Checked
)

KINDS: dict[str, type[Content]] = {
    kind.kind: kind
    for kind in (
        Card,
        Rotate,
        Revoke,
        Bind,
        Reach,
        Recipient,
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
        Prove,
        Attempt,
        Assess,
        *PROCEDURE,
        *STATEMENTS,
        *ACTIONS,
        *CONSULTATION,
        Offer,
        Ask,
        Matched,
        Transfer,
        Receive,
        Hold,
        Erase,
        EraseRecord,
        Approvers,
        Accept,
        Checked,
    )
}

# Kinds that are about the party itself: public, outside every case.
PARTY_KINDS = frozenset(
    {"party.card", "party.rotate", "party.revoke", "party.bind", "party.contact", "party.recipient"}
)


def rules_needed(content: Content) -> int:
    """The version of the rules under which an author says this: the newest for a new case."""
    if isinstance(content, Rotate) and (content.taken or not content.statement):
        return 2
    if isinstance(content, Seal) and content.custody.needs_rules_2:
        return 2
    if isinstance(content, Replicate) and content.needs_rules_2:
        return 2
    if isinstance(content, Request) and content.instrument:
        return 2
    if isinstance(content, State | Response) and any(each.proposition for each in content.assertions):
        return 2
    if isinstance(content, Disclose) and (isinstance(content.terms, Terms) or content.approvals):
        return 2
    return RULES if isinstance(content, Open) else content.introduced
