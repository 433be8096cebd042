"""UTF-16 without a mark, and lines that end in a carriage return alone."""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.adapters.unpack_child import unpack
from comity.errors import Malformed
from comity.evidence.detecting import detect, explain_format
from comity.evidence.line_ends import order_of, read_returns

LOG = "".join(f"Mar  4 05:06:0{n} lab sshd[7]: Failed password for r\u00f8t \u4e2d\n" for n in range(5))
TABLE = "time,name,place\n2026-03-04,drop,lab\n2026-03-04,keep,lab\n"
OBJECTS = "".join(f'{{"a":{n}}}\n' for n in range(6))
TEXTS = {"a.log": LOG, "a.csv": TABLE, "a.jsonl": OBJECTS, "b.txt": LOG.replace("\n", "\r\n")}


def members(kind: str, raw: bytes) -> bytes:
    told: list[tuple[bytes, bytes]] = []
    unpack(kind, io.BytesIO(raw), lambda tag, data: told.append((tag, data)))
    assert [tag for tag, _ in told if tag != b"D"] == [b"N", b"E"]
    return b"".join(data for tag, data in told if tag == b"D")


@pytest.mark.parametrize("name", sorted(TEXTS))
@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_told_by_its_bytes(name: str, order: str) -> None:
    raw = TEXTS[name].encode(order)
    assert order_of(raw) == order
    assert explain_format(name, raw).unpack == "utf-16"
    assert members("utf-16", raw) == TEXTS[name].encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"a\0",
        bytes(b"".join(n.to_bytes(2, "little") for n in range(40, 70))),
        b"plain words of a log\n" * 9,
        bytes(range(256)) * 4,
        b"\0" * 64,
        b"\x01\0\0\0" * 40,
    ],
)
def test_other_bytes_are_no_utf_16(raw: bytes) -> None:
    assert order_of(raw) is None
    if raw:
        with pytest.raises(Malformed) as caught:
            members("utf-16", raw)
        assert caught.value.code == "unpack.form"


@given(st.binary(max_size=300))
def test_telling_the_order_is_total(raw: bytes) -> None:
    assert order_of(raw) in (None, "utf-16-le", "utf-16-be")


@pytest.mark.parametrize("name", ["a.log", "a.csv", "a.jsonl"])
def test_lines_that_end_in_a_carriage_return_are_lines(name: str) -> None:
    raw = TEXTS[name].replace("\n", "\r").encode()
    assert explain_format(name, raw).unpack == "returns"
    assert members("returns", raw) == TEXTS[name].encode()
    assert detect(name, members("returns", raw)) == detect(name, TEXTS[name].encode())
    # A document whose tokens are parted so is read as it is, and one line of a log is one.
    assert explain_format("a.json", b'{\r "Records": [\r{"b": 1}\r]\r}\r').unpack == "json"
    assert explain_format("a.json", b'{\r "a": [\r{"b": 1}\r]\r}\r').format == "jsonl/1"
    assert explain_format("a.log", b"one line\r").unpack is None


@given(st.lists(st.sampled_from(["\r", "\n", "\r\n", "a", '"'])), st.integers(1, 5))
def test_no_line_end_is_two(parts: list[str], size: int) -> None:
    raw = "".join(parts).encode()
    told = b"".join(read_returns(raw[at : at + size] for at in range(0, len(raw), size)))
    assert told == raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def test_bytes_by_chance_are_no_text() -> None:
    made = random.Random(7)
    for _ in range(200):
        raw = bytes(made.randrange(1, 256) for _ in range(2000))
        assert explain_format("x", raw).format == "opaque/1"
        returns = explain_format("x", raw.replace(b"\n", b"\r"))
        assert (returns.format, returns.unpack) == ("opaque/1", None)


OLD_TEXTS = (
    b"8=FIX.4.4\x019=12\x0135=D\x0149=LAB\x01" * 3,
    b"a\x1fb\x1e" * 40,
    "журнал событий лаборатории\r\n".encode("koi8-r") * 9,
    "журнал событий лаборатории\r".encode("mac-cyrillic") * 9,
    b"\x1b[31mred\x1b[0m \xe9\n" * 9,
    "\x01\x02\x03\x04\x05\x06 é".encode() * 20,
)


@pytest.mark.parametrize("raw", OLD_TEXTS)
def test_text_of_any_encoding_stays_text(raw: bytes) -> None:
    found = explain_format("x", raw)
    assert found.format == "lines/1" or found.unpack == "returns"


def test_attack_bytes_in_one_line_do_not_hide_the_others() -> None:
    raw = bytes(range(1, 256)).replace(b"\n", b"") * 20 + b"\n" + b"a line of a log\n" * 5
    assert explain_format("x", raw).format == "lines/1"


@pytest.mark.parametrize(
    "line",
    [
        b"2031-03-01T04:05:06Z sshd[7]: Bad version '\x01\x02\x03\x04\x05\x06\x90\xcd\x80\xff' from a\n",
        b"[12:00:01] <m\xfcller> \x0304,12\x02a\x02 \x1db\x1d\x0f \x1fc\x1f \x16d\x16\n",
    ],
)
def test_attack_bytes_in_every_line_do_not_make_a_log_binary(line: bytes) -> None:
    assert explain_format("a.log", line * 300).format == "lines/1"
