"""What a person writes is taken to the last part per million, or told where it is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError, Malformed
from comity.weighing.items_file import parse_items, read_probability
from tests.weighing.written import item, reports, weighed, written

BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "contradictory judgements": (
        written(item("a", observed="x"), item("b", observed="x", likelihoods={"Heron": 0.9, "unknown": 0.1})),
        "weighing.contradiction",
        "items/b",
    ),
    "two origins that contradict": (
        written(
            item("a", observed="x"),
            item("b", observed="x", origin="proxy", likelihoods={"Heron": 0.9, "unknown": 0.1}),
        ),
        "weighing.contradiction",
        "items/b",
    ),
    "one origin graded twice": (
        written(item("a"), item("b", reliability="D")),
        "weighing.origin",
        "items/b.reliability",
    ),
    "above one": (written(item(reliability=1.5)), "weighing.probability", "items/spray.reliability"),
    "below zero": (written(item(credibility=-0.1)), "weighing.probability", "items/spray.credibility"),
    "an impossibility": (
        written(item(likelihoods={"Heron": 0, "unknown": 0.1})),
        "weighing.probability",
        "items/spray.likelihoods/Heron",
    ),
    "an interval that runs backwards": (
        written(item(likelihoods={"Heron": [0.5, 0.1], "unknown": 0.1})),
        "weighing.interval",
        "items/spray.likelihoods/Heron",
    ),
    "three ends": (
        written(item(likelihoods={"Heron": [0.1, 0.2, 0.3], "unknown": 0.1})),
        "weighing.interval",
        "items/spray.likelihoods/Heron",
    ),
    "a name that would be cut": (
        written(hypotheses=[{"id": "Heron", "name": "h" * 201}, {"id": "Otter"}]),
        "items.text",
        "hypotheses/Heron.name",
    ),
    "a certain prior": (written(unknown_prior=1), "weighing.probability", "unknown_prior"),
    "no evidence": (written() | {"items": []}, "weighing.empty", "items"),
    "a single hypothesis": (
        written(item(likelihoods={"Heron": 0.5, "unknown": 0.1}), hypotheses=[{"id": "Heron"}]),
        "weighing.single",
        "hypotheses",
    ),
    "a hypothesis that is not there": (
        written(item(likelihoods={"Wren": 0.5, "unknown": 0.1})),
        "weighing.hypothesis",
        "items/spray.likelihoods/Wren",
    ),
    "the unknown actor left out": (
        written(item(likelihoods={"Heron": 0.5})),
        "weighing.judgement",
        "items/spray",
    ),
    "the unknown actor listed": (
        written(hypotheses=[{"id": "Heron"}, {"id": "Otter"}, {"id": "unknown"}]),
        "weighing.unknown",
        "hypotheses/unknown",
    ),
    "an item twice": (written(item(), item()), "weighing.twice", "items/spray"),
    "a grade that is none": (written(item(reliability="Z")), "weighing.grade", "items/spray.reliability"),
    "nothing judged": (written(item(likelihoods={})), "weighing.judgement", "items/spray"),
    "nothing said": (written(item(text="")), "items.text", "items/spray"),
    "too much text": (written(item(origin="x" * 201)), "items.text", "items/spray.origin"),
    "a weight of nothing": (
        written(hypotheses=[{"id": "Heron", "weight": 0}, {"id": "Otter"}]),
        "items.number",
        "hypotheses/Heron.weight",
    ),
    "actors of no knowledge": (written(hypotheses="knowledge"), "items.knowledge", "hypotheses"),
    "another version": (written(version=3), "items.version", "items.json"),
    "an unknown member": (written(country="Nowhere"), "items.form", "items.json"),
    "no name bar": ({k: v for k, v in written().items() if k != "name_at"}, "items.form", "items.json"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_with_its_place(name: str) -> None:
    file, code, where = BAD[name]
    with pytest.raises(ComityError) as error:
        weighed(file)
    assert (error.value.code, error.value.where) == (code, where)
    assert error.value.why


def test_a_grade_written_as_a_number_is_told_how_to_write_it() -> None:
    for grade in (2, 6):
        with pytest.raises(Malformed) as error:
            weighed(written(item(credibility=grade)))
        assert error.value.where == "items/spray.credibility"
        assert error.value.why.endswith(f'the grade {grade} is written as text: "{grade}"')
    with pytest.raises(Malformed) as error:
        weighed(written(item(credibility=7)))
    assert "written as text" not in error.value.why


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"\xff", b'{"version": NaN}', b'{"version": 1, "version": 1}', b"[" * 100_000,
        b'{"version": 1e999999999}', b'{"version": ' + b"9" * 5_000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_file_is_told(raw: bytes) -> None:
    with pytest.raises(Malformed) as error:
        parse_items(raw, "x.json")
    assert error.value.code == "items.form"


def test_what_is_not_json_says_where() -> None:
    with pytest.raises(Malformed) as error:
        parse_items(b'{"version": 1,\n "name_at" 3}', "x.json")
    assert error.value.why == "is not JSON: expecting ':' delimiter at line 2, column 12"


def test_a_hundred_thousand_items_are_refused_before_anything_is_weighed() -> None:
    with pytest.raises(Malformed) as error:
        weighed(written(*[item(f"i{n}") for n in range(100_000)]))
    assert error.value.code == "weighing.items"
    assert "20,000" in error.value.why


def test_an_unknown_technique_is_no_evidence() -> None:
    with pytest.raises(Malformed) as error:
        weighed(written(item(observed="T9999", likelihoods={})), reports())
    assert (error.value.code, error.value.where) == ("weighing.unheard", "items/spray")
    assert "T9999" in error.value.why


@pytest.mark.parametrize(
    "number",
    [
        "1e-999999999",
        "1e99999",
        "0.1234567",
        "0." + "9" * 40,
        "0.3" + "0" * 40 + "1",
        "1e-7",
        "1.000001",
        '"0.5"',
        "true",
        "null",
        "[0.5]",
    ],
)
def test_numbers_that_are_no_probabilities(number: str) -> None:
    raw = json.dumps(written()).replace('"unknown_prior": 0.2', f'"unknown_prior": {number}')
    file = parse_items(raw.encode(), "x")
    with pytest.raises(Malformed) as error:
        read_probability(file.unknown_prior, "unknown_prior")
    assert (error.value.code, error.value.where) == ("weighing.probability", "unknown_prior")


@given(st.integers(0, 1_000_000))
def test_six_digits_are_kept(ppm: int) -> None:
    raw = json.dumps(written()).replace("0.2,", f"{ppm // 1_000_000}.{ppm % 1_000_000:06d},", 1)
    assert read_probability(parse_items(raw.encode(), "x").unknown_prior, "x") == ppm


def test_what_a_person_wrote_stands_in_the_record() -> None:
    content = weighed(written(item(likelihoods={"Heron": [0.3, 0.5], "others": 0.05, "unknown": 0.1})))
    (one,) = content.items
    assert (one.grades, one.reliability, one.credibility) == ("B2", 900_000, 900_000)
    assert one.others == (50_000, 50_000)
    assert [(j.hypothesis, j.low, j.high) for j in one.judgements] == [
        ("Heron", 300_000, 500_000),
        ("unknown", 100_000, 100_000),
    ]
    assert [(c.id, c.weight) for c in content.hypotheses] == [("Heron", 1), ("Otter", 2)]


def test_knowledge_names_hypotheses_and_answers() -> None:
    content = weighed(
        written(item(observed="T1", likelihoods={}, text=""), hypotheses="knowledge"), reports()
    )
    assert [(c.id, c.name, c.reports) for c in content.hypotheses] == [
        ("Heron", "grey heron", 4),
        ("Otter", "", 2),
        ("Wren", "", 1),
    ]
    (one,) = content.items
    assert (one.by, one.text) == ("knowledge", "T1 Spraying")
    assert {j.hypothesis: j.mentions for j in one.judgements}["Heron"] == 2


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        (b"\xff\xfe{\x00}\x00", "is not UTF-8 text: byte 1"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"version": 1' + b"0" * 5_000 + b"}", "a number of 5,001 digits"),
        (b"[]", "Expected `object`"),
    ],
)
def test_what_is_no_file_of_items_is_told_in_plain_words(raw: bytes, told: str) -> None:
    with pytest.raises(Malformed) as error:
        parse_items(raw, "items.json")
    assert (error.value.code, error.value.where) == ("items.form", "items.json")
    assert told in error.value.why


def test_a_byte_order_mark_and_crlf_are_no_part_of_the_text() -> None:
    raw = json.dumps(written(), indent=1).encode()
    assert parse_items(b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n"), "f") == parse_items(raw, "f")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("name_at", 0.3, "0.3 is not a probability from 0.500001 to 1"),
        ("planting", 0.9, "0.9 is not a probability from 0 to 0.5"),
        ("unknown_prior", 1, "1 is not a probability from 0.000001 to 0.999999"),
        ("tempering", 0, "0 is not a probability from 0.000001 to 1"),
        ("withstand", "0.5", "the text '0.5' is not a probability"),
        ("deception_prior", None, "null is not a probability"),
        ("deception_prior", True, "true is not a probability"),
        ("deception_prior", [0.1], "a list is not a probability"),
    ],
)
def test_a_setting_out_of_bounds_is_told_as_the_file_writes_it(name: str, value: object, told: str) -> None:
    with pytest.raises(Malformed) as error:
        weighed(written(**{name: value}))
    assert (error.value.code, error.value.where) == ("weighing.probability", name)
    assert told in error.value.why


@pytest.mark.parametrize("label", ["unknown", "Unknown", " UNKNOWN", "others", "Others"])
def test_a_label_that_stands_for_something_else_is_refused(label: str) -> None:
    with pytest.raises(Malformed) as error:
        weighed(written(hypotheses=[{"id": label}, {"id": "Heron"}]))
    assert error.value.code == "weighing.unknown"


def test_hypotheses_are_looked_at_before_what_is_judged_of_them() -> None:
    for hypotheses, code in (
        ([{"id": "Heron"}], "weighing.single"),
        ([{"id": "Heron"}, {"id": "Heron"}], "weighing.twice"),
        ([], "weighing.single"),
    ):
        with pytest.raises(Malformed) as error:
            weighed(written(item(likelihoods={"Otter": 0.3, "unknown": 0.1}), hypotheses=hypotheses))
        assert error.value.code == code


def test_what_one_origin_says_again_counts_once() -> None:
    once = weighed(written(item("a", origin="partner", text="It was Heron.")))
    again = [
        item(f"a{n}", origin="partner", text=text)
        for n, text in enumerate(("It was Heron.", "it was  heron."))
    ]
    told = weighed(written(*again, item("a9", origin="partner", text="It was Heron.")))
    assert [one.observed for one in told.items] == ["", "a0", "a0"]
    assert told.result.counted == 1
    assert [one.posterior for one in told.result.standings] == [
        one.posterior for one in once.result.standings
    ]
    others = [{**one, "origin": f"o{n}"} for n, one in enumerate(again)]
    assert weighed(written(*others)).result.counted == 2
    seen = [{**one, "observed": f"s{n}"} for n, one in enumerate(again)]
    assert weighed(written(*seen)).result.counted == 2
    otherwise = [again[0], {**again[1], "likelihoods": {"Heron": 0.7, "unknown": 0.2}}]
    with pytest.raises(Malformed, match="judged otherwise"):
        weighed(written(*otherwise))


@pytest.mark.parametrize(
    ("broken", "where", "why"),
    [
        ('{"version": 1}', "items.json", "outermost value: Object missing required field `question`"),
        (
            '{"version": 1,\n "question": "NaN",\n "name_at": NaN}',
            "items.json: line 3",
            "NaN is not a number",
        ),
        ('{"a": -Infinity}', "items.json: line 1", "-Infinity is not a number"),
        (json.dumps(written(item("hours", likelihoods=7))), "items.json: items/hours.likelihoods", "object"),
        (json.dumps(written({"text": "x"})), "items.json: items/number 1", "missing required field `id`"),
        (json.dumps(written(asks=[{"id": "lease"}])), "items.json: asks/lease", "`reliability`"),
    ],
)
def test_what_breaks_the_form_is_told_with_its_place(broken: str, where: str, why: str) -> None:
    with pytest.raises(Malformed, match=why) as error:
        parse_items(broken.encode(), "items.json")
    assert error.value.where == where


@pytest.mark.parametrize("label", ["unk\u200bnown", "UNKNOWN ", "unkn\u043ewn", "Others"])
def test_no_label_of_a_file_is_written_like_the_unknown_actors(label: str) -> None:
    with pytest.raises(Malformed) as error:
        weighed(written(hypotheses=[{"id": "Heron"}, {"id": label}]))
    assert error.value.code == "weighing.unknown"


def test_a_digest_of_knowledge_that_nobody_names_is_refused() -> None:
    with pytest.raises(Malformed) as error:
        weighed(written(knowledge_digest="0" * 64))
    assert (error.value.code, error.value.where) == ("items.knowledge", "items.json: knowledge_digest")
