"""What a file is, and the names of the rules that cut it into rows (``spec/10-evidence.md``).

A format name is a splitter with its version: the same name always gives the same rows. A row is
what the named splitter emits, byte for byte; how each one cuts is told in :mod:`comity.evidence.rows`.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias, get_args

from comity.errors import Malformed

FormatName: TypeAlias = Literal["lines/1", "w3c/1", "zeek/1", "csv/1", "jsonl/1", "evtx-jsonl/1", "opaque/1"]
FORMATS: Final[tuple[FormatName, ...]] = get_args(FormatName)
Container: TypeAlias = Literal[
    "gzip",
    "zstd",
    "bzip2",
    "xz",
    "zip",
    "tar",
    "utf-16",
    "typed-csv",
    "table",
    "spaced-table",
    "returns",
    "event-xml",
    "event-text",
    "object-xml",
    "json",
    "otlp",
]
"""What is sealed whole and then unpacked: its members are items derived from it."""
ROWS_OF: Final[dict[Container, FormatName]] = {
    "event-xml": "evtx-jsonl/1",
    "event-text": "jsonl/1",
    "object-xml": "jsonl/1",
    "json": "jsonl/1",
    "otlp": "jsonl/1",
}
"""Containers that are read as one item of rows, and its format; of the others each member has its own."""
NAMED_ALIKE: Final[frozenset[Container]] = frozenset(
    ("utf-16", "typed-csv", "table", "spaced-table", "returns")
)
"""Containers of one file, which is called as they are; of the others it is called so without the ending."""
TABLES: Final[frozenset[Container]] = frozenset(("table", "spaced-table"))
"""Of these the file is a table (``csv/1``)."""
HEAD_BYTES: Final = 65536
"""How much of a file :func:`~comity.evidence.detecting.detect` looks at."""

DELIMITERS: Final = (b",", b"\t", b";", b"|")


def name_format(text: str, where: str = "") -> FormatName:
    """``text`` as a format name, also without its version; ``Malformed`` (``format.name``) if none."""
    for name in FORMATS:
        if text in (name, name.partition("/")[0]):
            return name
    raise Malformed("format.name", where, f"{text!r} is not one of {', '.join(FORMATS)}")


def choose_delimiter(header: bytes) -> bytes:
    """The delimiter of a header row: of ``, TAB ; |`` the most frequent outside quotes in its first
    line, the earlier in that list when equal; a comma if there is none."""
    bare = re.sub(rb'"[^"]*"', b"", header.partition(b"\n")[0])
    return max(DELIMITERS, key=bare.count)
