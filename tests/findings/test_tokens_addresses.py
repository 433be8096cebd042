"""Addresses as the compiled pass reads them, held against the standard library."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")
addresses = pytest.importorskip("comity.findings.tokens_addresses")
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
    four = addresses.read_four(data.tolist(), 0, len(text))
    assert four == (int(wanted) if wanted is not None and wanted.version == 4 else -1)
    out = [0] * kernel.SCRATCH
    fits = addresses.read_six(data.tolist(), 0, len(text), out)
    high, low = out[:2]
    if wanted is None or wanted.version == 4:
        assert not fits
    else:
        assert (fits, high << 64 | low) == (1, int(wanted))


parts = st.one_of(st.integers(0, 300).map(str), st.sampled_from(["", "00", "01", "1234", "099", "9" * 20]))


@given(st.lists(parts, min_size=4, max_size=4).map(".".join))
@example("255.255.255.255")
@example("0.0.0.0")
@example(".1.2.3")
def test_a_run_of_digits_and_three_dots_is_read_as_byte_by_byte(text: str) -> None:
    if len(text) <= 64:
        data = [*text.encode(), *bytes(8)]
        dots = sum(1 << n for n, byte in enumerate(text) if byte == ".")
        told = addresses.read_dotted(data, 0, len(text), dots)
        assert told == addresses.read_four(data, 0, len(text))
