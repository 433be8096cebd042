"""Rows of the journal's file as values; a row that no write of ours made is ``Unavailable``."""

from __future__ import annotations

from comity.errors import Unavailable
from comity.exchange.ports import Held, Leaf, Message
from comity.records.bundles import Opening


def leaf_of(row: tuple[object, ...]) -> Leaf:
    """``idx, id, iss, sub, seq, envelope``."""
    match row:
        case (int(index), str(name), str(iss), str(sub), int(seq), bytes(envelope)):
            return Leaf(index=index, id=name, iss=iss, sub=sub, seq=seq, envelope=envelope)
    raise Unavailable("journal.damaged", "leaf", "a row that no write of ours made")


def message_of(row: tuple[object, ...]) -> Message:
    """``id, address, path, body, tries, error``."""
    match row:
        case (int(number), str(to), str(path), bytes(body), int(tries), str(error)):
            return Message(id=number, to=to, path=path, body=body, tries=tries, error=error)
    raise Unavailable("journal.damaged", "outbox", "a row that no write of ours made")


def held_of(row: tuple[object, ...]) -> Held:
    """A number, ``id, case, iss, sub, seq, home, envelope, receipt``, and the five parts of an opening."""
    opening: Opening | None
    match row[9:]:
        case (None, None, None, None, None):
            opening = None
        case (
            bytes(salt_f),
            bytes(frame),
            bytes(cc),
            bytes() | None as salt_c,
            bytes() | None as content,
        ):
            opening = Opening(salt_f=salt_f, frame=frame, cc=cc, salt_c=salt_c, content=content)
        case _:
            raise Unavailable("journal.damaged", f"held/{row[1]}", "an opening that no write of ours made")
    match row[1:9]:
        case (
            str(name),
            str(case),
            str(iss),
            str(sub),
            int(seq),
            str(home),
            bytes(envelope),
            bytes(receipt),
        ):
            return Held(
                id=name,
                case=case,
                iss=iss,
                sub=sub,
                seq=seq,
                home=home,
                envelope=envelope,
                receipt=receipt,
                opening=opening,
            )
    raise Unavailable("journal.damaged", f"held/{row[1]}", "a row that no write of ours made")
