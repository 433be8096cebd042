"""Beginnings of requests, as data: one file a kind of request in ``request_texts/``, in each language.

Each has blanks in braces for what only the asker knows. The text that results is the asker's own, and signed
as such. Adding one is adding a file (``comity templates FILE.toml`` reads it the same way). A template
obliges nobody, and one that cites an instrument says nothing of whether it applies.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from comity.errors import Malformed, Refused
from comity.exchange.notices.words import FALLBACK, LANGUAGES

_BLANK = re.compile(r"\{([a-z]+)\}")
Type = Literal["evidence", "clarify", "preserve", "assist", "consult"]


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One kind of request: ``type`` is that of the record, ``instrument`` a provision of the catalogue of law
    that it follows (``law/``) or "", ``texts`` the words by language."""

    id: Annotated[str, Meta(pattern=r"\A[a-z]+(-[a-z]+)*\Z")]
    type: Type
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    texts: dict[str, str]
    instrument: str = ""

    def text_in(self, language: str) -> tuple[str, str]:
        """The text and the language that it is in: English where there is none in the one asked for."""
        found = language if language in self.texts else FALLBACK
        return self.texts[found], found

    @property
    def blanks(self) -> tuple[str, ...]:
        """What is to be filled in, in the order of the English text."""
        return blanks_in(self.texts[FALLBACK])

    def fill(self, language: str, values: Mapping[str, str]) -> str:
        """The text with its blanks filled; ``Refused`` (``template.blank``) where one is left or unknown."""
        text, _ = self.text_in(language)
        missing = [name for name in self.blanks if not values.get(name, "").strip()]
        if missing or values.keys() - set(self.blanks):
            wrong = ", ".join(missing or sorted(values.keys() - set(self.blanks)))
            raise Refused(
                "template.blank", self.id, f"to be filled in: {', '.join(self.blanks)}; see {wrong}"
            )
        return fill_in(text, values)


def blanks_in(text: str) -> tuple[str, ...]:
    """The names of the blanks that a text has, each once, in their order."""
    return tuple(dict.fromkeys(_BLANK.findall(text)))


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """The text with the blanks filled that there are values for. What stands in a value is never a blank."""
    return _BLANK.sub(lambda found: values.get(found[1], "").strip() or found[0], text)


def parse_template(raw: bytes, where: str = "template") -> Template:
    """One file; ``Malformed`` (``template.form``) where a field, a language or a blank is wrong."""
    try:
        found = msgspec.convert(tomllib.loads(raw.decode()), Template)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Malformed("template.form", where, str(error)[:300]) from None
    if FALLBACK not in found.texts or found.texts.keys() - set(LANGUAGES):
        raise Malformed("template.form", where, f"texts are in {', '.join(LANGUAGES)}; {FALLBACK} is wanted")
    for language, text in found.texts.items():
        if set(_BLANK.findall(text)) != set(found.blanks):
            raise Malformed("template.form", where, f"the blanks in {language} are not those in {FALLBACK}")
    return found


def parse_named(name: str, raw: bytes) -> Template:
    """The file of this name; ``Malformed`` (``template.name``) where it is not the template's id and
    ``.toml``, so that no two in a folder have one id, and else as ``parse_template``."""
    found = parse_template(raw, name)
    if re.split(r"[\\/]", name)[-1] != f"{found.id}.toml":
        raise Malformed("template.name", name, f"the file of this template is {found.id}.toml")
    return found


@cache
def templates() -> Mapping[str, Template]:
    """What the software comes with, by id. Part of the program like its modules."""
    folder = sorted(files("comity.exchange").joinpath("request_texts").iterdir(), key=lambda f: f.name)
    found = (parse_named(each.name, each.read_bytes()) for each in folder)
    return {template.id: template for template in found}
