"""No figure without its limits; the answer first; nothing said about a state."""

from __future__ import annotations

import msgspec
import pytest

from comity.weighing.shown import CLUSTERS, NOT_TRUTH, request_command, show
from tests import world as w
from tests.weighing.written import item, reports, weighed, written


def test_the_limits_come_with_the_figures() -> None:
    for content in (
        w.assessment(),
        weighed(written()),
        weighed(written(item(observed="T1", likelihoods={})), reports()),
    ):
        shown = show(content)
        assert shown.limits[0] == CLUSTERS
        assert shown.limits[-1] == NOT_TRUTH
        assert "planted evidence" in " ".join(shown.limits)
        assert {s.id for s in shown.standings} == {c.id for c in content.hypotheses} | {"unknown"}


def test_not_enough_evidence_is_the_headline() -> None:
    shown = show(weighed(written()))
    assert shown.headline == "Not enough evidence"
    assert "a name needs at least 90.0 % at the lower end" in shown.why


def test_a_sentence_begins_with_a_capital() -> None:
    shown = show(weighed(written(item(likelihoods={"Otter": 0.6, "unknown": 0.3}))))
    assert shown.why.startswith("Cluster “Otter” leads with ")
    assert any("that cluster “Otter” leads" in line for line in shown.hangs)


def test_a_lead_of_nobody_named_is_told() -> None:
    shown = show(weighed(written(item(likelihoods={"Heron": 0.001, "Otter": 0.001, "unknown": 0.9}))))
    assert "none of them" in shown.why


def test_a_name_is_told_with_its_lower_end() -> None:
    strong = [item(f"i{n}", origin=f"o{n}", likelihoods={"Heron": 0.9, "unknown": 0.01}) for n in range(4)]
    shown = show(weighed(written(*strong, deception_prior=0.01)))
    assert shown.answer == "named"
    assert shown.headline.startswith("Cluster “Heron”, its author’s name for it: “grey heron”: ")
    assert shown.why == "By these judgements; a name needs 90.0 %."
    wide = [{**one, "likelihoods": {"Heron": [0.8, 0.9], "unknown": 0.01}} for one in strong]
    least = show(weighed(written(*wide, deception_prior=0.01))).why
    assert least == "Over all judged intervals it is at least above 99.9 %; a name needs 90.0 %."


def test_what_a_name_needs_is_told_of_the_lower_end() -> None:
    """Beside a range whose upper end is enough, “a name needs 90 %” alone reads as if it were there."""
    wide = weighed(written(item(likelihoods={"Heron": [0.1, 0.9], "Otter": 0.05, "unknown": 0.05})))
    assert show(wide).why.endswith(
        " over all judged intervals); a name needs at least 90.0 % at the lower end."
    )
    point = weighed(written(item(likelihoods={"Heron": 0.5, "Otter": 0.05, "unknown": 0.05})))
    assert show(point).why.endswith(" %; a name needs 90.0 %.")


def test_a_figure_just_below_what_a_name_needs_does_not_read_as_if_it_were_there() -> None:
    content = weighed(written(item(likelihoods={"Heron": 0.5, "Otter": 0.05, "unknown": 0.05})))
    method = msgspec.structs.replace(content.method, name_at=900_000)
    for low, high, why in (
        (899_600, 899_600, "leads with 89.96 %; a name needs 90.00 %."),
        (899_960, 899_960, "leads with 89.996 %; a name needs 90.000 %."),
        (899_990, 899_990, "leads with 89.999 %; a name needs 90.000 %."),
        (899_400, 899_400, "leads with 89.9 %; a name needs 90.0 %."),
        (
            899_999,
            950_000,
            (
                "leads with 92.0 % (89.9999 to 95.0000 % over all judged intervals); "
                "a name needs at least 90.0000 % at the lower end."
            ),
        ),
    ):
        leader = content.result.leader
        standings = [
            msgspec.structs.replace(one, low=low, high=high, posterior=low if low == high else 920_000)
            if one.hypothesis == leader
            else one
            for one in content.result.standings
        ]
        result = msgspec.structs.replace(content.result, standings=tuple(standings))
        told = show(msgspec.structs.replace(content, method=method, result=result)).why
        assert told.endswith(why), told


def test_what_the_first_methods_ranges_leave_out_is_said_beside_them() -> None:
    wide = weighed(written(item(likelihoods={"Heron": 0.5, "unknown": [0.1, 0.3]})))
    told = "Made with comity-weigh/1: its ranges hold the likelihoods"
    assert not any(one.startswith(told) for one in show(wide).limits)
    before = msgspec.structs.replace(wide.method, name="comity-weigh/1")
    assert any(one.startswith(told) for one in show(msgspec.structs.replace(wide, method=before)).limits)
    at_points = msgspec.structs.replace(weighed(written()), method=before)
    assert not any(one.startswith(told) for one in show(at_points).limits)


def test_what_is_only_level_is_not_said_to_lead() -> None:
    lean = {"Heron": 0.6, "Otter": 0.5, "unknown": 0.5}
    all_of_them = [item(f"i{n}", origin=f"o{n}", likelihoods=lean) for n in range(4)]
    told = written(*all_of_them, hypotheses=[{"id": "Heron"}, {"id": "Otter"}])
    assert (
        show(weighed(told)).hangs[1]
        == "Only without any evidence would cluster “Heron” no longer lead alone."
    )
    against = [
        item(f"j{n}", origin=f"p{n}", likelihoods=lean | {"Heron": 0.5, "Otter": 0.6}) for n in range(2)
    ]
    told = written(*all_of_them, *against, hypotheses=[{"id": "Heron"}, {"id": "Otter"}])
    assert (
        show(weighed(told))
        .hangs[1]
        .startswith(
            "If 2 items were planted (“i0”, “i1”), cluster “Otter” would be level "
            "with the leader. No smaller set"
        )
    )


def test_a_cluster_without_a_name_is_a_complete_answer() -> None:
    assert "cluster “Otter”" in [one.name for one in show(weighed(written())).standings]
    assert "without a name is a complete answer" in CLUSTERS


@pytest.mark.parametrize(
    ("grades", "warned"),
    [
        (("A1", "B2", "C3", "D4"), True),
        (("B2", "B2", "B2", "C3", "C3", "C3"), True),
        # One in six, one in ten, and always: such as these go together by chance.
        (("A1", "B2", "C3"), False),
        (("B2", "B2", "C3", "C3", "C3"), False),
        (("B2",) * 12, False),
        (("A1", "B2", "C3", "D4", "A2"), False),
        (("A1", "B2", "C2"), False),
        (("A3", "B2", "C1"), False),
        (("A1", "B2"), False),
    ],
)
def test_grades_that_always_agree_are_told(grades: tuple[str, ...], warned: bool) -> None:
    items = [item(f"i{n}", origin=f"o{n}", reliability=g[0], credibility=g[1]) for n, g in enumerate(grades)]
    told = any("one impression" in warning for warning in show(weighed(written(*items))).warnings)
    assert told is warned


def test_a_zero_has_its_bound() -> None:
    source = reports(
        *[("Heron", "T1", f"r{n}") for n in range(9)], ("Heron", "T3", "r10"), ("Otter", "T2", "r11")
    )
    told = [item("a", observed="T1", likelihoods={}), item("b", observed="T2", likelihoods={}, origin="o")]
    content = weighed(written(*told, unknown_prior=0.01), source)
    leader = content.result.leader
    assert leader == "Otter"
    limits = " ".join(show(content).limits)
    assert "0 of 1 report about cluster “Otter” mentions “T1”" in limits
    assert "not at all (95 %, rule of three)" in limits


def test_how_much_rests_on_one_report_stands_beside_the_answer() -> None:
    limits = " ".join(show(weighed(written(item(observed="T1", likelihoods={})), reports())).limits)
    assert "3 actors, 7 reports" in limits
    assert "66.7 % of them on one report" in limits


def test_what_the_lead_hangs_on_is_told() -> None:
    hangs = show(weighed(written())).hangs
    assert "One item alone decides" in hangs[0]
    assert hangs[1].startswith("If 1 item were planted (“spray”)")


def test_every_question_has_its_command() -> None:
    (question,) = w.assessment(ask=w.World("ask").party("Alder")).questions
    told = request_command(question, "c" * 64)
    assert told.startswith(f"comity request {question.to} --type evidence --text 'what zone shows' --due 14d")
    nobody = msgspec.structs.replace(question, to="", levels=("rows",))
    assert request_command(nobody).startswith("comity request PARTY ")
    assert request_command(nobody).endswith("--level rows")
