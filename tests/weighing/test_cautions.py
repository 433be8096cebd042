"""What is counted several times, looks alike or is level is told, and what is not is left alone."""

from __future__ import annotations

from typing import Any

import msgspec

from comity.weighing.cautions import cautions_of, told_again
from comity.weighing.shown import show
from tests.weighing.written import item, weighed, written


def told(*items: dict[str, Any], **changed: Any) -> str:
    content = weighed(written(*items, **changed))
    return "\n".join(cautions_of(content, told_again(content)))


def test_items_of_one_origin_judged_alike_may_be_one_thing_told_often() -> None:
    copies = [item(f"i{n}", origin="press") for n in range(5)]
    assert (
        "“i0”, “i1”, “i2”, “i3” and “i4”, of origin “press”, are judged exactly alike and counted as 5"
        in told(*copies)
    )
    assert "“i0” and “i1”, without a declared origin, are judged" in told(
        item("i0", origin=""), item("i1", origin="")
    )


def test_copies_that_say_so_and_items_judged_otherwise_are_left_alone() -> None:
    assert "judged exactly alike" not in told(*(item(f"i{n}", observed="seen") for n in range(3)))
    apart = [item("a", text="one"), item("b", text="two", likelihoods={"Heron": 0.7, "unknown": 0.2})]
    assert told(*apart) == ""


def test_the_same_words_under_two_origins_may_be_one_report() -> None:
    items = [
        item(f"i{n}", origin=f"o{n}", text=text) for n, text in enumerate(("It was  Heron.", "it was heron."))
    ]
    assert "“i0” and “i1” say the same words and declare different origins" in told(*items)
    declared = [{**one, "observed": "that it was"} for one in items]
    assert "same words" not in told(*declared)


def test_many_groups_are_counted() -> None:
    items = [item(f"i{n:02}", origin=f"o{n // 2}", text=f"{n}") for n in range(14)]
    warned = told(*items)
    assert warned.count("judged exactly alike") == 4
    assert "The same holds of 3 more groups of items." in warned


def test_labels_that_look_alike_are_told() -> None:
    hypotheses = [{"id": "Heron"}, {"id": "HERON"}, {"id": "Otter"}]
    beside = show(weighed(written(item(), hypotheses=hypotheses))).beside
    assert any("“HERON” and “Heron” look alike as labels" in line for line in beside)


def test_a_tie_is_no_lead() -> None:
    hypotheses = [{"id": "Heron", "name": "grey heron"}, {"id": "Otter"}]
    alike = item(likelihoods={"Heron": 0.5, "Otter": 0.5, "unknown": 0.1})
    level = weighed(written(alike, hypotheses=hypotheses))
    shown = show(level)
    assert shown.headline == "Not enough evidence"
    assert "Cluster “Heron” (“grey heron”) and cluster “Otter” are level, with" in shown.why
    named = msgspec.structs.replace(level, result=msgspec.structs.replace(level.result, answer="named"))
    assert "“Otter” has the same figure as “Heron”" in "\n".join(cautions_of(named, ()))


def test_one_source_told_in_other_words_is_told() -> None:
    words = "A partner says that it was Heron, and gives no reason"
    repeated = [item(f"i{n}", origin=f"outlet {n}", text=f"{words} (outlet {n})") for n in range(5)]
    content = weighed(written(*repeated, name_at=0.6))
    assert content.result.answer == "named"
    assert any("nearly the same words and counted as 5 things" in line for line in show(content).beside)
    one = [item(f"i{n}", origin="partner", text=f"{n} {words}") for n in range(5)]
    assert "All of it comes from one origin, “partner”." in show(weighed(written(*one, name_at=0.6))).beside
    other = [item("a", text="A login by night from a leased line"), item("b", text="A word of a partner")]
    assert "same words" not in told(*other)


def test_no_name_has_nothing_beside_it() -> None:
    assert show(weighed(written(item("a"), item("b")))).beside == ()


def test_a_name_says_in_one_breath_what_little_it_hangs_on() -> None:
    sure = {"Heron": 0.9, "unknown": 0.001, "others": 0.001}
    caller = item(
        "call", origin="caller", text="An anonymous caller says so", likelihoods=sure, reliability="E"
    )
    shown = show(weighed(written(caller)))
    assert shown.headline.endswith(" %, by one item alone")
    (line,) = (line for line in shown.beside if "reliable" in line)
    assert line.startswith("No origin of what it rests on is held reliable: the best has ")
    twice = [caller | {"id": name, "text": f"{name} says"} for name in ("one", "two")]
    assert show(weighed(written(*twice))).headline.endswith(", by one origin alone")
    others = [each | {"origin": each["id"]} for each in twice]
    assert show(weighed(written(*others))).headline.endswith(", by origins held unreliable")
    trusted = [each | {"reliability": "B"} for each in others]
    assert " by " not in show(weighed(written(*trusted))).headline
