"""Likelihoods in the words of a published scale. A word is always read from the number, never from a word of
another scale; a number between two words is said to be between them.

ICD 203 (2015, revised 2022), section D.6.e.2.a; PHIA Probability Yardstick (Professional Head of Intelligence
Assessment, 2018), whose bounds are approximate and leave gaps.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from comity.phrases import phrase

Wording: TypeAlias = Literal["numbers", "ICD 203", "PHIA"]

ICD_203: Final[tuple[tuple[int, int, str], ...]] = (
    (10_000, 50_000, "almost no chance"),
    (50_000, 200_000, "very unlikely"),
    (200_000, 450_000, "unlikely"),
    (450_000, 550_000, "roughly even chance"),
    (550_000, 800_000, "likely"),
    (800_000, 950_000, "very likely"),
    (950_000, 990_000, "almost certain"),
)
PHIA: Final[tuple[tuple[int, int, str], ...]] = (
    (0, 50_000, "remote chance"),
    (100_000, 200_000, "highly unlikely"),
    (250_000, 350_000, "unlikely"),
    (400_000, 499_999, "realistic possibility"),
    (550_000, 750_000, "likely or probable"),
    (800_000, 900_000, "highly likely"),
    (950_000, 1_000_000, "almost certain"),
)


BETWEEN: Final = "between "
DIGITS: Final = 4
"""So many digits of a percentage tell any two probabilities in parts per million apart."""


def percent(ppm: int, digits: int = 1) -> str:
    """A probability as people read it: ``72.1 %``, ``below 0.1 %``, ``above 99.9 %``; never 0 or 100, unless
    more ``digits`` than one are asked for."""
    if digits == 1 and ppm < 1_000:
        return phrase("below 0.1 %")
    if digits == 1 and ppm > 999_000:
        return phrase("above 99.9 %")
    return phrase("{} %", f"{ppm / 10_000:.{digits}f}")


def digits_apart(ppm: int, other: int) -> int:
    """With how many digits two probabilities that are not the same read as two: one, where that does."""
    return next(
        (digits for digits in range(1, DIGITS) if percent(ppm, digits) != percent(other, digits)),
        1 if ppm == other else DIGITS,
    )


def interval(low: int, high: int, digits: int = 1) -> str:
    """Both ends: ``60.2 to 80.0 %``; one figure where they are the same."""
    first, last = percent(low, digits), percent(high, digits)
    if first == last:
        return first
    if digits > 1 or (low >= 1_000 and high <= 999_000):
        ends = (f"{end / 10_000:.{digits}f}" for end in (low, high))
        return phrase("{} to {} %", *ends)
    # Beside an end in words, the other keeps its sign.
    return phrase("{} to {}", first, last)


def word(ppm: int, wording: Wording) -> str:
    """What a scale calls a probability; "" for plain numbers. On a bound that two words share, the lower."""
    if wording == "numbers":
        return ""
    scale = ICD_203 if wording == "ICD 203" else PHIA
    before = ""
    for low, high, name in scale:
        if ppm < low:
            if before:
                return f"{BETWEEN}{before} and {name}"
            return phrase("off the scale, below {} %", low // 10_000)
        if ppm <= high:
            return name
        before = name
    return phrase("off the scale, above {} %", scale[-1][1] // 10_000)


def words(low: int, high: int, wording: Wording) -> str:
    """What a scale calls an interval: one word, or from which to which. An end between two words takes the
    one that lies further out, so that the words hold the whole interval."""
    first, last = word(low, wording), word(high, wording)
    if first == last:
        return first
    if first.startswith(BETWEEN):
        first = first.removeprefix(BETWEEN).partition(" and ")[0]
    if last.startswith(BETWEEN):
        last = last.partition(" and ")[2]
    return first if first == last else phrase("{} to {}", first, last)
