"""Private matching over the exchange: a list offered, asked against, answered, and the result kept here.

The offering party never learns what was asked; the asking party learns nothing of what it did not ask. What
it may learn by asking is bounded by the quota alone, so the answering node counts, and the case shows the
count. Keys and blinds are private notes of the journal, stored with the record that needs them; a blind is
forgotten when its answer was read, a key when the next version of its list is offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from comity.case.matching import answer_of, newest_of, use_of
from comity.case.state import Accepted, State
from comity.case.verified import Verified
from comity.errors import ComityError, Malformed, Refused
from comity.evidence.parse import fields_of, text_of
from comity.exchange.acts import reach_of, say
from comity.exchange.authoring import RETRIES
from comity.exchange.evidence import held_item, item_rows
from comity.exchange.node import Node
from comity.exchange.ports import Write
from comity.matching import packages, voprf
from comity.matching.indicators import Indicator, Type, find_in, find_in_fields, is_local
from comity.records import cbor, kinds
from comity.records.bundles import Record

KEY = "match/key/"
ASK = "match/ask/"
RESULT = "match/result/"
_INFO = b"comity/1/match\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an answer showed of one's own indicators. ``where`` is where a match stands in the list, which its
    holder can look up; None where the list does not hold it. Kept here, in no record."""

    ask: str
    answer: str
    offer: str
    found: tuple[tuple[Indicator, int | None], ...]

    @property
    def matches(self) -> tuple[tuple[Indicator, int], ...]:
        """The indicators that both sides have."""
        return tuple((one, at) for one, at in self.found if at is not None)


def offer_at(state: State, record: str) -> tuple[Accepted, kinds.Offer]:
    """An accepted offer; ``Refused`` (``match.unknown``) if the record is something else."""
    accepted = state.accepted.get(record)
    if accepted is None or not isinstance(accepted.content, kinds.Offer):
        raise Refused("match.unknown", record[:12], "not an accepted offer of this case")
    return accepted, accepted.content


def ask_at(state: State, record: str) -> tuple[Accepted, kinds.Ask]:
    """An accepted question; ``Refused`` (``match.unknown``) if the record is something else."""
    accepted = state.accepted.get(record)
    if accepted is None or not isinstance(accepted.content, kinds.Ask):
        raise Refused("match.unknown", record[:12], "not an accepted question of this case")
    return accepted, accepted.content


def indicators_of_item(
    node: Node, root: str, types: Sequence[Type], fields: Sequence[str] = ()
) -> tuple[Indicator, ...]:
    """The indicators in an item held whole: in the whole text of its rows, or in these fields of them.
    Addresses that mean another host in each network are left out."""
    form = held_item(node, root).format
    found: set[Indicator] = set()
    for row in item_rows(node, root):
        if fields:
            read = fields_of(form, row.raw, row.context)
            if isinstance(read, dict):
                found.update(find_in_fields(read, types, fields))
        else:
            found.update(find_in(text_of(row.raw), types))
    return tuple(sorted(one for one in found if not is_local(one)))


def offer_list(
    node: Node,
    case: str,
    name: str,
    indicators: Sequence[Indicator],
    *,
    to: Sequence[str],
    quota: int,
    purpose: str,
    use: kinds.Use = "information",
    pad_to: int = 0,
    seals: Sequence[str] = (),
) -> Verified[Record]:
    """Commit a list and let these parties ask against it: a new key, and the next version of the list of this
    name. ``pad_to`` adds random tokens up to that count. Costs about 0.05 ms an indicator."""
    voprf.require_library()
    if not indicators:
        raise Refused("match.empty", name, "the list holds no indicator")
    state = node.state(case)
    before = newest_of(state, node.party.id, name)
    replaced = before.content if before and isinstance(before.content, kinds.Offer) else None
    wanted = sorted(set(indicators))
    seed, info = node.effects.random(32), _INFO + bytes.fromhex(case)
    key = voprf.derive_key(seed, info)
    outputs = voprf.evaluate_all(seed, info, [one.data for one in wanted])
    tokens = [packages.token_of(output) for output in outputs]
    chance = node.effects.random(packages.TOKEN_BYTES * max(0, pad_to - len(tokens)))
    width = packages.TOKEN_BYTES
    decoys = [chance[at : at + width] for at in range(0, len(chance), width)]
    listed = packages.make_list(tokens, decoys)
    raw = packages.render_list(listed)
    content = kinds.Offer(
        list=name,
        version=replaced.version + 1 if replaced else 1,
        types=cast("tuple[Type, ...]", tuple(sorted({one.type for one in wanted}))),
        suite="ristretto255-SHA512",
        key=voprf.public_of(key).hex(),
        count=listed.count,
        root=listed.root,
        package=node.blobs.put(raw),
        bytes=len(raw),
        to=tuple(sorted(set(to))),
        quota=quota,
        use=use,
        purpose=purpose,
        replaces=before.id if before else "",
    )
    notes = {KEY + content.key: seed}
    if replaced:
        notes[KEY + replaced.key] = b""
    references = [*seals, *([before.id] if before else [])]
    return say(node, case, content, references, packages=[content.package], notes=notes)


def ask_list(
    node: Node, case: str, offer: str, indicators: Sequence[Indicator], *, purpose: str
) -> tuple[Verified[Record], list[Indicator]]:
    """Ask whether these indicators are in a list. Those of a type that the list does not hold, and those that
    this version of it was asked before, are left out: gives what was asked.

    ``Refused`` (``match.quota``) where that is more than is left of the quota, before anything is sent.
    """
    voprf.require_library()
    state = node.state(case)
    _, offered = offer_at(state, offer)
    known = {one for each in results(node) if each.offer == offer for one, _ in each.found}
    wanted = sorted({one for one in indicators if one.type in offered.types} - known)
    if not wanted:
        why = f"no indicator of {', '.join(offered.types)} that was not asked before"
        raise Refused("match.empty", offer[:12], why)
    left = max(0, offered.quota - use_of(state, offer, node.party.id).asked)
    if len(wanted) > min(left, voprf.MAX_BATCH):
        most = min(left, voprf.MAX_BATCH)
        why = f"asks {len(wanted)} indicators, and {most} can still be asked at once of this list"
        raise Refused("match.quota", offer[:12], why)
    width = voprf.CHANCE_BYTES
    chance = node.effects.random(width * len(wanted))
    blinds = [voprf.make_scalar(chance[at : at + width]) for at in range(0, len(chance), width)]
    blinded = packages.Parts(
        parts=tuple(voprf.blind(one.data, by) for one, by in zip(wanted, blinds, strict=True))
    )
    raw = packages.render_elements(blinded)
    content = kinds.Ask(
        offer=offer,
        count=blinded.count,
        root=blinded.root,
        package=node.blobs.put(raw),
        bytes=len(raw),
        purpose=purpose,
    )
    note = cbor.encode([[[one.type, one.value] for one in wanted], b"".join(blinds)])
    signed = say(
        node,
        case,
        content,
        [offer],
        to=reach_of(node, state, offer),
        packages=[content.package],
        notes={ASK + content.root: note},
    )
    return signed, wanted


def open_asks(node: Node, case: str) -> list[str]:
    """Questions against this party's lists that have no answer yet, causes first."""
    state = node.state(case)
    found = []
    for record in state.of("match.ask"):
        if isinstance(record.content, kinds.Ask) and answer_of(state, record.id) is None:
            offer = state.accepted.get(record.content.offer)
            if offer is not None and offer.author == node.party.id:
                found.append(record.id)
    return found


class _Moved(Exception):
    """Another process answered a question of the same party meanwhile."""


def answer_ask(node: Node, case: str, ask: str) -> Verified[Record]:
    """Answer a question, or refuse it where it goes beyond the quota, asks an older version, or is not in
    form. Several processes over one node may answer at once: the quota is counted once more in the very write
    that spends it."""
    voprf.require_library()
    with node.lock:
        for _ in range(RETRIES):
            try:
                return _answer(node, case, ask)
            except _Moved:
                continue
        raise Refused("journal.busy", case, "another process keeps writing; try again")


def _answer(node: Node, case: str, ask: str) -> Verified[Record]:
    state = node.state(case)
    asked, content = ask_at(state, ask)
    _, offered = offer_at(state, content.offer)
    if state.accepted[content.offer].author != node.party.id:
        raise Refused("match.other", ask[:12], "asks about another party's list")
    if answer_of(state, ask) is not None:
        raise Refused("match.answered", ask[:12], "is answered already")
    used = use_of(state, content.offer, asked.author).answered

    def say_it(made: kinds.Matched, *packed: str) -> Verified[Record]:
        def require(now: State) -> None:
            if answer_of(now, ask) or use_of(now, content.offer, asked.author).answered != used:
                raise _Moved

        reach = reach_of(node, state, ask, [content.offer])
        return say(node, case, made, [ask, content.offer], to=reach, packages=packed, require=require)

    def refuse(ground: Literal["quota", "superseded", "form"], why: str) -> Verified[Record]:
        return say_it(kinds.Matched(ask=ask, outcome="refused", used=used, ground=ground, text=why))

    seed = node.journal.note(KEY + offered.key) or b""
    if used + content.count > offered.quota:
        return refuse("quota", f"{used} of {offered.quota} are used, and it asks {content.count}")
    if not seed:
        return refuse("superseded", "a newer version of the list is offered")
    if not node.blobs.has(content.package):
        raise Refused("match.absent", ask[:12], "its elements were not sent to this node")
    key = voprf.derive_key(seed, _INFO + bytes.fromhex(case))
    raw = node.blobs.get(content.package)
    try:
        blinded = packages.open_elements(raw, content.count, content.root, ask[:12])
        told, proof = voprf.evaluate_blinded(
            key, blinded.parts, node.effects.random(voprf.CHANCE_BYTES), ask[:12]
        )
    except ComityError as error:
        return refuse("form", error.why)
    elements = packages.Parts(parts=tuple(told))
    answer = packages.render_elements(elements)
    made = kinds.Matched(
        ask=ask,
        outcome="answered",
        used=used + content.count,
        root=elements.root,
        package=node.blobs.put(answer),
        bytes=len(answer),
        proof=proof.hex(),
    )
    return say_it(made, made.package)


def read_answer(node: Node, case: str, ask: str) -> Result:
    """Check the answer to one's own question and keep what it shows; the blinds are forgotten then.

    Raises ``Refused`` (``match.open``, ``match.refused``, ``match.absent``), or ``Malformed`` and
    ``NotVerified`` as :func:`~comity.matching.voprf.verify_evaluation` and the packages do: then nothing is
    kept, and the blinds stay."""
    kept = node.journal.note(RESULT + ask)
    if kept:
        return _parse_result(ask, kept)
    voprf.require_library()
    state = node.state(case)
    _, content = ask_at(state, ask)
    _, offered = offer_at(state, content.offer)
    answered = answer_of(state, ask)
    if answered is None:
        raise Refused("match.open", ask[:12], "no answer has come yet")
    record, answer = answered
    if answer.outcome == "refused":
        raise Refused("match.refused", ask[:12], f"was refused ({answer.ground}): {answer.text}")
    for digest in (content.package, answer.package, offered.package):
        if not node.blobs.has(digest):
            raise Refused("match.absent", ask[:12], f"the package {digest[:12]} was not sent to this node")
    private = node.journal.note(ASK + content.root) or b""
    if not private:
        raise Refused("match.absent", ask[:12], "the blinds of this question are not held here")
    wanted, blinds = _parse_blinds(ask, private)
    blinded = packages.open_elements(node.blobs.get(content.package), content.count, content.root, "ask")
    told = packages.open_elements(node.blobs.get(answer.package), content.count, answer.root, "answer")
    listed = packages.open_list(node.blobs.get(offered.package), offered.count, offered.root, "list")
    key = bytes.fromhex(offered.key)
    voprf.verify_evaluation(key, blinded.parts, told.parts, bytes.fromhex(answer.proof), "answer")
    outputs = voprf.finalize([one.data for one in wanted], blinds, told.parts, "answer")
    places = packages.positions_of(listed, [packages.token_of(output) for output in outputs])
    result = Result(
        ask=ask, answer=record.id, offer=content.offer, found=tuple(zip(wanted, places, strict=True))
    )
    node.journal.write(Write(notes={RESULT + ask: _render_result(result), ASK + content.root: b""}))
    return result


def results(node: Node) -> list[Result]:
    """What this node learned by asking, as it was kept."""
    found = node.journal.notes(RESULT).items()
    return [_parse_result(name.removeprefix(RESULT), raw) for name, raw in found]


def _render_result(result: Result) -> bytes:
    rows: list[cbor.Writable] = [
        [one.type, one.value, 0 if at is None else at + 1] for one, at in result.found
    ]
    return cbor.encode([result.answer, result.offer, rows])


def _parse_result(ask: str, raw: bytes) -> Result:
    match cbor.decode(raw, RESULT + ask, code="match.note"):
        case [str() as answer, str() as offer, [*rows]]:
            found = []
            for row in rows:
                match row:
                    case [str() as kind, str() as value, int() as at] if kind in get_args(Type):
                        one = Indicator(type=cast("Type", kind), value=value)
                        found.append((one, at - 1 if at else None))
                    case _:
                        raise _damaged(RESULT + ask)
            return Result(ask=ask, answer=answer, offer=offer, found=tuple(found))
        case _:
            raise _damaged(RESULT + ask)


def _parse_blinds(ask: str, raw: bytes) -> tuple[list[Indicator], list[bytes]]:
    width = voprf.SCALAR_BYTES
    match cbor.decode(raw, ASK + ask, code="match.note"):
        case [[*rows], bytes() as joined] if len(joined) == width * len(rows):
            wanted = []
            for row in rows:
                match row:
                    case [str() as kind, str() as value] if kind in get_args(Type):
                        wanted.append(Indicator(type=cast("Type", kind), value=value))
                    case _:
                        raise _damaged(ASK + ask)
            return wanted, [joined[at : at + width] for at in range(0, len(joined), width)]
        case _:
            raise _damaged(ASK + ask)


def _damaged(name: str) -> Malformed:
    return Malformed("match.note", name, "a private note of a matching is damaged")
