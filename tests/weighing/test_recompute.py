"""Another party computes an assessment again from the record alone, and sees what two of them differ by."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.case.assessed import first_flaw
from comity.errors import Malformed, Refused
from comity.records import bodies
from comity.records import kinds_of_weighing as told
from comity.records.kinds import Assess
from comity.records.kinds_of_weighing import Knowledge, Question
from comity.weighing.recompute import assess, compare_records, recompute
from comity.weighing.recorded import PARAMETERS, inputs_of, method_of, parameters_of
from comity.weighing.sources import make_source, misquoted
from comity.weighing.values import Parameters
from tests import world as w
from tests.weighing.written import item, reports, weighed, written


def assessment() -> Assess:
    return weighed(written(item("spray"), item("word", origin="", reliability="C", credibility="3")))


def wire(content: Assess) -> Assess:
    """As another party gets it."""
    parsed = bodies.parse_content("assessment.make", bodies.render(content))
    assert isinstance(parsed, Assess)
    return parsed


def test_what_is_weighed_is_a_record_and_is_reproduced_from_it() -> None:
    for content in (assessment(), weighed(written(item(observed="T1", likelihoods={})), reports())):
        assert first_flaw(content) == ""
        assert wire(content) == content
        again = recompute(wire(content))
        assert again.differs == ()
        assert inputs_of(content).digest == content.result.inputs == again.result.inputs


@pytest.mark.parametrize("name", ["standings", "framings", "drivers", "worth"])
def test_what_comes_first_is_the_most_telling(name: str) -> None:
    items = [
        item(f"i{n}", origin=f"o{n}", likelihoods={"Heron": n / 10, "Otter": 0.1, "unknown": 0.2})
        for n in (3, 5, 9)
    ]
    told = weighed(written(*items))
    asks = weighed(written(item("q"), item("r", credibility="5"))).items
    questions = [Question(item=msgspec.structs.replace(one, origin="")) for one in asks]
    content = assess(told.question, told.method, told.hypotheses, told.items, questions)
    assert recompute(content).differs == ()
    listed = getattr(content.result, name)
    assert len(listed) > 1
    result = msgspec.structs.replace(content.result, **{name: listed[::-1]})
    assert recompute(msgspec.structs.replace(content, result=result)).differs == (name,)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 999_999), st.integers(1, 999_999), st.integers(0, 4), st.integers(0, 1_000_000)
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=30)
def test_every_assessment_is_well_formed_and_reproduced(told: list[tuple[int, int, int, int]]) -> None:
    items = [
        item(
            f"i{n}",
            origin=f"o{origin}{n}",
            reliability=grade / 1_000_000,
            likelihoods={"Heron": sorted([one / 1e6, other / 1e6]), "unknown": other / 1e6},
        )
        for n, (one, other, origin, grade) in enumerate(told)
    ]
    content = weighed(written(*items))
    assert first_flaw(content) == ""
    assert recompute(content).differs == ()


FORGED: dict[str, dict[str, Any]] = {
    "inputs": {"inputs": "0" * 64},
    "leader": {"leader": "Otter"},
    "deception": {"deception": 500_000},
    "drivers": {"drivers": ()},
    "counted": {"counted": 7},
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_figure_is_named(name: str) -> None:
    content = assessment()
    forged = msgspec.structs.replace(content, result=msgspec.structs.replace(content.result, **FORGED[name]))
    assert name in recompute(forged).differs


def level(way: int) -> Assess:
    """Two clusters for which the same speaks, by other items in another order."""
    chances = [0.31, 0.17, 0.73, 0.05, 0.91, 0.13, 0.57]
    items = [
        item(
            f"{n}{name}",
            origin=f"{name}{n}",
            likelihoods={name: chance, "unknown": 0.1, "others": 0.1},
        )
        for name, told in (("Heron", chances), ("Otter", chances[::way]))
        for n, chance in enumerate(told)
    ]
    return weighed(written(*items, hypotheses=[{"id": "Heron"}, {"id": "Otter"}]))


@pytest.mark.parametrize("way", [1, -1])
def test_of_those_that_are_level_the_first_leads_whatever_the_last_bit(way: int) -> None:
    content = level(way)
    first, second, _ = content.result.standings
    assert first.posterior == second.posterior
    assert content.result.leader == "Heron"


OTHERWISE = """
import sys
from comity.records import bodies
from comity.weighing.recompute import recompute
for line in sys.stdin:
    print(recompute(bodies.parse_content("assessment.make", bytes.fromhex(line))).differs)
"""


def test_a_machine_of_other_abilities_computes_the_same() -> None:
    """Without the vector instructions that this processor has, with another kernel of linear algebra and one
    thread, logarithms differ in their last bit; no figure does."""
    simd = np.show_config(mode="dicts")["SIMD Extensions"]
    told = [
        weighed(
            written(
                *(
                    item(
                        f"i{n:02}",
                        origin=f"o{n // 3}",
                        likelihoods={"Heron": [0.01 * (n + 1), 0.02 * (n + 1)], "Otter": 0.3, "unknown": 0.2},
                    )
                    for n in range(12)
                )
            )
        ),
        level(-1),
    ]
    done = subprocess.run(
        [sys.executable, "-c", OTHERWISE],
        input="\n".join(bodies.render(one).hex() for one in told),
        capture_output=True,
        text=True,
        check=True,
        env=os.environ
        | {
            "NPY_DISABLE_CPU_FEATURES": " ".join(simd.get("found", ())),
            "OPENBLAS_CORETYPE": "Prescott",
            "OPENBLAS_NUM_THREADS": "1",
        },
    )
    assert done.stdout.split() == ["()", "()"]


@pytest.mark.parametrize(("by", "holds"), [(2, True), (3, False)])
def test_two_parts_per_million_are_allowed_and_no_more(by: int, holds: bool) -> None:
    content = assessment()
    first, *rest = content.result.standings
    moved = msgspec.structs.replace(first, posterior=first.posterior + by)
    result = msgspec.structs.replace(content.result, standings=(moved, *rest))
    found = recompute(msgspec.structs.replace(content, result=result)).differs
    assert (found == ()) is holds


def test_a_forged_driver_and_a_forged_set_are_named() -> None:
    content = assessment()
    driver, *rest = content.result.drivers
    told = msgspec.structs.replace(driver, without=driver.without + 9)
    planted = msgspec.structs.replace(content.result.planted, items=("word",), leader="unknown")
    result = msgspec.structs.replace(content.result, drivers=(told, *rest), planted=planted)
    assert recompute(msgspec.structs.replace(content, result=result)).differs == ("drivers", "planted")


def test_changed_inputs_are_other_inputs() -> None:
    content = assessment()
    first, *rest = content.items
    other = msgspec.structs.replace(first, credibility=first.credibility - 1)
    assert recompute(msgspec.structs.replace(content, items=(other, *rest))).differs[0] == "inputs"


def test_another_method_is_not_run() -> None:
    content = assessment()
    later = msgspec.structs.replace(content.method, name="comity-weigh/99")
    with pytest.raises(Refused) as error:
        recompute(msgspec.structs.replace(content, method=later))
    assert error.value.code == "weighing.method"


def test_a_record_by_hand_is_read_and_not_reproduced() -> None:
    assert first_flaw(w.assessment()) == ""
    assert recompute(w.assessment()).differs


def test_copies_of_one_origin_change_no_figure() -> None:
    once = weighed(written(item("a", observed="x")))
    thrice = weighed(written(*[item(name, observed="x") for name in "abc"]))
    assert once.result.standings == thrice.result.standings
    assert thrice.result.counted == 1


def test_two_assessments_are_compared_one_judgement_at_a_time() -> None:
    first = assessment()
    second = weighed(
        written(
            item("spray", likelihoods={"Heron": 0.1, "Otter": 0.1, "unknown": 0.1}),
            item("word", origin="", reliability="C", credibility="3"),
            deception_prior=0.2,
        )
    )
    found = {one.id: one for one in compare_records(first, second)}
    assert found.keys() == {"spray", "deception_prior"}
    assert found["spray"].fields == ("likelihoods",)
    assert found["spray"].after < found["spray"].before
    assert compare_records(first, first) == ()


def test_other_knowledge_is_a_difference_of_its_own() -> None:
    file = written(item(observed="T1", likelihoods={}))
    one = weighed(file, reports())
    other = weighed(file, reports(("Heron", "T1", "r1"), ("Otter", "T2", "r2"), ("Wren", "T1", "r3")))
    first, *rest = compare_records(one, other)
    assert (first.part, first.after) == ("knowledge", -1)
    assert [(r.part, r.fields) for r in rest] == [("item", ("likelihoods",))]


def test_a_misquotation_is_found_by_whoever_has_the_reports() -> None:
    source = reports()
    content = weighed(written(item(observed="T1", likelihoods={})), source)
    assert misquoted(source, content) == ()
    (one,) = content.items
    judged, *rest = one.judgements
    lie = msgspec.structs.replace(judged, high=1_000_000)
    told = msgspec.structs.replace(content, items=(msgspec.structs.replace(one, judgements=(lie, *rest)),))
    assert misquoted(source, told) == ("spray",)
    # What decides no figure, and is shown beside it, is held against the reports as well.
    heron, otter = content.hypotheses
    grown = msgspec.structs.replace(content, hypotheses=(msgspec.structs.replace(heron, reports=900), otter))
    assert misquoted(source, grown) == ("hypotheses/Heron.reports",)
    assert isinstance(content.knowledge, Knowledge)
    wide = msgspec.structs.replace(content, knowledge=msgspec.structs.replace(content.knowledge, once=0))
    assert misquoted(source, wide) == ("knowledge.once",)


def test_knowledge_without_reports_is_none() -> None:
    with pytest.raises(Malformed) as error:
        make_source("nothing", [], {}, {})
    assert error.value.code == "knowledge.empty"


def test_a_record_holds_every_setting_of_the_method() -> None:
    assert set(PARAMETERS) == set(Parameters.__dataclass_fields__)
    assert set(PARAMETERS) | {"name"} == set(told.Method.__struct_fields__)
    assert parameters_of(method_of(Parameters(withstand=7))) == Parameters(withstand=7)
