"""The compiled pass, its parts held against the standard library."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.findings.indicators import IndicatorList, Lookup, parse_indicators

np = pytest.importorskip("numpy")
kernel = pytest.importorskip("comity.findings.tokens_kernel")


def test_a_location_ends_before_each_byte_that_is_none_of_its_characters() -> None:
    from comity.findings.tokens_table import byte_tables

    location = byte_tables().location
    for byte in range(256):
        data = [*b"a" * 70, byte, *b"a" * 100, *bytes(kernel.BEHIND)]
        assert kernel.location_end(data, 3, 171) == (171 if location[byte] else 70)


LONG = "é" * 126 + "." + "é" * 120
NAMES = st.sampled_from(["a.example", LONG + ".example", "x" * 250 + ".b", "B-c.d", LONG])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(NAMES, min_size=1, max_size=3),
    st.booleans(),
    st.lists(st.one_of(NAMES, st.sampled_from([".", "-", "..", "x", "é", " ", "@"])), max_size=5).map(
        "".join
    ),
)
def test_names_are_found_as_by_the_row(names: list[str], below: bool, text: str) -> None:
    listed = "\n".join(("*." if below else "") + name for name in names)
    source = parse_indicators("i.txt", listed.encode())
    assert isinstance(source, IndicatorList)
    assert found_in(source, text) == Lookup(source).matches(text, {})


def found_in(source: IndicatorList, text: str) -> bool:
    from comity.findings.tokens_cache import table_of
    from comity.findings.tokens_native import find_places, load_scan

    scan = load_scan()
    assert scan is not None
    table = table_of(source)
    return len(find_places(scan, text.encode(), table, table.kinds(), 1)) > 0


LISTED = [
    *("1.2.3.4", "10.0.0.0/8", "2001:db8::1", "2001:db8:1::/48", "0a" * 16, "0b" * 20, "0c" * 32),
    *("a.b@bad.example", "bad.example", "*.bad.example", "http://bad.example/x", "ftp://a"),
    *("evil tool", "--evil", "x_y"),
]
SHOWN = [
    *LISTED,
    *"\n\n\n .-:@/_",
    "::ffff:1.2.3.4",
    "0:0:0:0:0:ffff:10.1.2.3",
    "x" * 70,
    "a1.b2-",
    "é",
    "0C" * 32,
]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(LISTED), min_size=1, max_size=6),
    st.lists(st.sampled_from(SHOWN), max_size=40).map("".join),
)
def test_the_machine_finds_what_the_interpreter_finds(listed: list[str], text: str) -> None:
    from comity.findings.tokens_cache import table_of
    from comity.findings.tokens_native import find_places, load_scan
    from comity.findings.tokens_table import byte_tables

    scan = load_scan()
    assert scan is not None
    source = parse_indicators("i.txt", "\n".join(listed).encode())
    assert isinstance(source, IndicatorList)
    table, raw = table_of(source), text.encode()
    found = find_places(scan, raw, table, table.kinds(), 1)
    of = byte_tables()
    arrays = (of.classes, of.location, table.blob, table.starts, table.bounds, table.hashes, table.order)
    more = (table.index, table.bits, table.words, table.four, table.four_index, table.four_bits)
    flat = [array.ravel().tolist() for array in (*arrays, *more)]
    shifts = 64 - (8 * table.bits.nbytes).bit_length() + 1, 64 - (len(table.index) - 1).bit_length() + 1
    asked = sum(1 << kind for kind in table.kinds())
    data, scratch = list(raw + bytes(kernel.BEHIND)), [0] * kernel.SCRATCH
    places = [0] * 1000
    six, schemes = table.six.ravel().tolist(), table.schemes.tolist()
    count = kernel.scan(
        *(data, len(raw), asked, places, len(places), scratch, *flat),
        *(six, len(table.six), schemes, len(schemes), *shifts),
    )
    assert places[:count] == found.tolist()


GROUPS = "2001:db8:0:0:0:0:0:1"
SPREAD = [
    *LISTED,
    *(
        GROUPS,
        GROUPS.replace(":0:", ":0000:"),
        GROUPS + ":",
        "0:0:0:0:0:ffff:1.2.3.4",
        "::ffff:10.1.2.3",
        "2001:db8:1::9",
    ),
    *(
        "10:00:24",
        "1:2:3:4:5",
        "::",
        ":",
        "1.2.3.4.",
        ".1.2.3.4",
        "x-1.2.3.4-",
        "1.2.3.4.5",
        "01.2.3.4",
        "1.2.3.4:443",
    ),
    *(
        "-",
        ".",
        "..",
        "_",
        "/",
        "//",
        "://",
        "é",
        "x",
        "1",
        "BAD.example",
        "http://ftp://a",
        "http://bad.example/x?",
    ),
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(LISTED), min_size=1, max_size=4),
    st.lists(
        st.lists(
            st.one_of(st.sampled_from(SPREAD), st.integers(0, 70).map(" ".__mul__), st.just(" ")), max_size=9
        ).map("".join),
        max_size=6,
    ),
)
@example(["2001:db8::1"], [" " * 40 + "1:2:3 " + GROUPS])
@example(["2001:db8::1"], ["2001:db8::1 x", GROUPS + " 1"])
@example(["1.2.3.4"], ["x" * 62 + " 1.2.3.4", "x" * 60 + "-1.2.3.4." + "x" * 130])
def test_lines_are_found_wherever_they_lie(listed: list[str], lines: list[str]) -> None:
    from comity.findings.tokens_cache import table_of
    from comity.findings.tokens_native import find_places, load_scan

    scan = load_scan()
    assert scan is not None
    source = parse_indicators("i.txt", "\n".join(listed).encode())
    assert isinstance(source, IndicatorList)
    table, lookup = table_of(source), Lookup(source)
    raw = "\n".join(lines).encode()
    wanted = {n for n, line in enumerate(lines) if lookup.matches(line, {})}
    for kinds in (table.kinds(), *({kind} for kind in table.kinds())):
        found = {raw.count(b"\n", 0, at) for at in find_places(scan, raw, table, kinds, 1).tolist()}
        assert found <= wanted
        assert found == wanted or kinds != table.kinds()


def test_places_are_found_however_many_there_are() -> None:
    from comity.findings.tokens_cache import table_of
    from comity.findings.tokens_native import find_places, load_scan

    scan = load_scan()
    assert scan is not None
    source = parse_indicators("i.txt", b"1.2.3.4\nx@y.example\nevil\nhttp://a/b\n" + b"0a" * 16)
    assert isinstance(source, IndicatorList)
    table = table_of(source)
    line = b"evil x@y.example http://a/b 1.2.3.4 " + b"0a" * 16 + b"\n"
    for count in (1, 63, 64, 65, 5000):
        found = find_places(scan, line * count, table, table.kinds(), 1)
        assert {place // len(line) for place in found.tolist()} == set(range(count))
        assert len(found) <= 6 * count
