"""The acting pages in a person's language: no message is missing, and no words of others are touched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.web import chrome, phrases, render
from comity.web.acting import FORMS
from comity.web.phrases import LANGUAGES, Speech, choose_language, messages_in, phrase
from comity.weighing.likelihood_words import interval, percent
from tests.web.acting import Person, person_at
from tests.web.messages import all_messages
from tests.web.stage import Live, reading_pages, tell

OTHERS = LANGUAGES[1:]


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Live:
    return tell(tmp_path_factory.mktemp("spoken"))


@pytest.mark.parametrize("language", OTHERS)
def test_no_message_is_missing_or_left_over(language: str) -> None:
    wanted, held = all_messages(), messages_in(language)
    assert sorted(wanted - held.keys()) == []
    assert sorted(held.keys() - wanted) == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_part_of_a_message_stands_in_its_translation(language: str) -> None:
    for message, said in messages_in(language).items():
        assert said.strip(), message
        parts = [f"part{n}" for n in range(message.replace("{{", "").replace("}}", "").count("{}"))]
        if parts:
            made = said.format(*parts)
            assert all(made.count(part) == 1 for part in parts), message
        if re.fullmatch(r"[^{}]*", message):
            assert "{" not in said, message


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("nb-NO,nb;q=0.9,en;q=0.8", "nb"),
        ("no", "nb"),
        ("nn;q=0.5, en;q=0.4", "nb"),
        ("zh-TW", "zh"),
        ("fr, de;q=0.9", "en"),
        ("fr, zh-Hans;q=0.3", "zh"),
        ("zh;q=0, nb;q=0.1", "nb"),
        ("en-GB, nb", "en"),
        ("nb;q=nonsense", "en"),
        (";;;,,,=q", "en"),
    ],
)
def test_the_browser_says_which_language(accepted: str, language: str) -> None:
    assert choose_language(accepted) == language


@given(st.text().filter(lambda text: "," not in text or not text[0].isdigit()), st.sampled_from(OTHERS))
def test_words_of_others_stay_as_they_are(words: str, language: str) -> None:
    speech = Speech(language)
    assert speech.only(words) == words
    assert words in speech(phrase("in assertion {}", words))
    assert words in speech(phrase("{}{}", phrase("nothing"), words))


def test_figures_are_grouped_as_the_language_does() -> None:
    """In Norwegian ``1,410`` is less than two."""
    assert Speech("nb")(phrase("row {}", "1,410")) == "rad 1\u00a0410"
    assert Speech("nb").figure("12,345,678") == "12\u00a0345\u00a0678"
    assert Speech("en")(phrase("row {}", "1,410")) == "row 1,410"
    assert Speech("nb").only("1,410 rows, says a party") == "1,410 rows, says a party"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_breaks_between_a_figure_and_its_sign(language: str) -> None:
    speech = Speech(language)
    for told in (percent(900_000), percent(1), interval(100_000, 900_000), interval(1, 900_000)):
        assert "\u00a0%" in speech(told)
        assert " %" not in speech(told)
    assert speech.only(phrase("“{}”", "90 % sure, says its author")) == "“90 % sure, says its author”"


def test_a_party_that_is_called_like_a_message_keeps_its_name() -> None:
    speech = Speech("nb")
    assert speech(phrase("Hand an item over")) == "Overlever en gjenstand"
    assert speech.only("everyone") == "everyone"
    assert speech.only(phrase("everyone")) == "alle"
    assert speech(phrase("{}: {}", "no", phrase("no"))) == "no: nei"


class Unmarked(Speech):
    """Also gathers messages that a page gives as if they were the words of somebody else."""

    def only(self, text: str) -> str:
        if type(text) is str and " " in text and text in messages_in(self.language):
            self.missing.add(f"unmarked: {text}")
        return super().only(text)


class Spoken:
    """Every speech that pages were made with."""

    def __init__(self) -> None:
        self.used: list[Speech] = []

    def __call__(self, accepted: str) -> Speech:
        self.used.append(Unmarked(choose_language(accepted)))
        return self.used[-1]

    @property
    def missing(self) -> set[str]:
        # Errors of the core carry their code and stay in English.
        return {m for speech in self.used for m in speech.missing if not m.endswith("]")}


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> Spoken:
    found = Spoken()
    monkeypatch.setattr(chrome, "speech_of", found)
    return found


@pytest.fixture
def persons(acted: Live) -> Iterator[tuple[Person, Person]]:
    with person_at(acted.world.nodes[0]) as one, person_at(acted.world.nodes[1]) as other:
        yield one, other


def addresses(live: Live) -> dict[str, list[str]]:
    """Where each form is opened, by whom."""
    state = live.world.nodes[0].state(live.case)
    request = state.of("request.make")[0].id
    notice = state.of("notice.give")[0].id
    seal, target = f"seal={live.seal}", f"target={live.claim}"
    return {
        "0": [
            *("request", "claim", "find", "publish", "close", "statement", "action", "table", "match-offer"),
            *("assess", f"disclose?{seal}", f"transfer?{seal}", f"hold?{seal}", f"erase-item?{seal}"),
            *(
                f"notice?{target}",
                f"withdraw?{target}",
                f"amend?about={live.claim}.0",
                f"seal?item={live.root}",
            ),
            *(f"answer?about-record={request}", f"more-time?about-record={request}"),
            *(f"erase-record?about-record={live.seal}",),
        ],
        "1": [
            *(
                f"respond?{target}",
                f"endorse?{target}.0",
                f"rerun?finding={live.finding}",
                f"erase-item?{seal}",
            ),
            *(f"acknowledge?about-record={notice}", f"accept-terms?about-record={live.rows}"),
            *(f"take-back?about-record={request}", f"more-time?about-record={request}"),
        ],
    }


@pytest.mark.parametrize("language", OTHERS)
def test_every_form_speaks_it_empty_and_refused(
    acted: Live, spoken: Spoken, persons: tuple[Person, Person], language: str
) -> None:
    opened = set()
    for who, places in addresses(acted).items():
        person = persons[int(who)]
        person.client.headers["accept-language"] = language
        for place in places:
            page = person.client.get(f"/act/{acted.case}/{place}")
            if page.status_code != 200:
                continue
            opened.add(place.partition("?")[0])
            assert f'<html lang="{language}"' in page.text
            person.send(f"/act/{acted.case}/{place}", "review", {}, page.text)
    assert len(opened) > 20, opened
    assert opened <= FORMS.keys() | {"assess"}
    assert spoken.missing == set()


def test_reviews_speak_it_and_leave_the_record_as_it_is(
    acted: Live, spoken: Spoken, persons: tuple[Person, Person]
) -> None:
    person, birch = persons[0], acted.world.nodes[1].party.id
    person.client.headers["accept-language"] = "nb"
    case = acted.case
    review = person.review(
        f"/act/{case}/request",
        {"to": birch, "type": "evidence", "text": "everyone", "due": "2099-01-01 10:00"},
    )
    assert "Før du signerer" in review
    assert '<dd class="pre"><bdi>everyone</bdi></dd>' in review
    assert "&#34;type&#34;: &#34;evidence&#34;" in review
    person.review(
        f"/act/{case}/claim",
        {"title": "Tittel", "text-1": "A mailbox was exported.", "stance-1": "claims", "level-1": "tactical"},
    )
    person.review(
        f"/act/{case}/transfer?seal={acted.seal}",
        {"to": birch, "purpose": "to look", "copy": "working", "means": "disk", "container": "7"},
    )
    person.review(f"/act/{case}/hold?seal={acted.seal}", {"basis": "law"})
    person.review(
        f"/act/{case}/erase-item?seal={acted.seal}", {"copies": "all", "basis": "law", "sure": "yes"}
    )
    person.review(
        f"/act/{case}/disclose?seal={acted.seal}",
        {
            "level": "rows",
            "rows": "9",
            "to": [birch],
            "use": "defence",
            "onward": "no",
            "basis": "law",
            "consent": "own",
            "understood": "yes",
        },
    )
    person.review(
        f"/act/{case}/match-offer",
        {
            "indicators": "192.0.2.7",
            "name": "n",
            "purpose": "p",
            "to": [birch],
            "quota": "2",
            "use": "defence",
        },
    )
    person.review(f"/act/{case}/publish", {"without-notice": "none"})
    person.review(f"/act/{case}/close", {"outcome": "settled", "text": "done"})
    assert spoken.missing == set()


def test_the_catalogues_are_sorted_and_read_as_they_are_written() -> None:
    folder = Path(phrases.__file__).parent / "messages"
    assert {path.stem for path in folder.glob("*.json")} == set(OTHERS)
    for language in OTHERS:
        assert list(messages_in(language)) == sorted(messages_in(language))


# Words of records and of machines, that no language changes.
OWN = re.compile(
    r"№|UTC|JSON|RFC|CASE|UCO|OpenPGP|Comity|Markdown|ATT|CK|MISP|ICD|PHIA|TLP|AMBER|sub|payload|"
    r"Alder|Birch|Cedar|csv|alder|birch|cedar|example|http|C-[0-9a-f]+|[0-9a-f]{4,}|"
    r"[a-z]+\.[a-z]+|mail|night|yml|comity|serve|sync|case|open|product|gateway|action"
)


@pytest.mark.parametrize("language", OTHERS)
def test_every_page_that_shows_speaks_it(
    acted: Live,
    spoken: Spoken,
    persons: tuple[Person, Person],
    language: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(render, "speech_of", spoken)
    for person in persons:
        person.client.headers["accept-language"] = language
        for place in reading_pages(acted):
            page = person.client.get(place)
            assert f'<html lang="{language}"' in page.text, place
            assert "Intact and reproduced" not in page.text
            if language == "zh" and page.status_code == 200:
                assert left_in_english(page.text) == [], place
    assert spoken.missing == set()


def left_in_english(page: str) -> list[str]:
    """Words in Latin letters that a page says as its own: not a party's, not a machine's, not a record's."""
    text = re.sub(r"(?s)<(script|style|pre|code|svg|textarea|head)\b.*?</\1>", " ", page)
    text = re.sub(
        r"(?s)<(q|blockquote|del|ins|bdi|span|option)\b[^>]*(?:lang=\"|who)[^>]*>.*?</\1>", " ", text
    )
    text = re.sub(r"(?s)<bdi>.*?</bdi>", " ", text)
    text = OWN.sub(" ", re.sub(r"<[^>]*>", " ", text))
    return re.findall(r"[A-Za-z]{3,}", text)


def test_a_probability_has_the_decimals_of_the_language() -> None:
    told = [percent(721_000), interval(602_000, 800_000), interval(1, 800_000), percent(1)]
    nb, zh = (Speech(language) for language in OTHERS)
    assert [nb(one) for one in told] == [
        "72,1\u00a0%",
        "60,2 til 80,0\u00a0%",
        "under 0,1\u00a0% til 80,0\u00a0%",
        "under 0,1\u00a0%",
    ]
    assert [zh(one) for one in told] == [
        "72.1\u00a0%",
        "60.2 至 80.0\u00a0%",
        "低于 0.1\u00a0% 至 80.0\u00a0%",
        "低于 0.1\u00a0%",
    ]
    # What somebody called a thing keeps its dots.
    assert nb(phrase("{} {}", "T1.5", percent(721_000))) == "T1.5 72,1\u00a0%"
