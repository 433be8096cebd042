"""What a person typed into a form: kept whole, checked field by field, and given back with every mistake.

All mistakes are told at once, each with its field, and nothing typed is lost on the way.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from comity.errors import Malformed
from comity.records import bodies
from comity.records.kinds import has_control
from comity.web.phrases import phrase

FORM_LIMIT = 1024 * 1024
"""Bytes of one form."""
FIELDS = 2000

_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?Z?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A mistake: the field (its name, "" for none) and what is wrong, in a sentence."""

    field: str
    why: str


class NotTaken(Exception):
    """A form that cannot be taken as it is, with every reason."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__("; ".join(w.why for w in wrong))
        self.wrong = tuple(wrong)


class Typed:
    """The fields of one form, in the order in which they came; a name may come several times."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = [(name, text.replace("\r\n", "\n").replace("\r", "\n")) for name, text in pairs]

    @classmethod
    def read(cls, body: bytes) -> Typed:
        """The fields of a form that was sent; ``Malformed`` (``page.form``) where it is none."""
        try:
            text = body.decode("ascii")
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS, errors="strict")
        except ValueError:
            raise Malformed("page.form", "form", "not the fields of a form") from None
        return cls(pairs)

    def one(self, name: str, default: str = "") -> str:
        """The text of a field, without space around it; the first, where there are several."""
        return next((text.strip() for n, text in self.pairs if n == name), default)

    def many(self, name: str) -> tuple[str, ...]:
        """Every text of a field that says something, each once."""
        return tuple(dict.fromkeys(text.strip() for n, text in self.pairs if n == name and text.strip()))

    def said(self, name: str) -> bool:
        """Whether the field came at all."""
        return any(n == name for n, _ in self.pairs)

    def number(self, name: str, default: int, most: int) -> int:
        """A small number that the form itself carries; ``default`` where it is none."""
        text = self.one(name)
        return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 6 else default

    def kept(self, *without: str) -> tuple[tuple[str, str], ...]:
        """Every field but these, to be carried along in the next page."""
        return tuple((n, text) for n, text in self.pairs if n not in without)

    def with_field(self, name: str, text: str) -> Typed:
        """The same with one field set."""
        return Typed((*self.kept(name), (name, text)))


class Checking:
    """Takes fields one by one, gathering what is wrong; :meth:`done` raises it all together."""

    def __init__(self, typed: Typed) -> None:
        self.typed = typed
        self.wrong: list[Wrong] = []

    def line(self, name: str, what: str, *, required: bool = False, limit: int = 200) -> str:
        """One line of text."""
        text = " ".join(self.typed.one(name).split("\n"))
        return self._text(name, text, what, required, limit)

    def text(self, name: str, what: str, *, required: bool = False, limit: int = 20_000) -> str:
        """Text of several lines."""
        return self._text(name, self.typed.one(name), what, required, limit)

    def _text(self, name: str, text: str, what: str, required: bool, limit: int) -> str:
        if required and not text:
            self.refuse(name, phrase("Say {}.", phrase(what)))
        elif len(text) > limit:
            self.refuse(
                name,
                phrase(
                    "At most {} characters fit here for {}; these are {}.",
                    f"{limit:,}",
                    phrase(what),
                    f"{len(text):,}",
                ),
            )
        elif has_control(text):
            self.refuse(
                name, phrase("There are control characters in {} that no record takes.", phrase(what))
            )
        return text

    def choice(self, name: str, what: str, among: Iterable[str], *, required: bool = True) -> str:
        """One of several values."""
        text = self.typed.one(name)
        if not text and not required:
            return ""
        if text not in set(among):
            self.refuse(name, phrase("Choose {}.", phrase(what)))
        # Records leave out what stands at its default, which is told by identity.
        return sys.intern(text)

    def several(
        self, name: str, what: str, among: Iterable[str], *, required: bool = False
    ) -> tuple[str, ...]:
        """Any of several values."""
        known = set(among)
        found = self.typed.many(name)
        if any(text not in known for text in found) or (required and not found):
            self.refuse(name, phrase("Choose {}.", phrase(what)))
        return tuple(text for text in found if text in known)

    def instant(self, name: str, what: str, *, required: bool = False, after: int | None = None) -> str:
        """An instant in UTC, as records write it. ``after`` is the second that it has to come after."""
        text = self.typed.one(name)
        if not text:
            if required:
                self.refuse(name, phrase("Say {}, in UTC.", phrase(what)))
            return ""
        found = _INSTANT.fullmatch(text)
        written = f"{found[1]}T{found[2]}{found[3] or ':00'}Z" if found else ""
        try:
            seconds = bodies.parse_time(written, name)
        except Malformed:
            self.refuse(
                name,
                phrase(
                    "Write {} as 2031-03-01 12:00, in UTC; {} is no such instant.", phrase(what), f"{text!r}"
                ),
            )
            return ""
        if after is not None and seconds <= after:
            self.refuse(
                name, phrase("Give a time that is still to come for {}; this one has passed.", phrase(what))
            )
        return written

    def refuse(self, name: str, why: str) -> None:
        """Add a mistake."""
        self.wrong.append(Wrong(field=name, why=why))

    def done(self) -> None:
        """Return only if nothing is wrong; :class:`NotTaken` otherwise."""
        if self.wrong:
            raise NotTaken(self.wrong)
