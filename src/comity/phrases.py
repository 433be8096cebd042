"""Sentences that remember what they were made from, so that a page can say them in another language.

The core writes English. A :class:`Phrase` is that English text, and keeps the message it was made from and
what was put into it; whoever has a catalogue of messages (``web.phrases``) says the same again. What was put
in (a party's name, a label, a figure) stays as it is, unless it is a phrase itself.
"""

from __future__ import annotations

from collections.abc import Iterable


class Phrase(str):
    """Text made from a message. ``message`` has a ``{}`` for each of ``parts``."""

    __slots__ = ("message", "parts")
    message: str
    parts: tuple[str, ...]

    def __add__(self, other: str) -> Phrase:
        return phrase("{}{}", self, other)


def phrase(message: str, *parts: object) -> Phrase:
    """A message with its parts put in; figures are written out by whoever puts them in."""
    if isinstance(message, Phrase) and not parts:
        return message
    kept = tuple(part if isinstance(part, str) else str(part) for part in parts)
    made = Phrase(message.format(*kept) if kept else message)
    made.message, made.parts = message, kept
    return made


def count_of(number: int, one: str, many: str = "") -> Phrase:
    """``1 row``, ``1,200 rows``."""
    return phrase(f"{{}} {one if number == 1 else many or one + 's'}", f"{number:,}")


def joined(parts: Iterable[str], between: str = ", ") -> Phrase:
    """Several in one line, each still a phrase where it is one."""
    listed = tuple(parts)
    return phrase(between.join("{}" for _ in listed), *listed)
