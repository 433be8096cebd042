"""Whether witnesses of the reader's own choice saw the ledgers of a dossier (tlog-policy; ``spec/12`` §6.1).

A case's own time policy was chosen by its parties. A reader who trusts others, or groups of groups of them,
brings a policy as text. It is judged beside integrity and identity and changes neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from comity.case import time as case_time
from comity.case.party_keys import checkpoint_keys, noted_key, suspect_witnesses, witness_keys
from comity.case.state import State
from comity.case.verified import attested_note
from comity.errors import NotVerified
from comity.ledger import note
from comity.ledger.policy import TextPolicy
from comity.records.parties import Party

MET, IN_PART, NOT_MET, OTHER_LOG, NO_RECORD = "met", "in part", "not met", "other log", "no record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigner:
    """A witness of the policy, by its name there, that cosigned a head at ``instant`` (seconds since 1970
    UTC, by its own clock). ``own``: the same key is the witness key of the ledger's own keeper."""

    name: str
    instant: int
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A signed head of a ledger here, and which witnesses of the policy cosigned it."""

    size: int
    by: tuple[Cosigner, ...]
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessedLedger:
    """One ledger under the reader's policy and, beside it, under the case's own.

    ``result``: ``met`` (a head that covers every record of the case in this ledger has the quorum),
    ``in part`` (an earlier head has it), ``not met``, ``other log`` (the policy names logs, and not this
    one), ``no record`` (it holds none of the case, so nothing is asked of it). ``proven`` is the largest
    head with the quorum. Of ``records`` of the case, ``covered`` stand in that head, and ``case_covered``
    have a proven time by the case's own policy.
    """

    ledger: str
    result: str
    checkpoint: Head
    proven: Head | None
    records: int
    covered: int
    case_covered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """What the reader's policy says of a dossier. ``case_quorum`` of ``case_of`` is the case's own policy."""

    ledgers: tuple[WitnessedLedger, ...]
    case_quorum: int
    case_of: int

    @property
    def met(self) -> bool:
        """Whether it is met for every ledger that holds a record of the case."""
        return all(ledger.result in (MET, NO_RECORD) for ledger in self.ledgers)


def judge_quorum(
    policy: TextPolicy,
    state: State,
    parties: Mapping[str, Party],
    checkpoints: Mapping[str, tuple[str, note.Checkpoint]],
) -> Quorum:
    """The reader's policy over the heads of a dossier that is intact, ledgers by id.

    Every head counts alone: witnesses that cosigned two different heads make no quorum together. A
    cosignature that does not hold counts for nothing, nor does one under a key that its party revoked here.
    """
    notes: dict[str, list[str]] = {home: [text] for home, (text, _) in checkpoints.items()}
    for fact in state.attestations.values():
        notes.setdefault(fact.value.home, []).append(attested_note(fact.value.raw))
    places: dict[str, list[int]] = {}
    timed: dict[str, int] = {}
    intervals = case_time.intervals(state)
    for record, held in state.records.items():
        places.setdefault(held.home, []).append(held.index)
        timed[held.home] = timed.get(held.home, 0) + (intervals[record].not_after is not None)
    logs = {str(log.vkey) for log in policy.logs}
    revoked = frozenset(vkey for party in parties.values() for vkey in suspect_witnesses(party))
    found = []
    for home in sorted(checkpoints):
        keeper = parties[home]
        indexes = places.get(home, [])
        heads = [_judge(policy, texts, keeper, revoked) for texts in _by_head(notes[home])]
        proven = max((h for h in heads if h.met), key=lambda h: h.size, default=None)
        covered = sum(1 for index in indexes if proven is not None and index < proven.size)
        if not indexes:
            result = NO_RECORD
        elif logs and logs.isdisjoint(map(str, checkpoint_keys(keeper))):
            result = OTHER_LOG
        elif covered == len(indexes):
            result = MET
        else:
            result = IN_PART if covered else NOT_MET
        found.append(
            WitnessedLedger(
                ledger=home,
                result=result,
                checkpoint=heads[0],
                proven=proven,
                records=len(indexes),
                covered=covered,
                case_covered=timed.get(home, 0),
            )
        )
    of = len(state.policy.witnesses) + len(state.policy.authorities) if state.policy else 0
    return Quorum(ledgers=tuple(found), case_quorum=state.policy.quorum if state.policy else 0, case_of=of)


def _by_head(texts: Iterable[str]) -> Iterable[list[str]]:
    """Notes in groups of one body, first come first: what is said of one and the same head adds up."""
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(note.open_note(text)[0], []).append(text)
    return groups.values()


def _judge(policy: TextPolicy, texts: Iterable[str], keeper: Party, revoked: frozenset[str]) -> Head:
    """The policy over every cosignature of one head; all texts have one body."""
    own, logs = frozenset(witness_keys(keeper)), {str(log.vkey) for log in policy.logs}
    known = True
    keys: set[bytes] = set()
    by: dict[str, Cosigner] = {}
    size = 0
    for text in texts:
        body, lines = note.open_note(text)
        size = note.Checkpoint.parse(body).size
        known = not logs or str(noted_key(text, keeper)) in logs
        there = {(line.name, line.key_hash) for line in lines}
        for witness in policy.witnesses:
            if (witness.vkey.name, witness.vkey.key_hash) not in there or str(witness.vkey) in revoked:
                continue
            try:
                instant = note.verify_cosignature(text, witness.vkey)
            except NotVerified:
                continue  # a line that does not hold is no cosignature
            keys.add(witness.vkey.key)
            name = witness.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            seen = Cosigner(name=name, instant=instant, own=str(witness.vkey) in own)
            by[witness.name] = min(seen, by.get(witness.name, seen), key=lambda c: c.instant)
    return Head(size=size, by=tuple(by[name] for name in sorted(by)), met=known and policy.met(keys))
