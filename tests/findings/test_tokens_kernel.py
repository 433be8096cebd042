"""The compiled pass, its parts held against the standard library."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.findings.indicators import IndicatorList, Lookup, parse_indicators

np = pytest.importorskip("numpy")
kernel = pytest.importorskip("comity.findings.tokens_kernel")

pieces = st.sampled_from(
    ["::", ":", ":", "0", "1", "ffff", "FFFF", "db8", "12345", "1.2.3.4", "01.2.3.4", ".", "g"]
)
written = st.one_of(
    st.lists(pieces, max_size=17).map("".join),
    st.ip_addresses(v=6).map(str),
    st.ip_addresses(v=6).map(lambda address: address.exploded),
    st.ip_addresses(v=4).map(lambda address: f"::ffff:{address}"),
    st.ip_addresses(v=4).map(str),
)


@settings(max_examples=150, deadline=None)
@given(written)
@example("1:2:3:4:5:6:7::")
@example("::2:3:4:5:6:7:8")
@example("1:2:3:4:5:6:1.2.3.4")
@example("1::3:4:5:6:7:1.2.3.4")
@example(":1:2:3:4:5:6:7")
def test_addresses_are_read_as_the_library_reads_them(text: str) -> None:
    data = np.frombuffer(text.encode() + bytes(8), np.uint8)
    try:
        wanted = ipaddress.ip_address(text)
    except ValueError:
        wanted = None
    four = kernel.read_four(data.tolist(), 0, len(text))
    assert four == (int(wanted) if wanted is not None and wanted.version == 4 else -1)
    out = [0] * kernel.SCRATCH
    fits = kernel.read_six(data.tolist(), 0, len(text), out)
    high, low = out[:2]
    if wanted is None or wanted.version == 4:
        assert not fits
    else:
        assert (fits, high << 64 | low) == (1, int(wanted))


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
