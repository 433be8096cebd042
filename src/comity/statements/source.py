"""A text as it came, and the same text as the rules read it.

Rules read a *folded* text: characters that are not seen are left out, line ends and odd spaces are one
space, full-width letters, digits and marks are plain ones, and a letter with its accent is one character
(NFC). Every folded character knows where it stands in the text as it came, so spans are always those of
the author's file.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from comity.errors import Malformed
from comity.statements.traditional import TO_SIMPLIFIED

LIMIT: Final = 8 * 1024 * 1024
"""Longest text in bytes."""

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = re.compile(
    f"[{_BIDI}\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028\u2029"
    "\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]+"
    # Joiners belong to several scripts and to emoji; beside ASCII or Han they only hide.
    "|(?<![^\x00-\u024f\u3400-\u9fff])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\u024f\u3400-\u9fff])"
)
_ACCENTED = re.compile("[^\u0300-\u036f][\u0300-\u036f]+")
_FOLDS: Final[dict[str, str]] = {
    **TO_SIMPLIFIED,
    **{chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(
        "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000\t", " "
    ),
    "\u2019": "'",
    "\u2018": "'",
    "\u2010": "-",
    "\u2011": "-",
}
_PLAIN = str.maketrans(_FOLDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From ``start`` to before ``end``, in characters."""

    start: int
    end: int

    def __contains__(self, place: object) -> bool:
        return isinstance(place, int) and self.start <= place < self.end

    def meets(self, other: Span) -> bool:
        """Whether the two have a character in common."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Text, the name of the encoding it was read by, and where bytes were no text (U+FFFD stands there)."""

    text: str
    encoding: str
    bad: tuple[Span, ...] = ()


def decode_text(raw: bytes, where: str = "text") -> Decoded:
    """Text of bytes: by its byte-order mark, else UTF-8, else UTF-16 where every other byte is zero, else
    GB 18030 where all of it reads as Chinese, else Windows-1252 where that leaves no byte over. What none
    explains is UTF-8 with its bad bytes marked.

    ``Malformed`` (``statement.size``) beyond :data:`LIMIT` bytes.
    """
    if len(raw) > LIMIT:
        raise Malformed("statement.size", where, f"longer than {LIMIT} bytes")
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if raw.startswith(mark):
            return _mark(raw[len(mark) :].decode(name, "replace"), name)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return _guess(raw)
    if "\x00" in text:
        for name, zeros in (("utf-16-le", raw[1::2]), ("utf-16-be", raw[0::2])):
            if zeros.count(0) * 2 > len(zeros):
                return _mark(raw.decode(name, "replace"), name)
    return Decoded(text=text, encoding="utf-8")


def _guess(raw: bytes) -> Decoded:
    as_utf8 = raw.decode("utf-8", "replace")
    # A UTF-8 file with a damaged byte stays UTF-8: most of what is not ASCII still reads.
    whole = sum(1 for c in as_utf8 if c > "\x7f" and c != "\ufffd")
    if whole > as_utf8.count("\ufffd") * 2:
        return _mark(as_utf8, "utf-8")
    for name in ("gb18030", "cp1252"):
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            continue
        beyond = [c for c in text if c > "\x7f"]
        if (
            name == "gb18030"
            and sum("\u3000" <= c <= "\u9fff" or c >= "\uff00" for c in beyond) < len(beyond) * 0.9
        ):
            continue
        if name == "gb18030" and len(beyond) < 4:
            continue
        return Decoded(text=text, encoding=name)
    return _mark(as_utf8, "utf-8")


def _mark(text: str, name: str) -> Decoded:
    bad = tuple(Span(start=m.start(), end=m.end()) for m in re.finditer("\ufffd+", text))
    return Decoded(text=text, encoding=name, bad=bad)


@dataclass(frozen=True)
class Source:
    """A text as it came (``text``), and where its lines begin."""

    text: str

    @cached_property
    def _begins(self) -> list[int]:
        # Lines end with LF, CR or CRLF, as editors count them.
        return [0, *(m.end() for m in re.finditer(r"\r\n|\r|\n", self.text))]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both from 1."""
        line = bisect_right(self._begins, offset)
        return line, offset - self._begins[line - 1] + 1

    def lines(self) -> Iterator[Span]:
        """Every line without its end."""
        begins = self._begins
        for at, start in enumerate(begins):
            end = begins[at + 1] if at + 1 < len(begins) else len(self.text)
            while end > start and self.text[end - 1] in "\r\n":
                end -= 1
            yield Span(start=start, end=end)

    def find_unseen(self) -> Iterator[Span]:
        """Runs of characters that are not seen or that turn text; a byte-order mark at the very beginning
        is none of them."""
        for found in _UNSEEN.finditer(self.text):
            if not (found.start() == 0 and found[0] == "\ufeff"):
                yield Span(start=found.start(), end=found.end())


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """A stretch of a text as rules read it: ``text``, and for each character the place it came from."""

    text: str
    places: array[int]

    def source_span(self, start: int, end: int) -> Span:
        """The span of the author's text behind ``text[start:end]``."""
        return Span(start=self.places[start], end=self.places[end - 1] + 1)


def fold_text(text: str, start: int, pieces: list[tuple[int, str]]) -> Folded:
    """``pieces`` (place, text) of a paragraph, joined by a space, as rules read them. ``text`` is the
    author's, ``start`` the place that stands for joining spaces before the first piece."""
    out: list[str] = []
    places: array[int] = array("L")
    last = start
    for place, piece in pieces:
        if out:
            # Lines of a paragraph are joined; between Han characters no space belongs.
            joined = "" if _is_wide(out[-1][-1:]) and _is_wide(piece[:1]) else " "
            out.append(joined)
            places.extend([last] * len(joined))
        if piece.isascii():
            out.append(piece.translate(_PLAIN))
            places.extend(range(place, place + len(piece)))
        else:
            folded, where = _fold_piece(piece)
            out.append(folded)
            places.extend(place + at for at in where)
        last = min(place + len(piece), max(len(text) - 1, 0))
    return Folded(text="".join(out), places=places)


def _is_wide(character: str) -> bool:
    return (bool(character) and "\u3000" <= character <= "\u9fff") or "\uff00" <= character <= "\uffef"


def _fold_piece(piece: str) -> tuple[str, list[int]]:
    characters: list[str] = []
    where: list[int] = []
    at = 0
    unseen = {i for m in _UNSEEN.finditer(piece) for i in range(m.start(), m.end())}
    clusters = {m.start(): m[0] for m in _ACCENTED.finditer(piece)}
    while at < len(piece):
        size = 1
        character = piece[at]
        if at in unseen:
            at += 1
            continue
        if cluster := clusters.get(at):
            composed = unicodedata.normalize("NFC", cluster)
            character, size = composed[0], len(cluster)
        characters.append(character)
        where.append(at)
        at += size
    return "".join(characters).translate(_PLAIN), where
