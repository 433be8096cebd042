"""How many values a text in JSON has, told without making any of them.

A list of a million empty lists is three bytes for each, and a hundred in a memory: what is made to fill it is
told before it is read.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

VALUES: Final = 600_000
"""What has more values is not read: each takes up to a hundred bytes of a memory, under a name of its own
several hundred."""
_MARKS: Final = (b"{", b"[", b",")
_TO_A_MARK: Final = re.compile(
    rb'(?:[^"{\[,]++|"[^"\\]*+(?:\\.?[^"\\]*+)*+(?:"|\Z))*+(?:([{\[,])|\Z)', re.DOTALL
)
"""As far as the next mark that no string holds, or the end."""


def has_many_values(raw: bytes, most: int = VALUES) -> bool:
    """Whether more than ``most`` of ``{``, ``[`` and ``,`` stand outside of strings."""
    if len(raw) <= most or sum(map(raw.count, _MARKS)) <= most:
        return False
    marks = (1 for found in _TO_A_MARK.finditer(raw) if found.lastindex)
    return sum(islice(marks, most + 1)) > most
