"""The corpora: sentences in mirrored pairs of a claim and a denial, half of them plain and sober.

Those called ``open`` were looked at while the rules were written. Those called ``held`` were written before
the rules, and nothing was tuned on them; their digests keep it so. Those called ``genres`` are press
statements, advisories, court filings, news, notes and answers, mirrored or not, written before the rules that
read them now and looked at while these were written. Those called ``fresh`` are more, kept as written.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import pytest

from comity.errors import Malformed
from comity.statements.corpus import Sample, Scored, read_corpus, score_corpus
from comity.statements.flags import LANGUAGES, RULES, Language
from comity.statements.lint import lint_text
from comity.statements.source import Decoded

FOLDER = Path(__file__).with_name("corpus")
HELD = {
    "en": "2d921b8be7b861d724a9d087c154ae51c66d42bccf011fce99ea4b65f1d9e992",
    "nb": "84f3af9e0eed7f0cb12fcc356216fef56a2681e6f7e2193b42bf522a69261e0b",
    "zh": "58b81de7589ccf3ff930ad812b3992eb7fbd9a17b46e9bac978b9a7771418944",
}

FRESH = {
    "en": "c1634373ce55d73932bcfad4e665f8c74133df76eb057c5bfe61f38bae575559",
    "nb": "fd3a2d1f070d00472d9459bbcd16d7ae4478a495be58a2ca26735297e64728eb",
    "zh": "e8d608bcaba863a24da63a9d757306ba9443be734ead65f512fd515e2394d7cf",
}


def read(part: str, language: Language) -> list[Sample]:
    path = FOLDER / f"{part}_{language}.txt"
    return read_corpus(path.read_text("utf-8"), language, path.name)


@cache
def score_language(part: str, language: Language) -> Scored:
    return score_corpus(read(part, language))


def score(part: str) -> Scored:
    return score_corpus([sample for language in LANGUAGES for sample in read(part, language)])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_held_out_half_is_as_it_was_written(language: Language) -> None:
    raw = (FOLDER / f"held_{language}.txt").read_bytes()
    assert hashlib.sha256(raw).hexdigest() == HELD[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_fresh_texts_are_as_they_were_written_and_mostly_read_as_meant(language: Language) -> None:
    raw = (FOLDER / f"fresh_{language}.txt").read_bytes()
    assert hashlib.sha256(raw).hexdigest() == FRESH[language]
    scored = score_language("fresh", language)
    right, extra, missed = (
        sum(getattr(s, what) for s in scored.scores) for what in ("right", "extra", "missed")
    )
    assert right / (right + missed) >= 0.8
    assert right / (right + extra) >= 0.85
    assert scored.sober_flagged <= 1


def test_the_claims_and_denials_of_one_line_are_flagged_alike() -> None:
    counted = [score_language(part, lang).pairs for part in ("genres", "fresh") for lang in LANGUAGES]
    pairs, claims, denials = (sum(column) for column in zip(*counted, strict=True))
    assert pairs >= 400
    # Twice the standard error of the difference of two shares.
    share = (claims + denials) / (2 * pairs)
    assert abs(claims - denials) / pairs <= 2 * (2 * share * (1 - share) / pairs) ** 0.5


@pytest.mark.parametrize("part", ["open", "held"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_claims_and_denials_stand_in_pairs(part: str, language: Language) -> None:
    samples = read(part, language)
    assert len(samples) >= 70
    for claim, denial in zip(samples[::2], samples[1::2], strict=True):
        assert (claim.side, denial.side) == ("C", "D")
        assert claim.expected == denial.expected, claim.text
    sober = sum(not sample.expected for sample in samples)
    assert 0.4 <= sober / len(samples) <= 0.6


def test_every_sentence_of_the_open_half_is_flagged_as_expected() -> None:
    wrong = [(sample.text, sorted(got)) for sample, got in score("open").wrong]
    assert wrong == []


def test_on_sentences_never_looked_at_the_rules_find_most_and_are_quiet_on_sober_ones() -> None:
    scored = score("held")
    right = sum(s.right for s in scored.scores)
    extra = sum(s.extra for s in scored.scores)
    missed = sum(s.missed for s in scored.scores)
    assert right / (right + missed) >= 0.95
    assert right / (right + extra) >= 0.95
    assert scored.sober_flagged / scored.sober <= 0.05


@pytest.mark.parametrize("part", ["open", "held"])
def test_claims_and_denials_are_flagged_alike(part: str) -> None:
    (_, claims, of), (_, denials, of_denials) = score(part).sides
    assert of == of_denials
    # Twice the standard error of the difference of two shares.
    share = (claims + denials) / (2 * of)
    assert abs(claims - denials) / of <= 2 * (2 * share * (1 - share) / of) ** 0.5


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_of_many_kinds_are_read_as_they_are_meant(language: Language) -> None:
    scored = score_language("genres", language)
    right, extra, missed = (
        sum(getattr(s, what) for s in scored.scores) for what in ("right", "extra", "missed")
    )
    assert right / (right + missed) >= 0.98
    assert right / (right + extra) >= 0.98
    assert scored.sober_flagged / scored.sober <= 0.02


def test_a_pair_in_one_line_is_read_as_a_claim_and_a_denial() -> None:
    claim, denial = read_corpus("~ tie\nP | hidden ~number | It {was|was not} so.", "en")
    assert (claim.side, claim.text) == ("C", "It was so.")
    assert (denial.side, denial.text) == ("D", "It was not so.")
    assert claim.expected == denial.expected == {"actor.hidden"}
    assert claim.allowed == {"source.number", "tie.missing"}


@pytest.mark.parametrize(
    "line",
    [
        "P | - | no braces",
        "~ colour",
        "C | certainty",
        "X | - | text",
        "C | colour | text",
        "C | - |",
        "text",
    ],
)
def test_lines_of_another_form_are_refused_with_their_number(line: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_corpus(f"# about\n{line}\n", "en", "some.txt")
    assert refused.value.code == "statement.corpus"
    assert refused.value.where.startswith("some.txt:2")


def test_every_rule_of_wording_has_samples_in_each_language() -> None:
    for language in LANGUAGES:
        seen = {rule for part in ("open", "held") for s in read(part, language) for rule in s.expected}
        told = {r for r in RULES if r.startswith(("wording.", "source.", "confidence.", "actor."))}
        assert told <= seen, (language, told - seen)


def test_with_the_names_of_the_two_sides_swapped_every_flag_is_the_same() -> None:
    pairs: dict[Language, tuple[str, str]] = {
        "en": ("Osmark", "Northmere"),
        "nb": ("Osmark", "Nordmere"),
        "zh": ("东澜", "北泽"),
    }
    for language, (one, other) in pairs.items():
        for sample in [*read("open", language), *read("held", language)]:
            swapped = sample.text.replace(one, "\0").replace(other, one).replace("\0", other)
            rules = [
                [f.rule for f in lint_text(_text(t), sample.language).flags] for t in (sample.text, swapped)
            ]
            assert rules[0] == rules[1], swapped


def _text(text: str) -> Decoded:
    return Decoded(text=text, encoding="utf-8")
