"""How much others may have this node store: each party, each guest of this node, and all together.

What is stored is charged to the ledger that registered it, so that guests of one party share what that
party may; what this node's own guests send is charged to each of them. The count is kept beside what it
counts, in the same write. What would go beyond is refused with a word about it and nothing of it is stored;
it stays with its sender, who tries again, and nothing is lost when the limit is raised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.errors import ComityError, Malformed, Refused
from comity.exchange.ports import Held
from comity.records.bundles import Opening

if TYPE_CHECKING:
    from comity.exchange.node import Node

USED = "quota/"
"""Notes: bytes stored for a party (``quota/party/ID``), a guest, or a case that was not joined in yet."""

_JOINED = b"-"

PARTY, GUEST, CASE = f"{USED}party/", f"{USED}guest/", f"{USED}case/"

LEAST = 1024
"""What one record is charged at least: it has its place in tables and in the reading of the case, too."""

MEGABYTE = 1_000_000

RETRY_AFTER = 3600
"""Seconds after which whoever was refused may try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bytes. ``party`` and ``guest`` bound each; ``parties``, ``guests`` and ``strangers`` all together.

    Strangers are those who brought this party into cases in which it has not said anything yet.
    """

    party: int = 4_000 * MEGABYTE
    parties: int = 64_000 * MEGABYTE
    guest: int = 64 * MEGABYTE
    guests: int = 4_000 * MEGABYTE
    strangers: int = 1_000 * MEGABYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What is stored against a limit: of one party or guest (its id in ``of``), or of all of a kind."""

    kind: str
    of: str
    used: int
    limit: int


def usage(node: Node) -> list[Usage]:
    """Everything that is counted, those of all together first, then by how much of it is used."""
    limits = node.limits
    held = {prefix: _counted(node, prefix) for prefix in (PARTY, GUEST)}
    found = [
        Usage(kind="parties", of="", used=sum(held[PARTY].values()), limit=limits.parties),
        Usage(kind="guests", of="", used=sum(held[GUEST].values()), limit=limits.guests),
        Usage(kind="strangers", of="", used=sum(_unjoined(node).values()), limit=limits.strangers),
    ]
    each = [Usage(kind="party", of=p, used=n, limit=limits.party) for p, n in held[PARTY].items()]
    each += [Usage(kind="guest", of=p, used=n, limit=limits.guest) for p, n in held[GUEST].items()]
    return [*found, *sorted(each, key=lambda u: (-u.used / max(u.limit, 1), u.of))]


def charge(
    node: Node, case: str, held: Iterable[Held], others: Mapping[str, int], files: Mapping[str, bytes]
) -> dict[str, bytes]:
    """The notes to be stored with these records, packages and attestations (``others``, bytes by the party
    charged) and party files of a case; ``Refused`` (``quota.party``, ``quota.parties``, ``quota.strangers``)
    where one limit would be passed. Callers hold the lock.
    """
    cost = Counter(dict(others))
    for one in held:
        cost[one.home] += _cost(node, one)
    del cost[node.id]
    whole = sum(cost.values()) + sum(map(len, files.values()))
    if not whole:
        return {}
    notes: dict[str, bytes] = {}
    limits = node.limits
    used = _counted(node, PARTY)
    for party, more in cost.items():
        total = used.get(party, 0) + more
        if more and total > limits.party:
            raise _beyond("quota.party", party[:12], "from one party", limits.party)
        notes[PARTY + party] = str(total).encode()
    if sum(used.values()) + whole > limits.parties:
        raise _beyond("quota.parties", case[:12], "from all other parties together", limits.parties)
    if node.journal.note(CASE + case) == _JOINED:
        return notes
    if _joined(node, case):
        notes[CASE + case] = _JOINED
    else:
        unjoined = _unjoined(node)
        if sum(unjoined.values()) + whole > limits.strangers:
            where = "of cases in which this party has said nothing"
            raise _beyond("quota.strangers", case[:12], where, limits.strangers)
        notes[CASE + case] = str(unjoined.get(case, 0) + whole).encode()
    return notes


def charge_guest(node: Node, guest: str, size: int) -> dict[str, bytes]:
    """As ``charge``, for so many bytes of a guest of this node; ``quota.guest``, ``quota.guests``."""
    used = _counted(node, GUEST)
    total = used.get(guest, 0) + max(size, LEAST)
    if total > node.limits.guest:
        raise _beyond("quota.guest", guest[:12], "from one guest", node.limits.guest)
    if sum(used.values()) + max(size, LEAST) > node.limits.guests:
        raise _beyond("quota.guests", guest[:12], "from all guests together", node.limits.guests)
    return {GUEST + guest: str(total).encode()}


def _beyond(code: str, where: str, whose: str, limit: int) -> Refused:
    why = (
        f"this node stores at most {limit // MEGABYTE:,} MB {whose}, and this would be more. Nothing of it "
        "was stored; its operator can raise the limit ([quotas] in comity.toml)"
    )
    return Refused(code, where, why)


def _counted(node: Node, prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): _number(name, raw) for name, raw in node.journal.notes(prefix).items()}


def check_counts(node: Node) -> int:
    """Read every count, as ``comity ledger check`` does: how many; ``Malformed`` (``quota.count``) for one
    that is no number. Whether it is the right number cannot be told: what it counts may have been erased."""
    held = node.journal.notes(USED)
    for name, raw in held.items():
        if not (name.startswith(CASE) and raw == _JOINED):
            _number(name, raw)
    return len(held)


def _number(name: str, raw: bytes) -> int:
    if not raw.isdigit() or len(raw) > 18:
        raise Malformed("quota.count", name, "what is kept of how much was stored is damaged")
    return int(raw)


def _unjoined(node: Node) -> dict[str, int]:
    held = node.journal.notes(CASE)
    counted = {name.removeprefix(CASE): _number(name, raw) for name, raw in held.items() if raw != _JOINED}
    return {case: n for case, n in counted.items() if not _joined(node, case)}


def _joined(node: Node, case: str) -> bool:
    """Whether this party has signed in a case what nobody signs for it: a receipt alone is automatic.

    Not, while the case cannot be read: what is damaged in one case keeps nothing out of another.
    """
    try:
        state = node.state(case)
    except ComityError:
        return False
    return any(
        fact.value.envelope.iss == node.id
        and fact.value.frame is not None
        and fact.value.frame.kind != "record.received"
        for fact in state.records.values()
    )


def _cost(node: Node, one: Held) -> int:
    """Bytes that storing this adds; nothing for what is there already, opened as far."""
    known = node.journal.held_record(one.id)
    if known is None:
        return max(LEAST, len(one.envelope) + len(one.receipt) + _size(one.opening))
    return max(0, _size(one.opening) - _size(known.opening))


def _size(opening: Opening | None) -> int:
    if opening is None:
        return 0
    return len(opening.frame) + len(opening.content or b"")
