"""Texts of a file of items that no record could hold, found before anything is weighed."""

from __future__ import annotations

from collections.abc import Iterator

from comity.errors import Malformed
from comity.records.wire import has_control

LONGEST = 20_000
"""Characters of the longest text of a record; nothing of a longer one is cut off unsaid."""


def refuse_unwritable(data: object, where: str) -> None:
    """``Malformed`` for a text with a control character other than tab and line feed (``text.control``), with
    half of a surrogate pair (``items.form``), or too long (``items.text``), with the place in the file."""
    for place, text in _texts(data, ""):
        at = f"{where}: {place}" if place else where
        if lone := next((each for each in text if "\ud800" <= each <= "\udfff"), ""):
            why = f"holds half of a surrogate pair, U+{ord(lone):04X}: no text in UTF-8 has that"
            raise Malformed("items.form", at.encode("utf-8", "replace").decode(), why)
        if len(text) > LONGEST:
            why = f"{len(text):,} characters; a record holds at most {LONGEST:,} in one text"
            raise Malformed("items.text", at[:200], why)
        if has_control(text):
            control = next(each for each in text if has_control(each))
            raise Malformed("text.control", at, f"holds a control character, U+{ord(control):04X}")


def _texts(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Every text with its place: members by name, lists of objects by their ids or numbers from 1."""
    work: list[tuple[str, object]] = [(place, value)]
    while work:  # what is read may be nested as deeply as a parser goes
        at, one = work.pop()
        if isinstance(one, str):
            yield at, one
        elif isinstance(one, dict):
            yield from ((at, name) for name in one)
            work += [(f"{at}.{name}" if at else str(name), inner) for name, inner in reversed(one.items())]
        elif isinstance(one, list):
            told = [(f"{at}/{_name_of(inner, n)}", inner) for n, inner in enumerate(one, 1)]
            work += reversed(told)


def _name_of(one: object, number: int) -> str:
    name = one.get("id") if isinstance(one, dict) else None
    if isinstance(name, str) and name and name.isprintable():
        return name[:60]
    return f"number {number:,}"
