"""JSON from whose middle something is missing: what stands before the tear, and behind it.

A block of a disk that was never written, two halves of different files, a download that went on elsewhere:
the brackets and quotation marks behind such a tear do not count up any more. But what one program wrote
begins alike: behind a tear, the next object whose first key is one that objects before it began with is taken
to be one again. What stands between, and what has no end, is lines of its own which are no objects, so that
nothing is lost and whoever reads fields counts them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, Protocol

from comity.errors import Malformed

PIECE: Final = 1 << 20
"""How long a line is, in bytes, that is no object."""
_KNOWN: Final = 8
"""How many first keys are kept."""
_LONGEST: Final = 16 << 20
_FIRST = re.compile(rb'\{[ \t\r\n]*("(?:[^"\\]|\\.){1,200}+")[ \t\r\n]*:')
_LEAST: Final = 3
"""How many keys the first object has at least, for others to be like it by them."""
_DEPTH: Final = 16
_WORK: Final = 64 << 20
_LIST = re.compile(rb"[ \t\r\n]*\[[ \t\r\n]*(?=\{)")
_MARK: Final = 1024
"""The longest beginning by which an object is told, in bytes."""
_TOKEN = re.compile(rb'"(?:[^"\\]|\\[\s\S])*+"|[\[\]{}]|"')
_OF_LISTS: Final = b" \t\r\n,\x1e]}"


class Values(Protocol):
    """What reads values as long as nothing is missing."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that a chunk completes; ``Malformed`` where the text is no JSON."""
        ...

    def close(self) -> Iterator[bytes]:
        """What is left at the end."""
        ...

    def torn(self) -> bytes:
        """What was read and is in no line, from where it is no JSON any more."""
        ...


class Mending:
    """The lines of ``values``, and behind a tear those of the objects that begin like them."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._keys: list[bytes] = []
        self._mark: re.Pattern[bytes] | None = None
        self._shape: frozenset[str] = frozenset()
        self._lines = 0
        self._held: bytes | None = None
        self._torn = True
        """Whether an object that begins where what is held begins is the one that is torn."""
        self._work = _WORK
        """How many more bytes may be looked at for the ends of objects that have none."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that ``chunk`` completes."""
        if self._held is None:
            yield from self._read(self._values.feed(chunk))
        else:
            self._held += chunk
        self._work += 2 * len(chunk)
        yield from self._go_on(last=False)

    def close(self) -> Iterator[bytes]:
        """What is left at the end."""
        if self._held is None:
            held = self._values.torn()
            self._look_inside(held)
            if self._mark is None:
                yield from self._values.close()
            else:
                self._held = held
        yield from self._go_on(last=True)

    def _read(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        try:
            for line in lines:
                self._learn(line)
                self._lines += 1
                if self._swallows(line):
                    # All that follows in this file is read behind the tear.
                    self._held = line + self._values.torn()
                    return
                yield line
        except Malformed:
            held = self._values.torn()
            self._look_inside(held)
            if self._mark is None:
                raise
            self._held = held

    def _look_inside(self, held: bytes) -> None:
        """Learn how objects begin in a file whose first one is torn, of it, and of the list that it opens."""
        begun = _FIRST.search(held) if self._lines else _FIRST.match(held)
        if self._mark is not None or begun is None:
            return
        if self._lines:
            self._learn(held[begun.start() :])
            return
        inner = _LIST.match(held, begun.end())
        for at in (0, inner.end() if inner is not None else 0):
            first = _FIRST.match(held, at)
            if first is not None and re.search(re.escape(first[1]) + rb"[ \t\r\n]*:", held[first.end() :]):
                self._learn(held[at:])

    def _learn(self, line: bytes) -> None:
        if len(self._keys) >= _KNOWN:
            return
        first = _FIRST.match(line)
        if first is not None and not self._keys:
            self._shape = _keys_of(line)
        if first is not None and first[1] not in self._keys:
            self._keys.append(first[1])
            keys = b"|".join(re.escape(key) for key in self._keys)
            self._mark = re.compile(rb"\{[ \t\r\n]*(?:" + keys + rb")[ \t\r\n]*:")

    def _swallows(self, line: bytes) -> bool:
        """Whether a line holds the beginning of another object and is none itself, or is one in which others
        like those before stand: behind a tear inside of a list all that follows is of that list."""
        if self._mark is None or self._mark.search(line, 1) is None:
            return False
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            return True
        return len(self._shape) >= _LEAST and self._holds_alike(found)

    def _holds_alike(self, value: object, depth: int = 0) -> bool:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for each in inner:
            listed = isinstance(each, dict) and isinstance(value, list)
            if listed and 4 * len(self._shape & each.keys()) >= 3 * len(self._shape):
                return True
            if depth < _DEPTH and self._holds_alike(each, depth + 1):
                return True
        return False

    def _go_on(self, *, last: bool) -> Iterator[bytes]:
        """Lines behind a tear, of what is held."""
        if self._held is None or self._mark is None:
            return
        held, at = self._held, 0
        while (found := self._mark.search(held, at + self._torn)) is not None and self._work > 0:
            yield from _pieces(held[at : found.start()])
            at, self._torn = found.start(), False
            end = _end_of(held, at)
            if end is None and not last and len(held) - at <= _LONGEST:
                self._work -= len(held) - at
                self._held = held[at:]
                return
            line = held[at:end] if end is not None else b""
            if end is None or self._swallows(line):
                self._work -= len(line) or len(held) - at
                self._torn = True
                continue
            yield line
            at = end
        # A mark may stand where this chunk ends.
        cut = len(held) if last else max(at, len(held) - _MARK)
        if last or cut - at >= PIECE:
            yield from _pieces(held[at:cut])
            at, self._torn = cut, False
        self._held = held[at:]


def _keys_of(line: bytes) -> frozenset[str]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(found) if isinstance(found, dict) else frozenset()


def _end_of(held: bytes, at: int) -> int | None:
    """Where the object that begins at ``at`` ends; None where that does not show."""
    level = 0
    for token in _TOKEN.finditer(held, at):
        if token[0] in (b"{", b"["):
            level += 1
        elif token[0] in (b"}", b"]"):
            level -= 1
            if level == 0:
                return token.end()
        elif token[0] == b'"':
            return None
    return None


def _pieces(text: bytes) -> Iterator[bytes]:
    """A text that is no object, as lines; nothing where only the marks of lists stand in it."""
    if text.strip(_OF_LISTS):
        for start in range(0, len(text), PIECE):
            piece = text[start : start + PIECE].strip(b" \t\r\n,")
            if piece:
                yield piece
