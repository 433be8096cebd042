"""Flags, and the rules that raise them. A flag is advice to the author: it blocks nothing, scores nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Language: TypeAlias = Literal["en", "nb", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "nb", "zh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One place in a text that a rule asks its author to look at again.

    ``line`` and ``column`` count from 1, columns in characters (Unicode code points) of that line as it
    stands in the file; ``end_column`` is the first column after the span, on ``end_line``. ``start`` and
    ``end`` are the same span in characters from the beginning of the text, counted from 0.
    """

    rule: str
    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    end: int
    text: str
    reason: str
    suggestion: str
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule by its id: what it looks for, the reason it gives, and what it suggests where a finding has no
    narrower words of its own."""

    id: str
    about: str
    reason: str
    suggestion: str


_TABLE: Final = (
    (
        "tie.missing",
        "a factual sentence that no assertion stands behind",
        "a factual sentence that is tied to no assertion, so a reader cannot see what stands behind it",
        "tie it: end it with [#N] or [RECORD#N], or state the assertion first",
    ),
    (
        "tie.unknown",
        "a tie to an assertion that is not there",
        "this tie leads to no assertion",
        "correct the number, or state the assertion first",
    ),
    (
        "tie.withdrawn",
        "a tie to an assertion that its author has withdrawn",
        "the assertion behind this sentence has been withdrawn",
        "leave the sentence out, or say that the assertion was withdrawn",
    ),
    (
        "tie.amended",
        "a tie to an assertion that its author says otherwise since",
        "the author of the assertion behind this sentence says it otherwise since",
        "tie it to the later version, and say what that says",
    ),
    (
        "strength.support",
        "wording stronger than what stands behind the assertion",
        "the wording is stronger than what stands behind the assertion",
        "say no more than the assertion and its supports show",
    ),
    (
        "strength.probability",
        "wording that differs from the declared probability",
        "the wording differs from the declared probability",
        "let the word be the one that your scale gives for the number, and keep the number beside it",
    ),
    (
        "wording.universal",
        "universal statements and universal negatives",
        "a universal statement: no search covers everything, and one exception refutes it",
        "say what was searched, where, over which time, and what was found or not found there",
    ),
    (
        "wording.loaded",
        "words that judge persons or motives",
        "a word that judges instead of describing; it adds nothing that can be checked",
        "say what was done, by whom, when, in words that the other side could use too",
    ),
    (
        "wording.certainty",
        "words of certainty in place of a basis",
        "certainty is asserted here, not shown",
        "leave the word out and name what shows it; or state a probability",
    ),
    (
        "source.hearsay",
        "hearsay and rumour",
        "hearsay: the reader cannot learn who said it, or how they know",
        "name who said it, when and where; or leave it out",
    ),
    (
        "source.unnamed",
        "experts, sources and reports without a name",
        "a source without a name cannot be asked",
        "name the source, or say why it is not named and how it knows",
    ),
    (
        "source.number",
        "a number without a source",
        "a number whose source is not given",
        "say who counted, what was counted and when; or tie the sentence to an assertion",
    ),
    (
        "source.attribution",
        "an act laid to a named party, or denied for it, without a stated basis",
        "an act is laid to a party, or denied for it, without a stated basis",
        "state the basis in this sentence or the next, or tie it to the assertion that carries it",
    ),
    (
        "confidence.unexplained",
        "words of likelihood or confidence that nothing explains",
        "a word of likelihood or confidence that the text does not explain",
        "name the scale (ICD 203, PHIA) or say what the word means in per cent",
    ),
    (
        "confidence.mixed",
        "likelihood and confidence in one sentence",
        "likelihood and confidence are two things; in one sentence they are read as one (ICD 203, D.6.e.2)",
        "use two sentences: how likely it is, and then how well founded that judgement is and why",
    ),
    (
        "actor.hidden",
        "a passive that hides who acted, or who judged",
        "the passive leaves out who acted, or who reached this judgement",
        "name who did it; or say that it is not known",
    ),
    (
        "text.unseen",
        "characters that are not seen, or that turn the direction of text",
        "a character that is not seen, or that changes what is seen around it",
        "remove the character",
    ),
    (
        "text.encoding",
        "bytes that are no text",
        "bytes here are no text in the file's encoding",
        "save the file as UTF-8",
    ),
)
RULES: Final[dict[str, Rule]] = {
    id_: Rule(id=id_, about=about, reason=reason, suggestion=suggestion)
    for id_, about, reason, suggestion in _TABLE
}
