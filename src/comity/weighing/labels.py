"""What labels make a reader believe: warnings that stand beside the answer
(``spec/14-assessments.md`` §4). None of them changes a figure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

import msgspec

from comity.phrases import phrase
from comity.records.kinds_of_weighing import Assess, Cluster
from comity.weighing import OLDER, UNKNOWN
from comity.weighing.graver import Caution, Subject, of_subject
from comity.weighing.looks import look_of, shape_of, words_in
from comity.weighing.naming import listed, quoted, quoted_list
from comity.weighing.state_said import word_of_a_state

UNKNOWN_CALLED: Final = (
    UNKNOWN,
    "others",
    "an actor that is none of these",
    "none of these",
    "none of them",
    "unknown actor",
    "an unknown actor",
    "ukjent",
    "ukjent aktør",
    "en aktør som ikke er noen av disse",
    "未知",
    "未知行为体",
    "不属其中任何一方的行为体",
)
"""What the actor that is none of those named is called, here and in the languages of the pages."""
_COMMON: Final = frozenset(
    look_of(
        "agency authority bank center centre cert cluster company computer council cyber department "
        "emergency energy federal group incident institute limited national network office power "
        "response security service services system systems team university "
        "byrå direktorat direktoratet energi etat gruppe gruppen institutt instituttet kontor kraft "
        "nasjonal nasjonale nasjonalt nettverk selskap senter senteret sikkerhet tilsyn tilsynet"
    ).split()
)
"""Words of many a name, by which nobody tells one party from another."""
_OFFICES: Final = re.compile(
    "(prime )?minister|ministry|government|parliament|embassy|statsminister\\w*|regjering\\w*|"
    "departement\\w*|stortinget|(utenriks|forsvars|justis)departementet|ambassade\\w*|政府|外交部|大使馆"
)
"""Whose systems a question may be about."""
_FIGURE: Final = re.compile(r"\d\s*(%|٪|‰|ppm\b|per\s?cent|prosent|pct)", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"\w{3,}[.!?]\s+\w|[。！？]|:\s+\w+.*[.!?]$|\n")


def cautions_beside(content: Assess, parties: Iterable[str] = ()) -> Iterator[Caution]:
    """Every warning about the labels alone, what a reader may take for a state first. ``parties`` are the
    names of those whose case it is."""
    yield from of_subject(Subject.STATES, cautions_of_states(content))
    yield from of_subject(Subject.STATES, cautions_of_parties(content, parties))
    yield from of_subject(Subject.STATES, cautions_of_the_question(content))
    yield from of_subject(Subject.LABELS, cautions_of_the_unknown(content))
    yield from of_subject(Subject.LABELS, cautions_of_speech(content))
    yield from of_subject(Subject.LABELS, alike_labels(content))
    yield from of_subject(Subject.REPORTS, cautions_of_unreported(content))


def cautions_of_states(content: Assess) -> Iterator[str]:
    """Where labels hold the name of a state, or a word for one or its service: one sentence, the leader's
    label first."""
    leader = content.result.leader
    told = [
        (each, said)
        for one in sorted(content.hypotheses, key=lambda one: one.id != leader)
        for each, said in [_word_of_a_state(one.id, one.name)]
        if said
    ]
    if len(told) == 1:
        ((name, said),) = told
        yield phrase(
            "The label {} says {}, as of a state or its service. A cluster is no state: nothing here says, "
            "or can say, that a state did it.",
            quoted(name),
            quoted(said),
        )
    elif told:
        yield phrase(
            "{} labels have words as of a state or its service: {}. A cluster is no state: nothing here "
            "says, or can say, that a state did it.",
            f"{len(told):,}",
            listed(
                quoted(name) if name == said else phrase("{} ({})", quoted(name), quoted(said))
                for name, said in told
            ),
        )


def cautions_of_the_question(content: Assess) -> Iterator[str]:
    """Beside a name: where the question has a word of a state, so that the answer may read as one about it.
    Who was hit and who did it stand in a question alike."""
    said = word_of_a_state(content.question)
    if content.result.answer == "named" and said and not _OFFICES.fullmatch(look_of(said)):
        yield phrase(
            "The question says {}, as of a state or its service, whether it was hit or not. The answer is of "
            "a cluster alone, and says nothing of a state.",
            quoted(said),
        )


def _word_of_a_state(*texts: str) -> tuple[str, str]:
    """The first of the texts that has such a word, and the word."""
    return next(((each, said) for each in texts if (said := word_of_a_state(each))), ("", ""))


def cautions_of_parties(content: Assess, parties: Iterable[str]) -> Iterator[str]:
    """Where a hypothesis bears a word of a party's name, or the whole of one whose words are all common or
    short: a cluster is no party and no state."""
    named = tuple(parties)
    words = {word: name for name in named for word in _words(name)}
    plain = [name for name in named if not _words(name) and len(shape_of(name)) > 2]
    for one in content.hypotheses:
        whole = next((name for name in plain if _has_name(f"{one.id} {one.name}", name)), "")
        if whole:
            yield phrase(
                "The label {} has the name of {}, a party of this case. A cluster is no party and no state.",
                quoted(_bears(one, partial(_has_name, name=whole))),
                whole,
            )
            continue
        for word in sorted(_words(f"{one.id} {one.name}") & words.keys()):
            yield phrase(
                "The label {} has a word of the name of {}, a party of this case. A cluster is no party and "
                "no state.",
                quoted(_bears(one, partial(_has_word, word=word))),
                words[word],
            )
            break


def _bears(one: Cluster, told: Callable[[str], bool]) -> str:
    """Which of a cluster's label and name it is told of; the label where it takes both."""
    return one.name if told(one.name) and not told(one.id) else one.id


def _has_word(text: str, word: str) -> bool:
    return word in _words(text)


def _words(text: str) -> set[str]:
    """Words that can tell one name from another."""
    words = {*look_of(text).split(), *(one.look for one in words_in(text))}
    return {word for word in words if len(word) > 3 and word not in _COMMON}


def _has_name(text: str, name: str) -> bool:
    """Whether all words of a name follow one another in a text."""
    wanted = look_of(name).split()
    for words in (look_of(text).split(), [one.look for one in words_in(text)]):
        if any(words[n : n + len(wanted)] == wanted for n in range(len(words) - len(wanted) + 1)):
            return True
    return False


def cautions_of_the_unknown(content: Assess) -> Iterator[str]:
    """Where a label or a name reads like the hypothesis that is always weighed beside those named."""
    told = {shape_of(one) for one in UNKNOWN_CALLED}
    for one in content.hypotheses:
        if found := next((each for each in (one.id, one.name) if each and shape_of(each) in told), ""):
            yield phrase(
                "The label {} says {}, which reads like an actor that is none of those named. That one is "
                "always weighed beside them, and this is another.",
                quoted(one.id),
                quoted(found),
            )


def cautions_of_speech(content: Assess) -> Iterator[str]:
    """Where a label or a name speaks as if it were a figure or a finding of its own."""
    for one in content.hypotheses:
        for each in (one.id, one.name):
            plain = unicodedata.normalize("NFKC", each)
            if _FIGURE.search(plain) or _SENTENCE.search(plain):
                yield phrase(
                    "The label {} speaks like a figure or a sentence of its own. Its author wrote it; "
                    "nothing computed it.",
                    quoted(each),
                )
                break


def alike_labels(content: Assess) -> Iterator[str]:
    """Labels, and names given to them, that a reader could take for one another."""
    shapes: dict[str, set[str]] = {}
    for one in content.hypotheses:
        for each in filter(None, (one.id, one.name)):
            shapes.setdefault(shape_of(each), set()).add(one.id)
    told: set[tuple[str, ...]] = set()
    for same in (tuple(sorted(each)) for each in shapes.values() if len(each) > 1):
        if same not in told:
            told.add(same)
            yield phrase(
                "{} look alike as labels, and are weighed as different hypotheses.", quoted_list(same)
            )


def cautions_of_unreported(content: Assess) -> Iterator[str]:
    """Where reports answer, and say nothing at all of a hypothesis: it may be mistyped."""
    if content.knowledge is msgspec.UNSET or all(one.by != "knowledge" for one in content.items):
        return
    unheard = [one.id for one in content.hypotheses if not one.reports]
    if not unheard:
        return
    if content.method.name not in OLDER:
        yield phrase(
            "No report at hand says anything of {}. Where reports answer, that speaks neither for nor "
            "against: it fares like an actor that is none of those named. Look whether the label is one of "
            "the reports.",
            quoted_list(unheard),
        )
    else:
        yield phrase(
            "No report at hand says anything of {}, and where reports answered, this method held that "
            "against it.",
            quoted_list(unheard),
        )
