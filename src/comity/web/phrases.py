"""What the pages say in a person's own language: one catalogue of messages, keyed by the English.

Only words that stand in this program are ever translated (``comity.phrases``); a party's name, words of a
record and what was typed stay as they are. The language of a record is its author's to declare, and no
page's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from comity.phrases import Phrase, count_of, joined, phrase

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Phrase",
    "Speech",
    "choose_language",
    "count_of",
    "joined",
    "messages_in",
    "phrase",
    "sentence",
    "speech_of",
]

LANGUAGES: Final = ("en", "nb", "zh")
"""Languages of the acting pages, as ``lang`` names them; the first is what the messages are written in."""
_SPOKEN: Final = {"en": "en", "nb": "nb", "no": "nb", "nn": "nb", "da": "nb", "zh": "zh"}
_TAGS: Final = 20
_FIGURE: Final = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")
_GROUPED: Final = {"nb": "\u00a0"}
"""What stands between groups of three digits, where it is no comma: in Norwegian that begins the decimals."""
_SIGN: Final = re.compile(r"(?<=[0-9}]) %")
"""A percent sign and the blank before it, at which no line breaks."""
_RATES: Final = {"{} %", "{} to {} %"}
"""Messages whose parts are figures with decimals, and nobody's words."""


def sentence(text: str) -> str:
    """A reason, as errors state it, with a capital and a full stop; said in other languages where the
    catalogue has it whole, or the message that it was made from."""
    if isinstance(text, Phrase) and (made := _ended(text.message)) in messages_in(LANGUAGES[1]):
        return phrase(made, *text.parts)
    said = _ended(text)
    return phrase(said) if said in messages_in(LANGUAGES[1]) else said


def _ended(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text[-1:] in '.!?…' else '.'}"


class Speech:
    """How pages speak to one reader. ``missing`` gathers messages that the catalogue lacks."""

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self.missing: set[str] = set()
        self._messages = messages_in(language)

    def __call__(self, text: str) -> str:
        """Words that this program wrote: a phrase, or a message as it stands."""
        if isinstance(text, Phrase):
            return self.only(text)
        return _hold_signs(self._message(text))

    def only(self, text: str) -> str:
        """The same where it is a phrase; the words of anyone else as they are."""
        if not isinstance(text, Phrase):
            return text
        message = _hold_signs(self._message(text.message))
        if text.message in _RATES:
            return message.format(*map(self._decimal, text.parts))
        return message.format(*map(self._part, text.parts)) if text.parts else message

    def figure(self, text: str) -> str:
        """A whole number written in groups of three digits, as ``1,410``, as this language writes it."""
        return text.replace(",", _GROUPED.get(self.language, ","))

    def _decimal(self, text: str) -> str:
        return text.replace(".", ",") if self.language == "nb" else text

    def _part(self, part: str) -> str:
        return self.figure(part) if _FIGURE.fullmatch(part) else self.only(part)

    def _message(self, message: str) -> str:
        if self.language == "en" or not any(letter.isalpha() for letter in message):
            return message
        found = self._messages.get(message)
        if found is None:
            self.missing.add(message)
            return message
        return found


def _hold_signs(message: str) -> str:
    """A message of this program whose percent signs stay on the line of their figures."""
    return _SIGN.sub("\u00a0%", message) if "%" in message else message


@cache
def messages_in(language: str) -> Mapping[str, str]:
    """Every message in a language, by the English; none in English itself."""
    if language == "en":
        return {}
    raw = files("comity.web").joinpath("messages", f"{language}.json").read_bytes()
    found: dict[str, str] = json.loads(raw)
    return found


ENGLISH: Final = Speech()


def choose_language(accepted: str) -> str:
    """The language that a browser asks for (``Accept-Language``, RFC 9110 §12.5.4), else English."""
    wanted = []
    for place, each in enumerate(accepted.split(",")[:_TAGS]):
        tag, _, rest = each.strip().partition(";")
        spoken = _SPOKEN.get(tag.partition("-")[0].lower())
        weight = _weight(rest)
        if spoken and weight > 0:
            wanted.append((-weight, place, spoken))
    return min(wanted)[2] if wanted else "en"


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def speech_of(accepted: str) -> Speech:
    """The speech for a browser's ``Accept-Language``."""
    return Speech(choose_language(accepted))
