"""Compiled lists kept on disk: the same list, or a clear word."""

from __future__ import annotations

import ipaddress
import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import ComityError
from comity.findings.indicators import IndicatorList, Lookup, Values, parse_indicators
from comity.findings.pack import pack_digest
from comity.findings.sigma import Unusable
from comity.findings.tokens_cache import key_of, read_list, render_list, table_of
from comity.findings.tokens_table import Table, arrays_of

RAW = b"1.2.3.4\n10.0.0.0/8\n2001:db8::/32\n::1\nbad.example\n*.bad.example\na@b.example\nhttp://a/b\n"
RAW += b'http://a/{x}\nan "evil" tool\n\\\\host\n$$\n' + b"0a" * 16 + b"\n"
KEY = key_of("engine", "d")


def make_list() -> IndicatorList:
    made = parse_indicators("lists/i.ioc", RAW)
    assert isinstance(made, IndicatorList)
    return made


def written(made: IndicatorList) -> bytes:
    return b"".join(render_list(made, KEY, pack_digest([made])))


def test_a_cache_gives_the_list_back() -> None:
    made = make_list()
    pack = pack_digest([made])
    raw = written(made)
    again, told = read_list(raw, KEY, made.digest, made.source_name, "i.list")
    assert told == pack
    assert again == made
    assert again.entries == made.entries
    assert again.title == "i.ioc"
    assert pack_digest([again]) == pack_digest([made])
    fresh, kept = arrays_of(table_of(made)), arrays_of(table_of(again))
    assert fresh.keys() == kept.keys() == set(Table.__slots__)
    assert all((fresh[name] == kept[name]).all() for name in fresh)
    assert written(again) == raw
    assert Lookup(again).matches("see a@B.example", {})


def test_a_list_renders_as_its_json() -> None:
    made = make_list()
    told = json.dumps(made.to_json(), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert made.render() == told.encode()
    assert len(made) == len(made.entries) == 13


@pytest.mark.parametrize("change", ["body", "key", "format", "head", "arrays", "type", "empty"])
def test_what_does_not_hold_is_refused(change: str) -> None:
    made = make_list()
    raw, key = written(made), KEY
    line, _, body = raw.partition(b"\n")
    head = json.loads(line)
    if change == "body":
        raw = raw[:-1] + bytes([raw[-1] ^ 1])
    elif change == "key":
        key = key_of("engine 2", "d")
    elif change == "empty":
        raw = b""
    elif change == "head":
        raw = b"{}\n" + body
    else:
        if change == "format":
            head["cache"] = "other/1"
        elif change == "arrays":
            head["arrays"] = head["arrays"][1:]
        else:
            head["arrays"][0][1] = "|O"
        raw = json.dumps(head).encode() + b"\n" + body
    with pytest.raises(ComityError) as error:
        read_list(raw, key, made.digest, made.source_name, "i.list")
    assert error.value.code == "pack.cache"


def test_a_long_list_is_searched_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.findings.indicators._SEARCHED", 0)
    texts = sorted({f"n{n * 7919 % 1000}.example" for n in range(300)} | {"a", "é", "zz"})
    values = Values(("\n".join(texts) + "\n").encode())
    assert all(text in values for text in texts)
    assert all(text + "x" not in values and text[:-1] + "!" not in values for text in texts)
    assert "" not in values
    assert "zzz" not in values
    assert "" not in Values(b"")


addresses = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.integers(0, 300).map(lambda n: f"10.0.{n // 256}.{n % 256}"),
    st.ip_addresses(v=6).map(str),
)
networks = st.one_of(
    st.builds(lambda a, n: f"{a}/{n}", st.ip_addresses(v=4), st.integers(0, 32)),
    st.builds(lambda n, m: f"10.0.{n}.0/{m}", st.integers(0, 3), st.integers(20, 32)),
    st.builds(lambda a, n: f"{a}/{n}", st.ip_addresses(v=6), st.integers(0, 128)),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(addresses, max_size=12), st.lists(networks, max_size=5), st.lists(addresses, max_size=6))
def test_ranges_are_those_of_the_addresses_and_networks(
    singles: list[str], nets: list[str], others: list[str]
) -> None:
    made = parse_indicators("i.ioc", "\n".join(["x.example", *singles, *nets]).encode())
    assert isinstance(made, IndicatorList)
    table = table_of(made)
    wanted = [ipaddress.ip_network(text, strict=False) for text in (*singles, *nets)]
    four = table.four.tolist()
    six = [(a << 64 | b, c << 64 | d) for a, b, c, d in table.six.tolist()]
    for ranges, apart in ((four, 1), (six, 0)):  # those of four bytes that touch are one
        assert all(low <= high for low, high in ranges)
        assert all(high + apart < low for (_, high), (low, _) in pairwise(ranges))
    for text in (*singles, *others):
        address = ipaddress.ip_address(text)
        if address.version == 6 and address.ipv4_mapped is not None:
            continue
        ranges = four if address.version == 4 else six
        within = any(low <= int(address) <= high for low, high in ranges)
        assert within == any(address in net for net in wanted if net.version == address.version)
        if address.version == 4:
            coarse = int(address) >> 9
            lit = int(table.four_bits[coarse >> 6]) >> (coarse & 63) & 1
            assert lit == any(low >> 9 <= coarse <= high >> 9 for low, high in four)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["a.example", "b.example", "1.2.3.4", "x y", "é", '"', "", "# c", "A.example"]))
)
def test_a_list_in_pieces_is_the_list(lines: list[str]) -> None:
    raw = "\n".join(lines).encode()
    whole = parse_indicators("i.ioc", raw)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("comity.findings.lines.PIECE", 3)
        pieces = parse_indicators("i.ioc", raw)
        assert pieces == whole
        if isinstance(pieces, IndicatorList):
            told = json.dumps(pieces.to_json(), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            assert pieces.render() == told.encode()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"a\n\xff\n", "not UTF-8 at byte 2"),
        (b"\xef\xbb\xbfa\nb\xff", "not UTF-8 at byte 3"),
        (b"a\nb\0\n", "line 2: holds a zero byte"),
        (b"a\n\n" + b"x" * 5000, "line 3: longer than 4096 characters"),
        (b"# only\n\n", "the list holds no indicator"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(raw: bytes, reason: str) -> None:
    for piece in (1, 1 << 20):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("comity.findings.lines.PIECE", piece)
            made = parse_indicators("i.ioc", raw)
        assert isinstance(made, Unusable)
        assert made.reason == reason
