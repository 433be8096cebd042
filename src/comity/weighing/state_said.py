"""Whether a label says the name of a state, of its people, its seat or its service, however it is written
(``spec/14-assessments.md`` §4)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from comity.weighing.looks import Word, look_of, words_in
from comity.weighing.state_names import HAN, LATIN
from comity.weighing.state_words import (
    BESIDE,
    CYRILLIC,
    DOUBTFUL,
    OTHERWISE,
    PEOPLES,
    SEATS,
    SERVICES,
    SHORTENED,
    STEMS,
    WHEREVER,
)

_STEMMED: Final = re.compile("[\u0370-\u052f]")
_UNIT: Final = re.compile(
    r"(?:\b(?:units?|enhet|avdeling|einheit|unité|в\W?ч|часть)|部队|部隊)\W{0,3}\d{5}(?!\d)"
    r"|(?<!\d)\d{5}\W{0,3}(?:部队|部隊)",
    re.IGNORECASE,
)
"""A military unit by the number that some states give theirs."""


def word_of_a_state(text: str) -> str:
    """The first word of a text, as it stands there, that names a state, its people, its seat or a service of
    one; "" for none."""
    found = [*_whole_words(text), *_wherever(text), *(each.span() for each in _UNIT.finditer(text))]
    if not found:
        return ""
    start, end = min(found, key=lambda one: (one[0], -one[1]))
    return text[start:end]


def _whole_words(text: str) -> Iterator[tuple[int, int]]:
    """Where words stand that the lists have whole."""
    spoken, longest = _spoken()
    for words in (words_in(text), _as_written(text)):
        otherwise = _meant_otherwise(words)
        for at, word in enumerate(words):
            for size in range(min(longest, len(words) - at), 0, -1):
                if otherwise.issuperset(range(at, at + size)):
                    continue
                if tuple(one.look for one in words[at : at + size]) in spoken:
                    yield word.start, words[at + size - 1].end
                    break
            shortened = at not in otherwise and _is_shortened(text, word)
            if (shortened and _is_no_doubt(words, at)) or _has_stem(text, word):
                yield word.start, word.end
        yield from _spelt(text, words)


def _as_written(text: str) -> list[Word]:
    """Words by what parts them alone."""
    found: list[Word] = []
    for word in words_in(text):
        before = found[-1] if found else None
        if before and not re.search(r"[\W_]", text[before.end : word.start]) and before.end == word.start:
            found[-1] = Word(look=before.look + word.look, start=before.start, end=word.end)
        else:
            found.append(word)
    return found


def _spelt(text: str, words: list[Word]) -> Iterator[tuple[int, int]]:
    """Where a word is spelt letter by letter: ``U.S.A.``, ``R U S S I A``."""
    spoken, _ = _spoken()
    run: list[Word] = []
    for word in [*words, Word(look="", start=len(text), end=len(text))]:
        if len(word.look) == 1 and word.look.isalpha():
            run.append(word)
            continue
        look = "".join(one.look for one in run)
        capitals = all(text[one.start].isupper() for one in run)
        told = (look,) in spoken or (capitals and look in _shortened() | _short_words())
        if len(run) > 1 and told:
            yield run[0].start, run[-1].end
        run = []


def _is_shortened(text: str, word: Word) -> bool:
    plain = unicodedata.normalize("NFKC", text[word.start : word.end])
    if not plain.isupper() or look_of(plain) not in _shortened():
        return False
    # Two letters at the edge of a longer word are a part of that.
    beside = text[max(word.start - 1, 0) : word.start] + text[word.end : word.end + 1]
    return len(plain) > 2 or not any(letter.isalpha() for letter in beside)


def _is_no_doubt(words: list[Word], at: int) -> bool:
    """Whether a shortened name is none of the doubtful ones, or stands where it is hardly else."""
    if words[at].look not in _doubtful() or len(words) == 1:
        return True
    beside = (one.look for one in (*words[max(at - 1, 0) : at], *words[at + 1 : at + 2]))
    return any(look in _beside() or look.isdigit() for look in beside)


def _meant_otherwise(words: list[Word]) -> frozenset[int]:
    """The places of words that are part of an expression of another meaning."""
    looks = [one.look for one in words]
    return frozenset(
        n
        for told in _otherwise()
        for at in range(len(looks) - len(told) + 1)
        if tuple(looks[at : at + len(told)]) == told
        for n in range(at, at + len(told))
    )


def _has_stem(text: str, word: Word) -> bool:
    if _STEMMED.search(text, word.start, word.end) is None:
        return False
    return word.look in _short_words() or word.look.startswith(_stems())


def _wherever(text: str) -> Iterator[tuple[int, int]]:
    """Where a word stands that is looked for within others."""
    looks: list[tuple[str, int]] = []
    for n, letter in enumerate(text):
        looks += [(each, n) for each in look_of(letter) if unicodedata.category(letter) != "Cf"]
    if (match := _within().search("".join(look for look, _ in looks))) is not None:
        yield looks[match.start()][1], looks[match.end() - 1][1] + 1


@cache
def _spoken() -> tuple[frozenset[tuple[str, ...]], int]:
    """Names as the words that they look like, and how many the longest has."""
    plain = [*_split(LATIN), *_split(SEATS), *_split(SERVICES)]
    for one in _split(PEOPLES):
        plain += [one, f"{one}e"] if one.endswith("sk") else [one]
    found = {tuple(look_of(one).split()) for one in plain}
    return frozenset(found), max(map(len, found))


@cache
def _shortened() -> frozenset[str]:
    return frozenset(map(look_of, _split(SHORTENED)))


@cache
def _doubtful() -> frozenset[str]:
    return frozenset(map(look_of, _split(DOUBTFUL)))


@cache
def _otherwise() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(look_of(one).split()) for one in _split(OTHERWISE))


@cache
def _stems() -> tuple[str, ...]:
    return tuple({look_of(one) for one in _split(STEMS)})


@cache
def _beside() -> frozenset[str]:
    return frozenset(map(look_of, _split(BESIDE)))


@cache
def _short_words() -> frozenset[str]:
    return frozenset(look_of(one) for one in _split(CYRILLIC))


@cache
def _within() -> re.Pattern[str]:
    told = sorted({look_of(one).replace(" ", "") for one in (*_split(HAN), *_split(WHEREVER))})
    return re.compile("|".join(map(re.escape, sorted(told, key=len, reverse=True))))


def _split(names: str) -> Iterable[str]:
    return (" ".join(one.split()) for one in names.split(";") if one.strip())
