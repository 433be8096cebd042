"""What is counted several times, looks alike or is level is told, and what is not is left alone."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from comity.weighing.cautions import cautions_of
from comity.weighing.shown import show
from comity.weighing.told_again import told_again
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


@pytest.mark.parametrize(
    ("grades", "other"),
    [
        ("A1", True),
        ("A", True),
        ("1", True),
        ("E5", False),
        ("E", False),
        ("5", False),
        ("", False),
        ("seen by all", False),
    ],
)
def test_letters_that_stand_for_other_figures_are_told(grades: str, other: bool) -> None:
    content = weighed(written(item("a", reliability="E", credibility="5"), item("b", origin="log")))
    (a, b) = content.items
    content = msgspec.structs.replace(content, items=(msgspec.structs.replace(a, grades=grades), b))
    beside = "\n".join(show(content).beside)
    said = f"other figures than those that are weighed: “a” (“{grades}”: source 20.0 %, item 10.0 %)."
    assert (said in beside) == other
    assert ("letters" in beside) == other


def test_what_says_another_thing_and_is_counted_as_the_same_is_told() -> None:
    spray = item("a", text="Passwords were sprayed from the one network.", observed="spray")
    path = item("b", text="A build path names the developer of Otter.", observed="spray")
    one = "“a” and “b” are counted as one observation, and their words have nothing in common."
    assert one in told(spray, path)
    # By which origin it is told makes no difference.
    assert one in told(spray, path | {"origin": "disk image"})
    for text in ("Someone sprayed passwords.", "", "…"):
        again = item("b", text=text or spray["text"], observed="spray")
        assert "nothing in common" not in told(spray, again)


def test_the_same_words_under_two_origins_may_be_one_report() -> None:
    items = [
        item(f"i{n}", origin=f"o{n}", text=text) for n, text in enumerate(("It was  Heron.", "it was heron."))
    ]
    assert "“i0” and “i1” say the same words and declare different origins" in told(*items)
    declared = [{**one, "observed": "that it was"} for one in items]
    assert "same words" not in told(*declared)


def test_many_groups_are_counted() -> None:
    items = [item(f"i{n:02}", origin=f"o{n // 2}", text=f"{n}", cite="") for n in range(14)]
    warned = told(*items)
    assert warned.count("judged exactly alike") == 6
    assert "1 more group of items may be one thing told several times." in warned


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
    assert "“Otter” has the same figure as “Heron”" in show(named).beside[0]


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
    shown = show(weighed(written(caller, withstand=0)))
    assert shown.headline.endswith(" %, by one item alone")
    (line,) = (line for line in shown.beside if "reliable" in line)
    assert line.startswith("No origin of what it rests on is held reliable: the best has ")
    twice = [caller | {"id": name, "text": f"{name} says"} for name in ("one", "two")]
    assert show(weighed(written(*twice))).headline.endswith(", by one origin alone")
    others = [each | {"origin": each["id"]} for each in twice]
    assert show(weighed(written(*others))).headline.endswith(", by origins held unreliable")
    trusted = [each | {"reliability": "B"} for each in others]
    assert " by " not in show(weighed(written(*trusted))).headline


def test_one_origin_in_several_spellings_is_told() -> None:
    spelt = ["partner", "Partner", "partner ", "p\u0430rtner", "partner\u200b"]
    line = told(*(item(f"i{n}", origin=origin, text=f"{n}", cite="") for n, origin in enumerate(spelt)))
    assert "look alike and are counted as 5. If they are one, give them one name" in line
    assert "look alike" not in told(item("a", origin="one", cite=""), item("b", origin="two", cite=""))


def test_one_place_that_several_origins_are_known_by_is_told() -> None:
    cited = [
        item(f"i{n}", origin=f"o{n}", text=f"{n}", cite=cite) for n, cite in enumerate(("Page 3", "page  3"))
    ]
    assert "“i0” and “i1” cite the same, “Page 3”, and declare different origins." in told(*cited)
    assert "cite the same" not in told(*(one | {"cite": "log"} for one in cited))
    assert "cite the same" not in told(*(one | {"observed": "seen"} for one in cited))
    assert "cite the same" not in told(*(one | {"origin": "o"} for one in cited))


@pytest.mark.parametrize("letter", ["\u0430", "a\u200b", "ａ"])
def test_letters_that_look_alike_are_the_same_words(letter: str) -> None:
    texts = ("Passwords were sprayed by night", f"P{letter}sswords were spr{letter}yed by night")
    items = [item(f"i{n}", origin=f"o{n}", text=text, cite="") for n, text in enumerate(texts)]
    assert "“i0” and “i1” say the same words and declare different origins" in told(*items)


def test_words_without_blanks_are_compared_too() -> None:
    texts = ("攻击者从一个网络喷洒密码", "攻击者从同一个网络喷洒密码。")
    items = [item(f"i{n}", origin=f"o{n}", text=text, cite="") for n, text in enumerate(texts)]
    assert "“i0” and “i1” are told in nearly the same words and counted as 2 things seen" in told(*items)


def test_judgements_that_differ_by_nothing_are_nearly_alike() -> None:
    near = [
        item(f"i{n}", text=f"sign {n}", likelihoods={"Heron": round(0.9 - n / 1e6, 6), "unknown": 0.05})
        for n in range(4)
    ]
    assert "“i0”, “i1”, “i2” and “i3”, of origin “gateway”, are judged nearly alike and counted as 4" in told(
        *near
    )
    far = [
        item(f"i{n}", text=f"sign {n}", likelihoods={"Heron": round(0.9 - n / 10, 6), "unknown": 0.05})
        for n in range(4)
    ]
    assert "judged nearly alike" not in told(*far)


def test_a_bound_on_what_is_compared_is_told_and_takes_the_most_telling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("comity.weighing.told_again.COMPARED", 4)
    fillers = [item(f"a{n}", origin=f"p{n}", text=f"{n}", cite="", likelihoods={"unknown": 0.1, "Heron": 0.1})
               for n in range(6)]  # fmt: skip
    words = "A partner says that it was Heron, and gives no reason"
    repeated = [item(f"z{n}", origin=f"o{n}", text=f"{words} ({n})", cite="") for n in range(2)]
    lines = told(*fillers, *repeated)
    assert "“z0” and “z1” are told in nearly the same words" in lines
    assert "Only the 4 items that tell most are held against each other by their words, of 8." in lines
    assert "first 100 words" not in lines
    long = " ".join(f"w{n}" for n in range(120))
    assert "Of each item its first 100 words are held against others’." in told(item(text=long))


def test_widths_that_keep_a_name_from_being_given_are_told() -> None:
    wide = {"Heron": 0.9, "Otter": 0.05, "unknown": [0.05, 0.9]}
    told = [item(f"i{n}", origin=f"o{n}", text=f"{n}", cite="", likelihoods=wide) for n in range(4)]
    clusters = [{"id": "Heron"}, {"id": "Otter"}]
    shown = show(weighed(written(*told, hypotheses=clusters)))
    assert shown.answer != "named"
    assert any(
        line.startswith("By the middles of the judged intervals cluster “Heron” has enough for a name")
        for line in shown.beside
    )
    wide_ones = "Judged over a range of 5 times or more: “i0”, “i1”, “i2” and “i3”."
    assert any(line.endswith(wide_ones) for line in shown.beside)
    points = [one | {"likelihoods": wide | {"unknown": 0.05}} for one in told]
    assert not any("middles" in line for line in show(weighed(written(*points, hypotheses=clusters))).beside)
