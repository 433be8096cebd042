"""Events of Windows as Wazuh writes them: parts below ``win``, and their data escaped twice."""

from __future__ import annotations

import re
from typing import Final

from comity.findings.export_flat import Names, Pairs, Reading, Row
from comity.findings.rows import fold
from comity.findings.taxonomy_exports import WAZUH

_PLAIN = re.compile(r"(?<!\\)\\(?:\\\\)*+(?![\\\"/nrt])")
"""A backslash that escapes nothing."""
_ROOTED = re.compile(r"(?:^|[^A-Za-z])(?:[A-Za-z]:|HK[A-Z_]{1,20}|%[A-Za-z]{1,32}%)\\\\[^\\]")
"""Where a path begins that has each backslash twice."""
_ESCAPED = re.compile(r"\\([\\\"/nrt])")
_CHARACTERS: Final = {"n": "\n", "r": "\r", "t": "\t"}


def wazuh_pairs(names: Names) -> Pairs:
    """The parts of such an event under the names of rules."""
    found: dict[str, str] = {}
    data: list[tuple[str, str]] = []
    for name in names:
        plain = name.removeprefix("data.")
        if plain.startswith("win.system."):
            rest = plain.removeprefix("win.system.")
            found[WAZUH.get(fold(rest), f"System.{rest}")] = name
        elif plain.startswith("win.eventdata."):
            data.append((plain.removeprefix("win.eventdata."), name))
        else:
            data.append((name, name))
    taken = set(map(fold, found))
    return (
        *found.items(),
        *((f"EventData_{plain}" if fold(plain) in taken else plain, name) for plain, name in data),
    )


def read_escaped(data: tuple[str, ...], reading: Reading, row: Row) -> Row:
    """A row as ``reading`` has it, with what Wazuh's agents escaped in its ``data`` as it was: JSON is
    escaped again, and its own rules ask for two backslashes. Where one escapes nothing, or no path begins so,
    nothing was escaped."""
    texts = {name: value for name in data if isinstance(value := row[name], str) and "\\" in value}
    if not any(map(_ROOTED.search, texts.values())) or any(map(_PLAIN.search, texts.values())):
        return reading(row)
    return reading({**row, **{name: _ESCAPED.sub(_character, value) for name, value in texts.items()}})


def _character(found: re.Match[str]) -> str:
    return _CHARACTERS.get(found[1], found[1])
