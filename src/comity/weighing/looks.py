"""What a text looks like to a reader: two that look alike may be one, whatever their characters are.

A small skeleton in the manner of UTS 39 §4: compatibility forms taken apart (NFKD), marks over Latin, Greek
and Cyrillic letters and characters without a shape left out, case folded, letters that look Latin read as
Latin. It finds what deceives an eye in a list of names, and not every pair that Unicode calls confusable.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_LATIN: Final = str.maketrans(
    # Cyrillic and Greek, Armenian and a few Latin letters, as they look once their case is folded.
    "авеіїјкмнопрсѕтухԁԛԝһӏґғҽαβγεζηικμνοπρτυχωϲϳօսոհցıłđøɑɡʟɪʏȷ",
    "abeiijkmhonpcstyxdqwhirfeabyezhikmvonptuxwcjouuhgildoagliyj",
)
# These look like other letters as capitals than as small ones.
_CAPITALS: Final = str.maketrans("ΝΥ", "ny")
_SHAPELESS: Final = frozenset({"Cf", "Cc", "Cs", "Co"})
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
"""Scripts that set no blanks between words: Thai, Lao, Burmese, Khmer, kana, Han."""


@lru_cache(maxsize=8192)
def _fold(letter: str) -> str:
    """One character as it looks; "" for one without a shape, a blank for what stands between words."""
    found = []
    for part in unicodedata.normalize("NFKD", letter):
        if "\u0300" <= part <= "\u036f" or unicodedata.category(part) in _SHAPELESS - {"Cc"}:
            continue
        looks = part.translate(_CAPITALS).casefold().translate(_LATIN)
        found += [each if unicodedata.category(each)[0] in "LNM" else " " for each in looks]
    return "".join(found)


def look_of(text: str) -> str:
    """Words as they look: letters and digits alone, one blank between words."""
    return " ".join("".join(map(_fold, text)).split()) or " ".join(text.casefold().split())


def shape_of(label: str) -> str:
    """The same of a label or a name, whose words nobody counts: without blanks."""
    return look_of(label).replace(" ", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word as it looks, and where it stands in the text, the end not included."""

    look: str
    start: int
    end: int


def words_in(text: str) -> list[Word]:
    """The words of a label: parted by whatever is no letter or digit, where digits begin or end, and where a
    capital follows a small letter or begins a word after capitals (``ChinaAPT``, ``APTChina``)."""
    found: list[Word] = []
    look, start, last = "", 0, 0
    plain = [(n, each) for n, each in enumerate(text) if unicodedata.category(each) != "Cf"]
    for at, (n, each) in enumerate(plain):
        here = _fold(each)
        if not here.strip():
            if here and look:
                found.append(Word(look=look, start=start, end=last))
                look = ""
            continue
        after = plain[at + 1][1] if at + 1 < len(plain) else ""
        if look and _parts(text[last - 1], each, after):
            found.append(Word(look=look, start=start, end=last))
            look = ""
        if not look:
            start = n
        look, last = look + here.replace(" ", ""), n + 1
    if look:
        found.append(Word(look=look, start=start, end=last))
    return found


def _parts(before: str, letter: str, after: str) -> bool:
    """Whether a new word begins with a letter."""
    if before.isdigit() != letter.isdigit():
        return before.isalnum()
    if not letter.isupper():
        return False
    return before.islower() or (before.isupper() and after.islower())


def telling_words(text: str, most: int) -> frozenset[str]:
    """The first words of a text as they are compared with another's; of scripts without blanks, each pair of
    characters."""
    found: list[str] = []
    for word in look_of(text).split():
        if len(found) >= most:
            break
        if unspaced := _UNSPACED.findall(word):
            found += [run[n : n + 2] for run in unspaced for n in range(max(len(run) - 1, 1))]
        else:
            found.append(word)
    return frozenset(found[:most])
