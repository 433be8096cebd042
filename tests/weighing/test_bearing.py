"""What carries a lead is found whatever stands beside it, and how strongly single items are judged."""

from __future__ import annotations

from typing import Any

import pytest

from comity.records.kinds_of_weighing import Assess
from comity.weighing import bearing
from comity.weighing.bearing import Carried, carried_by, strong_rows
from comity.weighing.shown import show
from tests.weighing.written import item, weighed, written

FOR = {"Heron": 0.9, "Otter": 0.05, "unknown": 0.05}
SURE = {"Heron": 1, "Otter": 0.000001, "unknown": 0.000001}
NOTHING = {"Heron": 0.1, "Otter": 0.1, "unknown": 0.1}
# What one item carries is no name by the usual settings; these authors have switched that off.
SETTINGS = {"hypotheses": [{"id": "Heron"}, {"id": "Otter"}], "withstand": 0}


def caller(name: str = "call", **fields: Any) -> dict[str, Any]:
    """A word that its own source hardly stands for, judged without measure."""
    return item(
        name,
        origin=name,
        text=f"{name} says so",
        reliability="E",
        credibility="5",
        likelihoods=SURE,
        **fields,
    )


def log(name: str = "log", **fields: Any) -> dict[str, Any]:
    """What a good source tells."""
    given = {"origin": name, "reliability": "A", "credibility": "1", "text": f"the {name}", "cite": ""}
    return item(name, **(given | fields))


def of(*items: dict[str, Any], **changed: Any) -> Assess:
    return weighed(written(*items, **(SETTINGS | changed)))


def carried(*items: dict[str, Any], **changed: Any) -> Carried:
    found = carried_by(of(*items, **changed))
    assert found is not None
    return found


def test_what_fits_all_alike_carries_nothing() -> None:
    alone, padded = carried(caller()), carried(caller(), log(likelihoods=NOTHING))
    assert alone == padded
    assert padded.main_rows == (("call",),)
    assert (padded.rows, padded.origins, padded.trusted) == (1, 1, False)


@pytest.mark.parametrize("pad", [NOTHING, NOTHING | {"Heron": 0.100001}, NOTHING | {"Heron": 0.11}])
def test_padding_takes_no_warning_off_a_name(pad: dict[str, float]) -> None:
    shown = show(of(caller(), *(log(f"log {n}", likelihoods=pad) for n in range(3))))
    assert shown.answer == "named"
    assert shown.headline.endswith((", by one item alone", ", nearly all of it by one item"))
    assert "No origin of what it rests on is held reliable: the best has 20.0 %." in shown.beside
    assert any("one origin, “call”." in line for line in shown.beside)


def test_an_origin_that_tells_several_things_carries_them_together() -> None:
    told = [log(f"i{n}", origin="partner", text=f"sign {n}", likelihoods=FOR) for n in range(4)]
    shown = show(of(*told, log("own", text="another", likelihoods=NOTHING | {"Heron": 0.12})))
    assert shown.headline.endswith(", nearly all of it by one origin")
    assert "Nearly all that carries it comes from one origin, “partner”." in shown.beside
    undeclared = [one | {"origin": ""} for one in told]
    shown = show(of(*undeclared, log("own", text="another", likelihoods=NOTHING | {"Heron": 0.12})))
    assert "Nearly all that carries it declares no origin: it may come from one." in shown.beside


def test_several_good_origins_carry_it_each() -> None:
    found = carried(*(log(f"i{n}", likelihoods=FOR) for n in range(4)))
    assert (found.rows, found.origins, len(found.main_rows), found.trusted) == (4, 4, 4, True)


def test_copies_are_one_row() -> None:
    twice = [log("a", observed="seen", likelihoods=FOR), log("b", observed="seen", likelihoods=FOR)]
    found = carried(*twice)
    assert (found.rows, found.main_rows) == (1, (("a", "b"),))


def test_a_lead_by_priors_alone_has_nothing_that_carries_it() -> None:
    weights = [{"id": "Heron", "weight": 1_000_000}, {"id": "Otter"}]
    for likelihoods in (NOTHING, NOTHING | {"Heron": 0.05}):
        content = of(
            log(likelihoods=likelihoods), log("b", likelihoods=likelihoods),
            hypotheses=weights, unknown_prior=0.000001,
        )  # fmt: skip
        shown = show(content)
        assert shown.answer == "named"
        assert shown.headline.endswith(", by its author’s priors alone")
        assert (
            "No item speaks for it: what its author believed before any evidence makes it lead."
            in shown.beside
        )
        assert any(
            line.startswith("Before any evidence cluster “Heron” has above 99.9 %") for line in shown.beside
        )
        assert (
            shown.hangs[-1]
            == "No loss of items could change that cluster “Heron” leads: the priors decide it."
        )
        assert "cluster “Heron” has 1,000,000 times the weight of cluster “Otter”" in " ".join(shown.limits)


def test_items_that_exclude_one_rival_each_are_no_priors_alone() -> None:
    by_turns = [
        log(
            f"i{n}",
            text=f"sign {n}",
            likelihoods={"Heron": 0.4, "Otter": 0.9, "Bittern": 0.001, "unknown": 0.1}
            if n % 2
            else {"Heron": 0.4, "Otter": 0.001, "Bittern": 0.9, "unknown": 0.1},
        )
        for n in range(4)
    ]
    content = of(
        *by_turns,
        hypotheses=[{"id": "Heron"}, {"id": "Otter"}, {"id": "Bittern"}],
        unknown_prior=0.05,
        deception_prior=0,
        name_at=0.85,
    )
    shown = show(content)
    assert (shown.answer, content.result.leader) == ("named", "Heron")
    assert carried_by(content) is not None
    assert "alone" not in shown.headline
    assert not any("No item speaks for it" in line for line in shown.beside)


def test_one_item_beside_a_strong_prior_is_not_all_of_it() -> None:
    weights = [{"id": "Heron", "weight": 12}, {"id": "Otter"}]
    content = of(
        log("sign", likelihoods={"Heron": 0.5, "Otter": 0.15, "unknown": 0.15}),
        log("nothing", likelihoods=NOTHING),
        hypotheses=weights,
        unknown_prior=0.05,
    )
    shown = show(content)
    assert shown.answer == "named"
    assert shown.headline.endswith(", by its author’s priors and one item")
    assert "What its items add to its author’s priors comes from one origin, “sign”." in shown.beside
    assert not any(line.startswith("All of it") for line in shown.beside)


def test_nothing_is_alone_where_another_loss_takes_the_name() -> None:
    three = {"hypotheses": [{"id": "Heron"}, {"id": "Otter"}, {"id": "Bittern"}], "unknown_prior": 0.05}
    content = of(
        log("sign", likelihoods={"Heron": 0.9, "Otter": 0.02, "Bittern": 0.5, "unknown": 0.02}),
        log("other", likelihoods={"Heron": 0.4, "Otter": 0.9, "Bittern": 0.05, "unknown": 0.1}),
        **three,
        name_at=0.75,
    )
    found, shown = carried_by(content), show(content)
    assert found is not None
    assert (found.rows, found.one_row, shown.answer) == (1, False, "named")
    assert " by " not in shown.headline
    assert not any("one origin" in line for line in shown.beside)


def test_what_is_judged_out_of_measure_is_told_by_whom() -> None:
    (strong,) = strong_rows(of(caller(), log(likelihoods=FOR)))
    assert (strong.items, strong.rivals) == (("call",), ("Otter", "unknown"))
    lines = show(of(caller(), log(likelihoods=FOR))).beside
    assert any(
        line.startswith(
            "“call”: judged more than 100 times likelier under cluster “Heron” than under cluster “Otter”"
        )
        for line in lines
    )
    assert strong_rows(of(log(likelihoods=FOR))) == ()


def test_what_is_too_large_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    content = of(caller(), log(likelihoods=FOR))
    monkeypatch.setattr(bearing, "CELLS_LIMIT", 5)
    shown = show(content)
    assert (carried_by(content), strong_rows(content)) == (None, ())
    assert " by " not in shown.headline
    assert "What carries the lead was not looked for here: there is too much of it." in shown.beside
