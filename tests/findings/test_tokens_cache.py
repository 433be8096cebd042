"""Compiled lists kept on disk: the same list, or a clear word."""

from __future__ import annotations

import json

import pytest

from comity.errors import ComityError
from comity.findings.indicators import IndicatorList, Lookup, Values, parse_indicators
from comity.findings.pack import pack_of
from comity.findings.tokens_cache import key_of, read_list, render_list, table_of
from comity.findings.tokens_table import Table, arrays_of

RAW = b"1.2.3.4\n10.0.0.0/8\n2001:db8::/32\n::1\nbad.example\n*.bad.example\na@b.example\nhttp://a/b\n"
RAW += b'http://a/{x}\nan "evil" tool\n\\\\host\n$$\n' + b"0a" * 16 + b"\n"
KEY = key_of("engine", "d")


def make_list() -> IndicatorList:
    made = parse_indicators("lists/i.ioc", RAW)
    assert isinstance(made, IndicatorList)
    return made


def test_a_cache_gives_the_list_back() -> None:
    made = make_list()
    raw = render_list(made, KEY)
    again = read_list(raw, KEY, made.digest, made.source_name, "i.list")
    assert again == made
    assert again.entries == made.entries
    assert again.title == "i.ioc"
    assert pack_of([again]).digest == pack_of([made]).digest
    fresh, kept = arrays_of(table_of(made)), arrays_of(table_of(again))
    assert fresh.keys() == kept.keys() == set(Table.__slots__)
    assert all((fresh[name] == kept[name]).all() for name in fresh)
    assert render_list(again, KEY) == raw
    assert Lookup(again).matches("see a@B.example", {})


def test_a_list_renders_as_its_json() -> None:
    made = make_list()
    told = json.dumps(made.to_json(), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert made.render() == told.encode()
    assert len(made) == len(made.entries) == 13


@pytest.mark.parametrize("change", ["body", "key", "format", "head", "arrays", "type", "empty"])
def test_what_does_not_hold_is_refused(change: str) -> None:
    made = make_list()
    raw, key = render_list(made, KEY), KEY
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
