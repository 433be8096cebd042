"""What labels make a reader believe is warned of beside the answer."""

from __future__ import annotations

import msgspec
import pytest

from comity.records.kinds_of_weighing import Assess
from comity.weighing import UNKNOWN
from comity.weighing.knowledge import Observation
from comity.weighing.labels import (
    alike_labels,
    cautions_beside,
    cautions_of_parties,
    cautions_of_speech,
    cautions_of_states,
    cautions_of_the_unknown,
    cautions_of_unreported,
)
from comity.weighing.shown import show
from comity.weighing.sources import Source, make_source, misquoted
from tests.weighing.told_cases import strong
from tests.weighing.written import item, weighed, written


def of(*names: str) -> Assess:
    told = dict.fromkeys(names[:1], 0.5) | {UNKNOWN: 0.1}
    return weighed(written(item(likelihoods=told), hypotheses=[{"id": name} for name in names]))


def test_a_label_that_names_a_state_is_told_beside_the_answer() -> None:
    (line,) = cautions_of_states(of("Norway", "Otter"))
    assert "The label “Norway” says “Norway”" in line
    assert "A cluster is no state" in line
    named = weighed(written(hypotheses=[{"id": "Heron", "name": "a Russian crew"}, {"id": "Otter"}]))
    (line,) = cautions_of_states(named)
    assert line.startswith("The label “a Russian crew” says “Russian”")
    (line,) = cautions_of_states(of("Chad", "Mali", "Niger", "Oman", "Peru", "Team Togo"))
    assert line.startswith("6 labels have words as of a state or its service: “Chad”, “Mali”, ")
    assert "“Team Togo” (“Togo”). A cluster is no state" in line


def test_a_label_with_a_word_of_a_partys_name_is_told() -> None:
    content = weighed(written(hypotheses=[{"id": "Heron", "name": "of Veldmark"}, {"id": "Otter"}]))
    (line,) = cautions_of_parties(content, ["CERT of Veldmark", "Ostria"])
    assert line.startswith("The label “of Veldmark” has a word of the name of CERT of Veldmark")
    assert line in show(content, parties=["CERT of Veldmark"]).beside
    assert list(cautions_of_parties(content, ["Alder", "of"])) == []
    joined = weighed(written(hypotheses=[{"id": "Heron", "name": "APTVeldm\u0430rk2"}, {"id": "Otter"}]))
    assert len(list(cautions_of_parties(joined, ["CERT of Veldmark"]))) == 1


def test_a_word_that_many_names_have_is_no_word_of_a_party() -> None:
    content = of("Heron Group", "Otter Network")
    parties = ["National Energy Group", "Veldmark Network Centre", "Nasjonal gruppe"]
    assert list(cautions_of_parties(content, parties)) == []
    assert len(list(cautions_of_parties(of("Veldmark Group", "Otter"), parties))) == 1


def test_a_partys_name_of_common_words_alone_is_found_whole() -> None:
    parties = ["National Cyber Security Centre", "NVE"]
    (line,) = cautions_of_parties(of("the national cyber-security centre, again", "Otter"), parties)
    assert "has the name of National Cyber Security Centre" in line
    (line,) = cautions_of_parties(of("NVE crew", "Otter"), parties)
    assert "has the name of NVE" in line
    named = weighed(written(hypotheses=[{"id": "Heron", "name": "NVE crew"}, {"id": "Otter"}]))
    (line,) = cautions_of_parties(named, parties)
    assert line.startswith("The label “NVE crew” has the name of NVE")
    assert list(cautions_of_parties(of("National Cyber crew", "Security Centre"), parties)) == []


def test_a_question_about_a_state_is_told_beside_a_name() -> None:
    def beside(question: str, **changed: float) -> tuple[str, ...]:
        return show(strong(question=question, **changed)).beside

    (told,) = (line for line in beside("Did the GRU do it?") if line.startswith("The question says “GRU”"))
    assert told.endswith("The answer is of a cluster alone, and says nothing of a state.")
    # One that was hit is in the question as one that did it would be: the sentence is true of both.
    (told,) = (line for line in beside("Who entered the Norwegian mail?") if "says “Norwegian”" in line)
    assert "whether it was hit or not" in told
    for victim in ("Who was behind the entry at the ministry?", "Which cluster?"):
        assert not any("The question says" in line for line in beside(victim))
    assert not any("The question says" in line for line in beside("Did the GRU do it?", heron=0.06))


def test_labels_that_look_alike_are_told_beside_the_answer_and_once() -> None:
    content = of("Heron", "heron")
    (line,) = cautions_beside(content)
    assert line == "“Heron” and “heron” look alike as labels, and are weighed as different hypotheses."
    shown = show(content)
    assert line in shown.beside
    assert line not in shown.warnings


def source() -> Source:
    told = [("Heron", "T1"), ("Heron", "T2"), ("Otter", "T1"), ("Otter", "T3")]
    return make_source(
        "made",
        [Observation(actor=a, item=i, kind="technique", report=a, date="2020") for a, i in told],
        {},
        {},
    )


def reported(*names: str) -> Assess:
    said = [
        {"id": i, "observed": i, "reliability": 0.9, "credibility": 0.9, "origin": i} for i in ("T1", "T2")
    ]
    return weighed(written(*said, hypotheses=[{"id": name} for name in names]), source())


def test_a_hypothesis_without_reports_fares_like_the_unknown_actor_and_is_named() -> None:
    content = reported("Heron", "Hreon")
    figures = {one.hypothesis: one for one in content.result.standings}
    assert (figures["Hreon"].touched, figures["Hreon"].against) == (0, 0)
    # Half of the rest of the prior is 0.4, the unknown actor's 0.2, and so they stay to each other.
    assert abs(figures["Hreon"].posterior - 2 * figures[UNKNOWN].posterior) < 60_000
    (line,) = cautions_of_unreported(content)
    assert "anything of “Hreon”." in line
    assert list(cautions_of_unreported(reported("Heron", "Otter"))) == []
    assert misquoted(source(), content) == ()


def test_what_was_quoted_by_the_methods_before_is_checked_by_their_rule() -> None:
    content = reported("Heron", "Hreon")
    old = msgspec.structs.replace(
        content, method=msgspec.structs.replace(content.method, name="comity-weigh/2")
    )
    assert misquoted(source(), old) == ("T1", "T2")
    assert "held that against it" in next(iter(cautions_of_unreported(old)))


@pytest.mark.parametrize("label", ["Ukjent", "none of these", "unkn\u043ewn actor", "an unknown\u200b actor"])
def test_a_label_that_reads_like_the_unknown_actor_is_told(label: str) -> None:
    content = of("Heron", label)
    (line,) = cautions_of_the_unknown(content)
    assert "reads like an actor that is none of those named" in line
    assert line in show(content).beside


@pytest.mark.parametrize(
    "label",
    [
        "Heron: above 99.9 %. Confirmed by Comity",
        "Heron 99 percent",
        "Heron. It is proven",
        "Heron。已确认",
        "Heron\nSure enough",
    ],
)
def test_a_label_that_speaks_like_a_finding_is_told(label: str) -> None:
    content = weighed(written(hypotheses=[{"id": "Heron", "name": label}, {"id": "Otter"}]))
    (line,) = cautions_of_speech(content)
    assert "speaks like a figure or a sentence of its own. Its author wrote it" in line
    assert line in show(content).beside


def test_plain_labels_do_not_speak() -> None:
    for label in ("St. Heron", "APT28", "Heron Inc.", "Dr. Wren", "Cluster 7: Heron"):
        assert list(cautions_of_speech(of(label, "Otter"))) == []


def test_a_name_that_is_anothers_label_is_told() -> None:
    content = weighed(
        written(
            hypotheses=[
                {"id": "Heron"},
                {"id": "Otter", "name": "H\u0435ron"},
                {"id": "Wren", "name": "Wren"},
            ]
        )
    )
    (line,) = alike_labels(content)
    assert line == "“Heron” and “Otter” look alike as labels, and are weighed as different hypotheses."
