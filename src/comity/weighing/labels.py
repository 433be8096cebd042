"""What labels make a reader believe: warnings that stand beside the answer
(``spec/14-assessments.md`` §4). None of them changes a figure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

import msgspec

from comity.phrases import phrase
from comity.records.kinds_of_weighing import Assess
from comity.weighing import METHOD
from comity.weighing.cautions import groups_of
from comity.weighing.naming import quoted, quoted_list
from comity.weighing.state_names import HAN, LATIN

LINES: Final = 4
"""So many labels are told of states; the rest is counted."""
SERVICES: Final = (
    "state; states; government; ministry; army; military; navy; armed forces; intelligence; secret service; "
    "security service; special service; stat; staten; statlig; regjering; regjeringen; departement; "
    "departementet; forsvaret; hæren; militær; militære; etterretning; etterretningen; "
    "etterretningstjeneste; etterretningstjenesten; sikkerhetstjeneste; sikkerhetstjenesten; "
    "hemmelig tjeneste"
)
SERVICES_HAN: Final = "国家; 國家; 政府; 军队; 軍隊; 军方; 部队; 情报; 情報; 国安; 安全局; 国防"


def cautions_beside(content: Assess, parties: Iterable[str] = ()) -> Iterator[str]:
    """Every warning about the labels alone, what a reader may take for a state first. ``parties`` are the
    names of those whose case it is."""
    yield from cautions_of_states(content)
    yield from cautions_of_parties(content, parties)
    yield from alike_labels(content)
    yield from cautions_of_unreported(content)


def cautions_of_states(content: Assess) -> Iterator[str]:
    """Where a label holds the name of a state, or a word for one or its service."""
    told = [(one.id, said) for one in content.hypotheses if (said := word_of_a_state(f"{one.id} {one.name}"))]
    for name, said in told[:LINES]:
        yield phrase(
            "The label {} says {}, as of a state or its service. A cluster is no state: nothing here says, "
            "or can say, that a state did it.",
            quoted(name),
            quoted(said),
        )
    if told[LINES:]:
        yield phrase("The same holds of more labels: {}.", quoted_list(name for name, _ in told[LINES:]))


def cautions_of_parties(content: Assess, parties: Iterable[str]) -> Iterator[str]:
    """Where a hypothesis bears a word of a party's name: a cluster is no party and no state."""
    words = {word: name for name in parties for word in _words(name)}
    for one in content.hypotheses:
        for word in sorted(_words(f"{one.id} {one.name}") & words.keys()):
            yield phrase(
                "The label {} has a word of the name of {}, a party of this case. A cluster is no party and "
                "no state.",
                quoted(one.id),
                words[word],
            )
            break


def _words(text: str) -> set[str]:
    """Words that can tell one name from another."""
    return set(re.findall(r"\w{4,}", unicodedata.normalize("NFKC", text).casefold()))


def alike_labels(content: Assess) -> Iterator[str]:
    """Labels that a reader could take for one another."""
    names = [one.id for one in content.hypotheses]
    for _, same in groups_of(names, lambda name: unicodedata.normalize("NFKC", name).casefold().strip()):
        yield phrase("{} look alike as labels, and are weighed as different hypotheses.", quoted_list(same))


def cautions_of_unreported(content: Assess) -> Iterator[str]:
    """Where reports answer, and say nothing at all of a hypothesis: it may be mistyped."""
    if content.knowledge is msgspec.UNSET or all(one.by != "knowledge" for one in content.items):
        return
    unheard = [one.id for one in content.hypotheses if not one.reports]
    if not unheard:
        return
    if content.method.name == METHOD:
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


def word_of_a_state(text: str) -> str:
    """The first word of a text, as it stands there, that names a state or a service of one; "" for none."""
    plain = unicodedata.normalize("NFKC", text)
    found = [match for each in _patterns() if (match := each.search(plain))]
    return min(found, key=lambda match: (match.start(), -match.end()))[0] if found else ""


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    latin = [re.escape(one) for one in _split(f"{LATIN}; {SERVICES}")]
    han = [re.escape(one) for one in _split(f"{HAN}; {SERVICES_HAN}")]
    whole = "|".join(sorted(latin, key=len, reverse=True))
    # Spaces within a name may be hyphens or several blanks in a label.
    spaced = whole.replace(r"\ ", r"[\W_]+")
    return (
        re.compile(rf"(?<![^\W_])(?:{spaced})(?![^\W_])", re.IGNORECASE),
        re.compile("|".join(sorted(han, key=len, reverse=True))),
    )


def _split(names: str) -> list[str]:
    return [unicodedata.normalize("NFKC", " ".join(one.split())) for one in names.split(";") if one.strip()]
