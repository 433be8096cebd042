"""Tables with a blank behind each delimiter."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.evidence.detecting import explain_format
from comity.evidence.formats import HEAD_BYTES
from comity.evidence.parse import fields_of
from comity.evidence.tables import is_spaced, read_spaced

CELLS = st.lists(
    st.lists(st.text(st.sampled_from('ab,; "\n\t|'), max_size=6), min_size=3, max_size=3),
    min_size=1,
    max_size=6,
)


def spaced(mark: str, rows: list[list[str]], *, quoted: bool) -> str:
    out = []
    for row in rows:
        cells = ['"' + each.replace('"', '""') + '"' if quoted else each for each in row]
        out.append(f"{mark} ".join(cells))
    return "\n".join(out) + "\n"


@given(CELLS, st.sampled_from([",", "\t", ";", "|"]), st.integers(1, 9))
def test_cells_in_quotes_come_back(rows: list[list[str]], mark: str, size: int) -> None:
    rows = [["n1", "n2", "n3"], *rows]
    raw = spaced(mark, rows, quoted=True).encode()
    told = b"".join(read_spaced(raw[at : at + size] for at in range(0, len(raw), size)))
    assert list(csv.reader(io.StringIO(told.decode(), newline=""), delimiter=mark)) == rows


@pytest.mark.parametrize(("name", "mark"), [("a.csv", ","), ("a.tsv", "\t"), ("a.txt", ";")])
@pytest.mark.parametrize("quoted", [True, False])
def test_a_blank_behind_each_delimiter_is_of_no_cell(name: str, mark: str, quoted: bool) -> None:
    rows = [["time", "name", "place"], *[["2026-03-04", "drop key", f"lab{n}"] for n in range(4)]]
    raw = spaced(mark, rows, quoted=quoted).encode()
    found = explain_format(name, raw)
    assert found.unpack == "spaced-table", found
    head, first, *_ = b"".join(read_spaced([raw])).split(b"\n")
    assert fields_of("csv/1", first, head) == {"time": "2026-03-04", "name": "drop key", "place": "lab0"}


@pytest.mark.parametrize(
    "raw",
    [
        b"time,name,place\na,b c,d\n",
        b"time,name, place\na,b,c\na,b,c\n",
        b"time, name, place\na,b,c\na,b,c\n",
        b"it was late, and dark, and cold\nso, they said\nto us, and went, home, all of them\n" * 2,
    ],
)
def test_other_tables_stay_as_they_are(raw: bytes) -> None:
    assert not is_spaced(raw)
    assert explain_format("a.csv", raw).unpack != "spaced-table"


def test_headings_longer_than_what_is_looked_at_are_read_all_the_same() -> None:
    head = b", ".join(b"c%d" % n for n in range(HEAD_BYTES // 6))
    assert len(head) > HEAD_BYTES
    assert not is_spaced(head[:HEAD_BYTES])
    assert explain_format("a.csv", head[:HEAD_BYTES]).format == "csv/1"
