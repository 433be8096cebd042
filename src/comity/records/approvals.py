"""What an approver signs: one disclosure, or one list of approvers, in one case by one author; nothing
else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from comity.errors import NotVerified
from comity.records import bodies, ed25519
from comity.records.kinds import Disclose
from comity.records.kinds_of_disclosure import Approval, Approvers


def approved_bytes(case: str, author: str, content: Disclose | Approvers) -> bytes:
    """The bytes that an approval signs: ``"comity/1/approval\\0" ‖ case ‖ author ‖ H(kind ‖ 0x00 ‖
    content)``, the content without its approvals. A disclosure's content names its package by digest: so
    every byte shown is fixed.
    """
    plain = bodies.render(msgspec.structs.replace(content, approvals=()))
    told = hashlib.sha256(content.kind.encode() + b"\0" + plain).digest()
    return b"comity/1/approval\0" + bytes.fromhex(case) + bytes.fromhex(author) + told


def approve(case: str, author: str, content: Disclose | Approvers, seed: bytes) -> Approval:
    """An approval under an approver's private seed (32 bytes)."""
    signature = ed25519.sign(seed, approved_bytes(case, author, content))
    return Approval(key=ed25519.public_of(seed).hex(), signature=signature.hex())


def check_approvals(
    case: str, author: str, content: Disclose | Approvers, given: Iterable[Approval], known: Approvers
) -> tuple[str, ...]:
    """The offices whose approvals these are. ``NotVerified``: ``approval.order`` where keys do not ascend or
    one stands twice, ``approval.key`` for a key that the list does not name, ``approval.signature`` where a
    signature is not of exactly this."""
    offices = {a.key: a.office for a in known.approvers}
    signed = approved_bytes(case, author, content)
    last = ""
    found = []
    for approval in given:
        if approval.key <= last:
            raise NotVerified("approval.order", approval.key[:12], "keys do not ascend, or one stands twice")
        last = approval.key
        if approval.key not in offices:
            raise NotVerified("approval.key", approval.key[:12], "is no key of an approver")
        try:
            ed25519.verify(bytes.fromhex(approval.key), bytes.fromhex(approval.signature), signed)
        except NotVerified:
            raise NotVerified("approval.signature", approval.key[:12], "approves something else") from None
        found.append(offices[approval.key])
    return tuple(found)
