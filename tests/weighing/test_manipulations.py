"""Assessments made to be believed beyond what the evidence bears: each is told beside its answer, by name."""

from __future__ import annotations

from typing import Any, Final

import pytest

from comity.weighing.shown import show
from tests.weighing.written import item, weighed, written

FOR: Final = {"Heron": 0.9, "Otter": 0.2, "unknown": 0.05}
ALONE: Final = {"Heron": 0.9, "unknown": 0.05}
TWO: Final = [{"id": "Heron"}, {"id": "Otter"}]


def signs(count: int = 4, **fields: Any) -> list[dict[str, Any]]:
    return [
        item(f"i{n}", **({"origin": f"o{n}", "text": f"sign {n}", "cite": "", "likelihoods": FOR} | fields))
        for n in range(count)
    ]


def file(items: list[dict[str, Any]] | None = None, **changed: Any) -> dict[str, Any]:
    return written(*(items or signs()), **({"hypotheses": TWO} | changed))


SPELT: Final = [
    one | {"origin": name} for one, name in zip(signs(3), ("Vendor", "vendоr", "Vendor blog"), strict=True)
]
SURE: Final = {"Heron": 1, "Otter": 0.000001, "unknown": 0.000001}
NOTHING: Final = {"Heron": 0.1, "Otter": 0.1, "unknown": 0.1}
CERTAIN: Final = signs(1, likelihoods=SURE, reliability=0.999999, credibility=0.999999)[0]
ATTACKS: Final = {
    "weights that name": (
        file(hypotheses=[{"id": "Heron", "weight": 400}, {"id": "Otter"}], unknown_prior=0.01),
        "its author’s weights name it",
    ),
    "weights that help": (
        file(hypotheses=[{"id": "Heron", "weight": 5}, {"id": "Otter"}]),
        "its author gives it 5 times the weight of any other",
    ),
    "nobody else could be it": (file(unknown_prior=0.000001), "leaves only 0.0001 % for an actor"),
    "framing is switched off": (file(deception_prior=0), "leaves no room for planted evidence"),
    "hardly a bar": (file(signs(1), name_at=0.51, withstand=0), "A name needs only 51 % here"),
    "a bar that nothing reaches": (file(name_at=0.999999), "by the usual 90 % one would be given"),
    "evidence that says nothing": (file(tempering=0.02), "raises each ratio to the power 0.02"),
    "sources that nobody believes": (file(signs(reliability=0.01)), "Its author believes no item"),
    "one source under three names": (file(SPELT), "begin alike and are counted as 3"),
    "one report told four times": (
        file(signs(text="The stolen plans were packed with one tool")),
        "say the same words and declare different origins",
    ),
    "a man of straw for a rival": (
        file(signs(likelihoods=ALONE | {"Otter": 0.055})),
        "no item holds it against another",
    ),
    "an unknown that is not the unknown": (
        file(hypotheses=[*TWO, {"id": "unknown actor"}]),
        "reads like an actor that is none of those named",
    ),
    "a state for a name": (
        file(hypotheses=[{"id": "Heron", "name": "Unit 26165"}, {"id": "Otter"}]),
        "says “Unit 26165”, as of a state or its service",
    ),
    "a figure for a name": (
        file(hypotheses=[{"id": "Heron", "name": "proven, 99 %"}, {"id": "Otter"}]),
        "speaks like a figure or a sentence of its own",
    ),
    "a question about a state": (file(question="Did the FSB do it?"), "The question says “FSB”"),
    "one word that decides": (
        file([CERTAIN, *signs(3, likelihoods=NOTHING)[1:]], withstand=0),
        "judged more than 100 times likelier",
    ),
    "one flag is enough": (
        file([CERTAIN, *signs(3, likelihoods=NOTHING | {"Otter": 0.12})[1:]], withstand=0),
        "does not withstand a planted flag: if 1 of 3 items were planted (“i0”), cluster “Otter” would lead",
    ),
    "a share that nothing withstands": (
        file(withstand=1),
        "A name has to withstand the loss of any 100 % of what is counted here",
    ),
    "widths that doubt": (
        file(signs(likelihoods={"Heron": [0.05, 0.99], "Otter": 0.02, "unknown": 0.02})),
        "their width keeps it from one",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_it_is_told_beside_the_answer(name: str) -> None:
    made, told = ATTACKS[name]
    assert any(told in line for line in show(weighed(made)).beside)


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_of_it_is_told_of_an_assessment_that_does_none(name: str) -> None:
    _, told = ATTACKS[name]
    plain = weighed(file())
    assert plain.result.answer == "named"
    shown = show(plain)
    assert shown.beside == ()
    assert not any(told in line for line in shown.warnings)
