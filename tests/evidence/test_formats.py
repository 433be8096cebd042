"""The names of formats, and the delimiter of a table."""

from __future__ import annotations

import pytest

from comity.errors import Malformed
from comity.evidence.formats import choose_delimiter, name_format


def test_names() -> None:
    assert name_format("csv/1") == name_format("csv") == "csv/1"
    with pytest.raises(Malformed) as caught:
        name_format("xlsx", "--format")
    assert (caught.value.code, caught.value.where) == ("format.name", "--format")


def test_delimiters() -> None:
    assert choose_delimiter(b"a;b;c") == b";"
    assert choose_delimiter(b'"a;b;c",d') == b","
    assert choose_delimiter(b"alone") == b","
    assert choose_delimiter(b'a,"b\n;;;;') == b","
