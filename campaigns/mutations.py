"""Ways to alter bytes, CBOR, DER, notes and proofs, each drawn from a seeded generator.

A mutation may by chance give back what it was given; who calls draws again. None of them knows a key.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Sequence

import cbor2

from comity.records.ed25519 import L

Mutate = Callable[[random.Random, bytes, Sequence[bytes]], bytes]
"""From a generator, valid bytes, and other valid bytes of the kind, to altered bytes."""

ALGORITHMS = (-7, -8, -19, -35, -36, -37, -53, -257, -65535, 0, 1, "EdDSA", -19.0, None, 2**63, True)


# -- any bytes ----------------------------------------------------------------------------------------


def flip_bits(rng: random.Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    out = bytearray(raw)
    for _n in range(rng.choice((1, 1, 1, 2, 8))):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def set_byte(rng: random.Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(raw))
    return (
        raw[:at]
        + bytes([rng.choice((0, 0x7F, 0x80, 0xFF, 0x18, 0x5F, 0xA0, rng.randrange(256)))])
        + raw[at + 1 :]
    )


def truncate(rng: random.Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    return raw[: rng.randrange(len(raw))] if rng.random() < 0.8 else raw[rng.randrange(1, len(raw)) :]


def extend(rng: random.Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    more = rng.choice((b"\0", b"\n", b" ", b"\xf6", b"\xff", raw, rng.randbytes(rng.randrange(1, 40))))
    return raw + more if rng.random() < 0.8 else more + raw


def insert(rng: random.Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(raw))
    return raw[:at] + rng.randbytes(rng.randrange(1, 5)) + raw[at:]


def delete(rng: random.Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(raw))
    return raw[:at] + raw[at + rng.randrange(1, 9) :]


def repeat(rng: random.Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    start = rng.randrange(len(raw))
    end = min(len(raw), start + rng.randrange(1, 70))
    return raw[:end] + raw[start:end] + raw[end:]


def splice(rng: random.Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    other = rng.choice(others)
    at = rng.randrange(len(raw))
    span = rng.choice((1, 8, 32, 64, len(raw)))
    return raw[:at] + other[at : at + span] + raw[at + span :]


def swap(rng: random.Random, _: bytes, others: Sequence[bytes]) -> bytes:
    return rng.choice(others)


BYTES: tuple[Mutate, ...] = (flip_bits, set_byte, truncate, extend, insert, delete, repeat, splice, swap)


# -- CBOR -----------------------------------------------------------------------------------------------


class _Speller:
    """Writes a value with one item, the ``target``-th, spelt otherwise than RFC 8949 §4.2.1 asks."""

    def __init__(self, rng: random.Random, target: int) -> None:
        self.rng = rng
        self.left = target

    def write(self, value: object) -> bytes:
        odd = self.left == 0
        self.left -= 1
        if isinstance(value, cbor2.CBORTag):
            return self._head(6, value.tag, odd) + self.write(value.value)
        if isinstance(value, bool) or value is None or isinstance(value, float):
            return cbor2.dumps(value)
        if isinstance(value, int):
            if -(2**64) <= value < 2**64:
                return self._head(0, value, odd) if value >= 0 else self._head(1, -1 - value, odd)
            return cbor2.dumps(value)
        if isinstance(value, bytes | str):
            raw = value if isinstance(value, bytes) else value.encode()
            major = 2 if isinstance(value, bytes) else 3
            if odd and self.rng.random() < 0.5:
                cut = self.rng.randrange(len(raw) + 1)
                parts = b"".join(self._head(major, len(p), False) + p for p in (raw[:cut], raw[cut:]))
                return bytes([major << 5 | 31]) + parts + b"\xff"
            return self._head(major, len(raw), odd) + raw
        if isinstance(value, list | tuple):
            body = b"".join(map(self.write, value))
            if odd and self.rng.random() < 0.5:
                return b"\x9f" + body + b"\xff"
            return self._head(4, len(value), odd) + body
        assert isinstance(value, dict)
        pairs = [self.write(k) + self.write(v) for k, v in value.items()]
        if odd:
            match self.rng.randrange(4):
                case 0:
                    return b"\xbf" + b"".join(pairs) + b"\xff"
                case 1 if pairs:
                    pairs.insert(self.rng.randrange(len(pairs) + 1), self.rng.choice(pairs))
                    return self._head(5, len(pairs), False) + b"".join(pairs)
                case 2 if len(pairs) > 1:
                    self.rng.shuffle(pairs)
                    return self._head(5, len(pairs), False) + b"".join(pairs)
        return self._head(5, len(value), odd) + b"".join(pairs)

    def _head(self, major: int, number: int, odd: bool) -> bytes:
        sizes = [(0, 24), (1, 1 << 8), (2, 1 << 16), (4, 1 << 32), (8, 1 << 64)]
        fit = [width for width, limit in sizes if number < limit]
        width = self.rng.choice(fit[1:]) if odd and len(fit) > 1 else fit[0]
        if not width:
            return bytes([major << 5 | number])
        return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[width]]) + number.to_bytes(width, "big")


def _count(value: object) -> int:
    if isinstance(value, cbor2.CBORTag):
        return 1 + _count(value.value)
    if isinstance(value, dict):
        return 1 + sum(_count(k) + _count(v) for k, v in value.items())
    return 1 + sum(map(_count, value)) if isinstance(value, list | tuple) else 1


def respell(rng: random.Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    """The same content in other bytes: long heads, open lengths, keys twice or out of order."""
    value = cbor2.loads(raw)
    if rng.random() < 0.6:
        return _Speller(rng, rng.randrange(_count(value))).write(value)
    return _within(rng, value, lambda v: _Speller(rng, rng.randrange(_count(v))).write(v))


def _within(rng: random.Random, message: object, write: Callable[[object], bytes]) -> bytes:
    """A COSE_Sign1 with one of the byte strings that hold CBOR written anew."""
    assert isinstance(message, cbor2.CBORTag)
    protected, unprotected, payload, signature = message.value
    proofs = unprotected.get(396)
    if proofs and rng.random() < 0.7:
        kind, (proof,) = next(iter(proofs.items()))
        unprotected = {396: {kind: [write(cbor2.loads(proof))]}}
    else:
        protected = write(cbor2.loads(protected))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, unprotected, payload, signature]), canonical=True)


def swap_algorithm(rng: random.Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    message = cbor2.loads(raw)
    protected, unprotected, payload, signature = message.value
    header = cbor2.loads(protected)
    if rng.random() < 0.8:
        header[1] = rng.choice(ALGORITHMS)
    else:
        # The unprotected header may not say it either (RFC 9052 §3).
        unprotected = unprotected | {1: rng.choice(ALGORITHMS)}
    changed = [cbor2.dumps(header, canonical=True), unprotected, payload, signature]
    return cbor2.dumps(cbor2.CBORTag(18, changed), canonical=True)


def change_message(rng: random.Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    """Well-formed COSE_Sign1 with another member: a tag, a header, a payload, a signature."""
    message = cbor2.loads(raw)
    tag, parts = message.tag, list(message.value)
    other = cbor2.loads(rng.choice(others)).value
    match rng.randrange(8):
        case 0:
            at = rng.randrange(4)
            parts[at] = other[at]
        case 1:
            parts[2] = b"" if parts[2] is None else None
        case 2:
            tag = rng.choice((16, 17, 61, 98, 55799))
        case 3:
            scalar = int.from_bytes(parts[3][32:], "little") + L * rng.randrange(1, 9)
            parts[3] = parts[3][:32] + (scalar % 2**256).to_bytes(32, "little")
        case 4:
            parts[1] = dict(parts[1]) | {rng.choice((4, 15, 33, 394, 396, 999)): rng.randbytes(8)}
        case 5:
            header = cbor2.loads(parts[0])
            header[rng.choice([*header, 2, 3, 33, -70002])] = rng.choice(
                (0, 1, b"", "", rng.randbytes(32), [1])
            )
            parts[0] = cbor2.dumps(header, canonical=True)
        case 6:
            header = cbor2.loads(parts[0])
            del header[rng.choice(list(header))]
            parts[0] = cbor2.dumps(header, canonical=True)
        case _:
            parts = rng.choice((parts[:3], [*parts, b""], [parts[0], parts[1], parts[3], parts[2]]))
    return cbor2.dumps(cbor2.CBORTag(tag, parts), canonical=True)


def change_proof(rng: random.Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    """A receipt with other numbers, another path, or the proof of another receipt, under its signature."""
    protected, unprotected, payload, signature = cbor2.loads(raw).value
    kind, (proof,) = next(iter(unprotected[396].items()))
    first, second, path = cbor2.loads(proof)
    first, second, path = _renumber(rng, first, second, path)
    wrapped: list[bytes] = [cbor2.dumps([first, second, path], canonical=True)]
    match rng.randrange(5):
        case 0:
            wrapped *= 2
        case 1:
            kind = rng.choice((-1, -2, -3, 1))
        case 2:
            unprotected = cbor2.loads(rng.choice(others)).value[1]
            kind, wrapped = next(iter(unprotected[396].items()))
    changed = [protected, {396: {kind: wrapped}}, payload, signature]
    return cbor2.dumps(cbor2.CBORTag(18, changed), canonical=True)


def _renumber(rng: random.Random, first: int, second: int, path: list[bytes]) -> tuple[int, int, list[bytes]]:
    match rng.randrange(4):
        case 0:
            first += rng.choice((-2, -1, 1, 2, 2**31, 2**62))
        case 1:
            second += rng.choice((-2, -1, 1, 2, 2**31, 2**62))
        case 2:
            first, second = second, first
        case _:
            path = change_path(rng, path)
    return first, second, path


ENVELOPE: tuple[Mutate, ...] = (*BYTES, respell, respell, swap_algorithm, change_message)
RECEIPT: tuple[Mutate, ...] = (*ENVELOPE, change_proof, change_proof)


# -- paths ------------------------------------------------------------------------------------------------


def change_path(rng: random.Random, path: Sequence[bytes]) -> list[bytes]:
    """A list of hashes with one of them altered, gone, doubled, moved or put in."""
    out = list(path)
    at = rng.randrange(len(out)) if out else 0
    match rng.randrange(6) if out else 5:
        case 0:
            out[at] = flip_bits(rng, out[at], ())
        case 1:
            del out[at]
        case 2:
            out.insert(at, out[at])
        case 3:
            other = rng.randrange(len(out))
            out[at], out[other] = out[other], out[at]
        case 4:
            out[at] = rng.choice((b"", out[at][:31], out[at] + b"\0", bytes(32)))
        case _:
            out.insert(rng.randrange(len(out) + 1), rng.choice((rng.randbytes(32), bytes(32))))
    return out


# -- DER ----------------------------------------------------------------------------------------------------


def lengthen(rng: random.Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    """BER for DER: a length in more bytes than it needs, or open, somewhere (X.690 §10.1)."""
    at = 0 if rng.random() < 0.3 else rng.randrange(len(raw) - 1)
    head = raw[at + 1]
    if rng.random() < 0.2:
        return raw[: at + 1] + b"\x80" + raw[at + 2 :] + b"\0\0"
    count, start = (1, at + 2) if head < 0x80 else (head & 0x7F, at + 2 + (head & 0x7F))
    length = raw[at + 1 : at + 2] if head < 0x80 else raw[at + 2 : start]
    return raw[: at + 1] + bytes([0x80 | (count + 1) & 0x7F]) + b"\0" + length + raw[start:]


TOKEN: tuple[Mutate, ...] = (*BYTES, lengthen, lengthen)


# -- notes --------------------------------------------------------------------------------------------------


def _line(rng: random.Random, text: str, change: Callable[[str], str]) -> str:
    lines = text.split("\n")
    at = rng.randrange(len(lines) - 1)
    lines[at] = change(lines[at])
    return "\n".join(lines)


def _own(text: str, change: Callable[[str], str]) -> str:
    # The signature line of the key that is asked about; by construction it is the last.
    head, dash, line = text.rpartition("\u2014 ")
    name, _, encoded = line.rstrip("\n").partition(" ")
    return f"{head}{dash}{name} {change(encoded)}\n"


def _rot_id(rng: random.Random, encoded: str) -> str:
    raw = bytearray(base64.b64decode(encoded))
    raw[rng.randrange(4)] ^= 1 << rng.randrange(8)
    return base64.b64encode(raw).decode()


def _stray(rng: random.Random, encoded: str) -> str:
    # Bits that no byte uses (RFC 4648 §3.5), padding gone or added, the other alphabet.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    bare = encoded.rstrip("=")
    last = alphabet[alphabet.index(bare[-1]) ^ rng.choice((1, 2, 3))]
    return rng.choice(
        (
            bare,
            encoded + "=",
            bare[:-1] + last + encoded[len(bare) :],
            encoded.replace("+", "-").replace("/", "_"),
            encoded[:20] + "\n" + encoded[20:],
            encoded + " ",
            " " + encoded,
        )
    )


def change_note(rng: random.Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    """Text that an eye, an editor or a lenient reader takes for the same note, and other signed fields."""
    text = raw.decode()
    match rng.randrange(14):
        case 0:
            text = text.replace("\n", "\r\n")
        case 1:
            text = _line(rng, text, lambda s: s + rng.choice((" ", "\t", "\r", "\u00a0", "\u200b", "\0")))
        case 2:
            text = _own(text, lambda s: _rot_id(rng, s))
        case 3:
            text = _own(text, lambda s: _stray(rng, s))
        case 4:
            lines = text.split("\n")
            number = int(lines[1])
            lines[1] = rng.choice(
                (
                    str(number + rng.choice((-1, 1, 256, 2**63))),
                    f"0{number}",
                    f"+{number}",
                    f"{number}.0",
                    f"{number:_}" + "_0",
                    "".join(chr(0x0660 + int(d)) for d in str(number)),
                    hex(number),
                    "",
                )
            )
            text = "\n".join(lines)
        case 5:
            text = text.replace("\u2014", rng.choice(("-", "\u2013", "\u2012", "\u2015", "--", "")))
        case 6:
            lines = text.split("\n")
            lines[2] = _stray(rng, lines[2])
            text = "\n".join(lines)
        case 7:
            lines = text.split("\n")
            lines.insert(rng.randrange(4), rng.choice(("", "extension", lines[0], lines[2])))
            text = "\n".join(lines)
        case 8:
            text = text.rstrip("\n") + rng.choice(("", "\n\n", "\n \n"))
        case 9:
            text = text + text.split("\n\n")[1]
        case 10:
            text = "\ufeff" + text
        case 11:
            lines = text.split("\n")
            lines[0] = rng.choice((lines[0] + "x", lines[0].upper(), lines[0][:-1], lines[0] + "+1", ""))
            text = "\n".join(lines)
        case 12:
            text = text.replace("\n\n", rng.choice(("\n", "\n\n\n", "\n \n", "\n\r\n")))
        case _:
            head, gap, tail = text.partition("\n\n")
            lines = tail.split("\n")[:-1]
            rng.shuffle(lines)
            text = head + gap + "\n".join(lines[:-1]) + "\n" if len(lines) > 1 else head + "\n"
    return text.encode()


NOTE: tuple[Mutate, ...] = (*BYTES, change_note, change_note, change_note)


def add_foreign_line(rng: random.Random, raw: bytes, _: Sequence[bytes]) -> bytes:
    """A signature line by a key that nobody gave: signed-note asks every reader to pass over it."""
    name = rng.choice(("elsewhere", "w.example/7", "\u00e9", "a" * 200))
    line = f"\u2014 {name} {base64.b64encode(rng.randbytes(rng.randrange(5, 120))).decode()}\n"
    head, gap, tail = raw.decode().partition("\n\n")
    lines = tail.splitlines(keepends=True)
    lines.insert(rng.randrange(len(lines) + 1), line)
    return (head + gap + "".join(lines)).encode()
