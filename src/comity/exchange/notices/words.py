"""The words around a notice, in several languages: data in ``words/``, one file a language.

The words of a party are never translated; what is here is the form around them. English is the authentic
text. A line that a language lacks falls back to English and is marked ``[en]``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "nb", "zh", "fr", "es", "ar", "ru")
"""The languages there are, in the order in which a page offers them (ISO 639-1)."""

FALLBACK = "en"
_NEAR = {"no": "nb", "nn": "nb", "da": "nb", "sv": "nb"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language: its code, its own name, ``ltr`` or ``rtl``, and its lines by key.

    ``missing`` are the keys that had to be taken from English.
    """

    language: str
    name: str
    direction: str
    lines: Mapping[str, str]
    missing: frozenset[str]

    def say(self, key: str, **values: object) -> str:
        """A line with its values put in; one that is not translated ends with ``[en]``."""
        text = self.lines[key].format(**values) if values else self.lines[key]
        return f"{text} [{FALLBACK}]" if key in self.missing else text


def merge_words(language: str, told: Mapping[str, object], fallback: Mapping[str, str]) -> Words:
    """The words of a language file, completed from English. Lines that English does not have are a
    ``ValueError``: nobody would ever read them."""
    lines = told.get("words")
    if not isinstance(lines, dict) or not all(isinstance(v, str) and v for v in lines.values()):
        raise ValueError(f"{language}: [words] is a table of texts")
    if unknown := lines.keys() - fallback.keys():
        raise ValueError(f"{language}: no such lines: {', '.join(sorted(unknown))}")
    name, direction = told.get("name"), told.get("direction")
    if not isinstance(name, str) or direction not in ("ltr", "rtl"):
        raise ValueError(f"{language}: a language has a name and a direction, ltr or rtl")
    return Words(
        language=language,
        name=name,
        direction=direction,
        lines={**fallback, **lines},
        missing=frozenset(fallback.keys() - lines.keys()),
    )


@cache
def words_in(language: str) -> Words:
    """The words in one of ``LANGUAGES``."""
    told = _read(language)
    english = _read(FALLBACK)["words"]
    assert isinstance(english, dict)
    return merge_words(language, told, english)


def nearest(tag: str) -> str:
    """The language of ours for a tag (BCP 47) like ``fr-CA``: the same one, a near one, or English."""
    wanted = tag.lower().replace("_", "-").partition("-")[0]
    wanted = _NEAR.get(wanted, wanted)
    return wanted if wanted in LANGUAGES else FALLBACK


def _read(language: str) -> dict[str, object]:
    if language not in LANGUAGES:
        raise ValueError(f"no words in {language!r}")
    # Part of the program like its modules: read once, the same everywhere.
    return tomllib.loads(files(__package__).joinpath("words", f"{language}.toml").read_text("utf-8"))
