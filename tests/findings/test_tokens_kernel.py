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
    four = kernel.read_four.py_func(data, 0, len(text))
    assert four == (int(wanted) if wanted is not None and wanted.version == 4 else -1)
    with np.errstate(over="ignore"):
        fits, high, low = kernel.read_six.py_func(data, 0, len(text))
    if wanted is None or wanted.version == 4:
        assert not fits
    else:
        assert (fits, int(high) << 64 | int(low)) == (True, int(wanted))


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
    return len(find_places(scan, text.encode(), table, table.kinds())) == 1
