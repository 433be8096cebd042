"""What is left of an answer if origins that are declared apart were one."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.records.kinds import Assess
from comity.weighing import as_one
from comity.weighing.as_one import Behind, take_as_one, take_origins_as_one
from comity.weighing.in_short import shorten
from comity.weighing.in_the_case import call_by_id, place_in_case, stands_behind
from comity.weighing.shown import show
from tests import world as w
from tests.weighing.told_cases import Told
from tests.weighing.written import item, weighed, written
from tests.world import Said

LIKELY = {"Heron": 0.6, "unknown": 0.2, "others": 0.2}
PLACES = ["amber", "birch", "cedar", "dune", "elm", "fern", "grove", "heath", "iris", "jade"]


def desks(count: int, **fields: Any) -> Assess:
    """As many items, each of its own origin, in words and by a place of its own."""
    items = [
        item(
            f"i{n}",
            origin=f"{PLACES[n]} desk",
            text=f"the {PLACES[n]} tells of {PLACES[-n - 1]}",
            cite=f"{PLACES[n]} log, page {n}",
            likelihoods=LIKELY,
        )
        for n in range(count)
    ]
    return weighed(written(*items, **fields))


def test_one_observation_split_over_ten_invented_origins_is_no_name_without_that_in_the_same_breath() -> None:
    content = desks(10)
    assert content.result.answer == "named"
    shown = take_as_one(show(content), content)
    assert (
        shown.headline == "Cluster “Heron”, its author’s name for it: “grey heron”: above 99.9 %, if its "
        "10 origins are not one"
    )
    assert shown.beside[0].startswith(
        "10 of 10 origins that speak for cluster “Heron” (“grey heron”) are several"
    )
    alone = weighed(written(item("i0", likelihoods=LIKELY)))
    left = next(one.posterior for one in alone.result.standings if one.hypothesis == "Heron")
    found = take_origins_as_one(content)
    assert found is not None
    assert {(one.share, one.origins, one.of, one.posterior, one.leads) for one in found} == {
        ("all", 10, 10, left, left > 400_000),
        ("own", 10, 10, left, left > 400_000),
    }
    # How sure it is says the condition too, where the headline is not at hand.
    assert (
        shorten(content, shown.only_if).sure
        == "Sure enough for a name, by the rule its author states, only if its 10 origins are not one."
    )
    # Both say the same: once, where it is told what would change it.
    (line,) = shown.as_one
    assert line.startswith("If the 10 origins that speak for cluster “Heron”")


def test_a_crumb_from_elsewhere_beside_each_does_not_make_invented_origins_several() -> None:
    """An item of next to no weight that rests on another party's record took the condition off a name."""
    crumbs = [
        item(
            f"j{n}",
            origin=f"{place} desk",
            text=f"{PLACES[n - 2]} beside {place}",
            cite="",
            record=f"{n + 1:064x}",
            likelihoods={"Heron": 0.2002, "unknown": 0.2, "others": 0.2},
        )
        for n, place in enumerate(PLACES)
    ]
    told = [
        item(f"i{n}", origin=f"{place} desk", text=place, cite=f"{place} log", likelihoods=LIKELY)
        for n, place in enumerate(PLACES)
    ]
    content = weighed(written(*told, *crumbs))
    shown = take_as_one(show(content), content, lambda record: Behind(party="a" * 64, item=record))
    assert shown.headline.endswith("if its 10 origins are not one")


def test_whoever_repeats_the_invented_ones_does_not_bring_them_back() -> None:
    content = desks(4)
    copies = [
        item(
            f"j{n}",
            origin=f"other {PLACES[n]}",
            observed=f"i{n}",
            text="again",
            reliability="C",
            likelihoods=LIKELY,
        )
        for n in range(4)
    ]
    own = [
        item(
            f"i{n}",
            origin=f"{PLACES[n]} desk",
            text=f"{PLACES[n]} tells",
            cite=f"log {PLACES[n]}",
            likelihoods=LIKELY,
        )
        for n in range(4)
    ]
    repeated = weighed(written(*own, *copies))
    first, other = take_origins_as_one(content), take_origins_as_one(repeated)
    assert first is not None
    assert other is not None
    assert [one.low for one in first] == [one.low for one in other]


def test_what_speaks_against_the_leader_stays() -> None:
    against = item(
        "z", origin="press", text="seldom", likelihoods={"Heron": 0.1, "unknown": 0.3, "others": 0.3}
    )
    told = [
        item(f"i{n}", origin=f"{PLACES[n]} desk", text=PLACES[n], cite=PLACES[n], likelihoods=LIKELY)
        for n in range(5)
    ]
    found = take_origins_as_one(weighed(written(*told, against)))
    assert found is not None
    alone = weighed(written(told[0], against))
    assert found[0].posterior == next(
        one.posterior for one in alone.result.standings if one.hypothesis == "Heron"
    )
    assert (found[0].origins, found[0].of) == (5, 5)


def test_one_origin_has_nothing_to_be_one_with() -> None:
    content = weighed(written(*(item(f"p{n}", text=PLACES[n], likelihoods=LIKELY) for n in range(3))))
    assert take_origins_as_one(content) == ()
    assert take_as_one(show(content), content) == show(content)


def test_an_answer_that_names_nobody_is_told_what_is_left_and_keeps_its_head() -> None:
    content = desks(2)
    assert content.result.answer == "not enough evidence"
    shown, before = take_as_one(show(content), content), show(content)
    assert (shown.headline, shown.beside) == (before.headline, before.beside)
    assert len(shown.as_one) == 1


def resting_on(content: Assess, records: list[Said]) -> Assess:
    """The same, its items resting on these records in turn."""
    items = tuple(
        msgspec.structs.replace(one, record=records[n % len(records)].value.id, cite="")
        for n, one in enumerate(content.items)
    )
    return msgspec.structs.replace(content, items=items)


def shares(told: Told, content: Assess) -> set[tuple[str, int]]:
    """What the sets of origins share in a case, and how many they are."""
    found = take_origins_as_one(content, partial(stands_behind, told.state, told.a.id))
    assert found is not None
    return {(one.share, one.origins) for one in found}


def test_records_of_other_parties_stand_behind_origins_and_own_ones_do_not() -> None:
    told = Told("as one")
    content = desks(6)
    of = w.item("log")
    own = told.say(w.seal(of))
    assert shares(told, resting_on(content, [own])) == {
        ("all", 6), ("own", 6), ("item", 6), ("record", 6)
    }  # fmt: skip
    theirs = told.say(w.claim(), by=told.b)
    assert shares(told, resting_on(content, [theirs])) == {("all", 6), ("party", 6), ("record", 6)}
    found = told.say(w.report(of), own)
    assert shares(told, resting_on(content, [own, theirs, found])) == {
        ("all", 6), ("own", 4), ("item", 4), ("parties", 6), ("party", 2), ("record", 2)
    }  # fmt: skip
    # Who rests every other item on anything of another party has two that tell one thing each.
    by_turns = resting_on(content, [own, theirs])
    shown = place_in_case(show(by_turns), by_turns, told.state, told.a.id, call_by_id)
    assert shown.headline.endswith(", if its 6 origins are not 2")
    assert any("rest on the word or the records of 2 parties" in line for line in shown.beside)


@pytest.mark.parametrize("share", ["cite", "words"])
def test_what_they_share_is_told(share: str) -> None:
    fields = {"cite": {"cite": "one log, page 1"}, "words": {"text": "Passwords were sprayed at night."}}[
        share
    ]
    told = [
        item(
            f"i{n}",
            **(
                {
                    "origin": f"{PLACES[n]} desk",
                    "text": PLACES[n],
                    "cite": f"{PLACES[n]} log",
                    "likelihoods": LIKELY,
                }
                | fields
            ),
        )
        for n in range(4)
    ]
    other = item("z", origin="zone", text="other", cite="zone file", likelihoods=LIKELY)
    found = take_origins_as_one(weighed(written(*told, other)))
    assert found is not None
    assert (share, 4, 5) in {(one.share, one.origins, one.of) for one in found}


def test_too_much_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    content = desks(10)
    monkeypatch.setattr(as_one, "CELLS", 1)
    shown = take_as_one(show(content), content)
    assert shown.headline == show(content).headline
    assert shown.beside[0] == shown.as_one[0]
    assert shown.as_one == (
        "What is left if its origins were one was not computed here: there is too much of it.",
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 8), st.permutations(range(8)))
def test_how_many_invented_origins_there_are_changes_nothing(count: int, order: list[int]) -> None:
    content = desks(count)
    found = take_origins_as_one(content)
    assert found is not None
    two = take_origins_as_one(desks(2))
    assert two is not None
    assert [(one.posterior, one.low) for one in found] == [(one.posterior, one.low) for one in two]
    shuffled = msgspec.structs.replace(content, items=tuple(content.items[n] for n in order if n < count))
    assert take_origins_as_one(shuffled) == found
