"""Kinds about how evidence is shown (rules 2): on what terms, with whose approval, and what came of it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from comity.records.wire import Hex32, Id, Name, Text, Value

Signature = Annotated[str, Meta(pattern=r"\A[0-9a-f]{128}\Z")]
Needed = Annotated[int, Meta(ge=1, le=8)]


class Terms(Value, frozen=True):
    """Whose information is shown and whether that party consented, beside use, basis and onward sharing.

    ``own``: the author's own. ``given``: ``originator`` consented, ``why`` says how. ``not-needed``: it did
    not have to, ``why`` says by what. ``not-asked``: it was not asked, ``why`` says why not. ``accept``: who
    is shown it accepts first, and the package is not sent before.
    """

    consent: Literal["own", "given", "not-needed", "not-asked"]
    originator: Name = ""
    why: Text = ""
    accept: bool = False


class Approver(Value, frozen=True):
    """An office that approves disclosures, with an Ed25519 key that it holds apart from the node."""

    office: Name
    key: Hex32


class Approval(Value, frozen=True):
    """A signature by an approver's key over exactly what is disclosed, to whom and on what terms."""

    key: Hex32
    signature: Signature


class Approvers(Value, frozen=True):
    """``disclosure.approvers``: who approves what its author discloses in this case, and how many have to.

    A list that ``replaces`` an earlier one is approved under the earlier one. Reference: that one.
    """

    kind: ClassVar[str] = "disclosure.approvers"
    introduced: ClassVar[int] = 2
    needed: Needed
    approvers: Annotated[tuple[Approver, ...], Meta(min_length=1, max_length=16)]
    replaces: Id = ""
    approvals: Annotated[tuple[Approval, ...], Meta(max_length=16)] = ()


class Accept(Value, frozen=True):
    """``disclosure.accept``: a recipient takes a disclosure on its terms, or declines it. The id of the
    disclosure fixes the terms. Reference: the disclosure."""

    kind: ClassVar[str] = "disclosure.accept"
    introduced: ClassVar[int] = 2
    disclosure: Id
    decision: Literal["accepted", "declined"]
    reason: Text = ""


class Checked(Value, frozen=True):
    """``disclosure.receipt``: a recipient opened what was disclosed; its proofs hold, or by which code they
    fail. It says nothing of what the rows mean. Reference: the disclosure, and its acceptance where that was
    asked."""

    kind: ClassVar[str] = "disclosure.receipt"
    introduced: ClassVar[int] = 2
    disclosure: Id
    result: Literal["verified", "failed"]
    code: Name = ""
