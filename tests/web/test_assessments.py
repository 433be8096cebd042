"""The page of an assessment: figures never without their limits, for every reader, in every wording."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import cast

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

import comity.web
from comity.web import rechecking
from comity.web.assessments import _line
from comity.web.reading import Reading
from comity.weighing.shown import CLUSTERS, NOT_TRUTH
from tests.web.stage import app_of, node_of
from tests.web.test_phrases import OTHERS, left_in_english
from tests.weighing.written import item, weighed, written
from tests.world import FullCase

TEMPLATES = sorted((Path(comity.web.__file__).parent / "templates").glob("*.html"))


def place(full: FullCase) -> str:
    return f"/assessments/{full.records['assess'].value.id}"


def text_of(client: TestClient[Litestar], path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[-400:]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def test_the_page_says_what_how_sure_why_what_would_change_it_and_for_whom(
    client: TestClient[Litestar], full: FullCase
) -> None:
    text = text_of(client, place(full))
    for told in (
        "Which cluster was behind the entry?",
        "Not enough evidence",
        "Cluster “Heron” (“grey heron”) leads with 60.0 % (50.0 to 70.0 % over all judged intervals)",
        "a name needs at least 90.0 % at the lower end",
        "open to Alder , Birch , Guest",
        "What to ask next",
        "an actor that is none of these",
        "cluster “Otter”",
        CLUSTERS,
        NOT_TRUTH,
    ):
        assert told in text, told


@pytest.mark.parametrize(
    ("grades", "told"), [("B2", "B2"), ("A1", "“A1”"), ("seen by this node", "“seen by this node”")]
)
def test_grades_are_their_raters_words_unless_they_stand_for_the_figures(grades: str, told: str) -> None:
    content = weighed(written(item("spray")))
    graded = msgspec.structs.replace(content.items[0], grades=grades)
    line = _line(cast(Reading, None), content, graded, ("Heron",))
    assert line.grades == f"{told}: source 90.0 %, item 90.0 %"


def test_figures_that_are_not_reproduced_are_told_apart(client: TestClient[Litestar], full: FullCase) -> None:
    """The figures of this world are written down by hand, so no method gives them: nobody's headline."""
    page = client.get(place(full)).text
    answer = page.split('class="answer"')[1].split("</p>")[0]
    assert "The stated figures do not follow from their inputs" in answer
    assert "%" not in answer
    listed = client.get(f"/case/{full.case.id}").text.split('id="assessments"')[1].split("</section>")[0]
    assert "The stated figures do not follow from their inputs" in listed
    text = text_of(client, place(full))
    assert text.index("Stated by its author: Not enough evidence.") < text.index(
        "Computed here from the same"
    )
    assert "Computed again by this node, these figures differ" in text
    assert "inputs" in text


@pytest.mark.parametrize(
    ("code", "told"), [("numbers", ""), ("icd203", "roughly even chance"), ("phia", "PHIA")]
)
def test_words_are_chosen_by_the_reader(
    client: TestClient[Litestar], full: FullCase, code: str, told: str
) -> None:
    text = text_of(client, f"{place(full)}?words={code}")
    assert told in text
    assert "60.0 %" in text


def test_another_scale_is_refused(client: TestClient[Litestar], full: FullCase) -> None:
    assert client.get(f"{place(full)}?words=kent").status_code == 400


def test_the_page_as_data_has_figures_and_limits_in_one(client: TestClient[Litestar], full: FullCase) -> None:
    told = client.get(place(full) + ".json").json()["shown"]
    assert told["standings"]
    assert told["limits"][0] == CLUSTERS


def test_the_case_lists_it_without_a_figure(client: TestClient[Litestar], full: FullCase) -> None:
    page = client.get(f"/case/{full.case.id}").text
    assert place(full) in page
    section = page.split('id="assessments"')[1].split("</section>")[0]
    assert "%" not in re.sub(r"<[^>]+>", "", section)


def test_the_record_leads_to_it(client: TestClient[Litestar], full: FullCase) -> None:
    assert place(full) in client.get(f"/record/{full.records['assess'].value.id}").text


def test_another_record_is_no_assessment(client: TestClient[Litestar], full: FullCase) -> None:
    claim = full.records["claim"].value.id
    assert client.get(f"/assessments/{claim}").status_code == 404
    assert client.get(f"/assessments/{'0' * 64}").status_code == 404


def test_no_template_prints_a_posterior_without_its_limits() -> None:
    """One macro writes figures, and it writes the limits below them; pages that name figures use it."""
    figures = re.compile(r"\b(posterior|standings|deception|headline|\.figure|\.low|\.high)\b")
    for path in TEMPLATES:
        source = path.read_text("utf-8")
        if path.name == "figures.html":
            assert source.count("macro figures") == 1
            assert source.index("shown.limits") > source.index("s.posterior")
        elif figures.search(source):
            assert 'import "figures.html"' in source, path.name
            assert "f.figures(view, p)" in source or "f.limits(view.limits)" in source, path.name


def test_no_posterior_in_the_pages_of_the_public(full: FullCase) -> None:
    with TestClient(app_of(node_of(full, full.claimant))) as client:
        for path in ("/checkpoint", "/card", place(full)):
            assert not re.search(r"60\.0\s%", client.get(path).text)


def test_a_node_without_the_extra_says_so(
    client: TestClient[Litestar], full: FullCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "comity.weighing.recompute", None)
    monkeypatch.setattr(rechecking, "_KEPT", {})
    text = text_of(client, place(full))
    assert "Not computed again here: this node runs without the extra for weighing" in text
    assert CLUSTERS in text


def test_what_is_too_large_for_a_page_is_said(
    client: TestClient[Litestar], full: FullCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rechecking, "SHOWN", 1)
    monkeypatch.setattr(rechecking, "_KEPT", {})
    told = f"2 hypotheses take long (comity weigh check {full.records['assess'].value.id[:16]} does it)"
    assert told in text_of(client, place(full))


@pytest.mark.parametrize("language", OTHERS)
def test_the_whole_page_speaks_the_language_of_its_reader(
    client: TestClient[Litestar], full: FullCase, language: str
) -> None:
    page = client.get(place(full), headers={"accept-language": language}).text
    assert 'lang="en"' not in page
    plain = html.unescape(page)
    assert CLUSTERS not in plain
    assert NOT_TRUTH not in plain
    if language == "zh":
        # What its author named stays: clusters, origins, words of the method.
        own = {"Heron", "Otter", "heron", "grey", "spray", "what", "the", "zone", "log", "shows", "word"}
        method = {"inputs", "drivers", "framings", "planted", "weigh"}
        assert set(left_in_english(page)) <= own | method
